import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// The proxy of a machine that is another program, on a link to one of our machines.
///
/// Our machine and its supervisor see a machine on another host: linked when the proxy has said
/// hello, dead when its link ends. The proxy answers notes as that machine's supervisor would, and
/// holds arrivals until their delay is over. Messages, markers and snapshot parts come from the
/// program.
package final class ForeignMachineProxy {
  /// What the proxy tells the program.
  package enum News: Hashable, Sendable {
    /// Our machine has accepted the proxy's hello.
    case linked
    /// All machines begin that many nanoseconds from now, at this time since the Unix epoch. Only
    /// the proxy at the leader hears it.
    case begins(after: TimeSpan, SystemInstant)
    /// A message of our machine: its reading, and the values of its fields.
    case message(reading: UInt64, values: [FieldValue])
    /// A marker of our machine for this snapshot.
    case marker(SnapshotID)
    /// The program must begin this snapshot. Only the proxy at the leader hears it.
    case beginSnapshot(SnapshotID)
  }

  /// Our machine is not a peer any more, for this reason.
  package struct Ended: Error, Hashable, Sendable {
    /// Why, in words for the program.
    package let reason: String
  }

  private let link: PeerConnection
  private let machine: MachineID
  private let host: MachineID
  private var delayLine: DelayLine<News>
  /// How many snapshots the program was told to begin.
  private var begunCount: UInt32 = 0

  /// Starts to dial our machine.
  ///
  /// - Parameters:
  ///   - machine: The foreign machine.
  ///   - setup: Our machine's endpoint, and what a hello to it needs.
  ///   - poller: The loop's poller.
  ///   - token: The link's token in the poller.
  /// - Throws: ``SystemError`` when there is no descriptor left.
  package init(
    for machine: MachineID, at setup: ForeignSetup, poller: Poller, token: UInt64
  ) throws(SystemError) {
    self.machine = machine
    host = setup.host
    delayLine = DelayLine(plan: setup.plan, target: machine, sources: [setup.host])
    link = try PeerConnection(
      to: setup.host, at: setup.endpoint,
      hello: WireMessage.Hello(id: machine, token: setup.token, planDigest: setup.planDigest),
      poller: poller, token: token)
  }

  /// Ends the link, so that our machine sees the foreign one as dead; sends it the reason first.
  package func end(because reason: String? = nil) {
    if let reason {
      link.enqueue(SupervisorNote.message(.failed(reason: reason)).bytes)
      link.flush()
    }
    link.end()
  }

  /// When the next delay is over; never when nothing is held.
  package var nextDue: MonotonicInstant { delayLine.nextDue }

  /// Releases the arrivals whose delay is over.
  ///
  /// - Parameters:
  ///   - now: The time, on the monotonic clock.
  ///   - tell: Called with each, in order.
  package func release(now: MonotonicInstant, _ tell: (News) -> Void) {
    while let (_, news) = delayLine.popDue(now: now) { tell(news) }
  }

  /// Writes what waits, as far as the link takes it.
  package func flush() { link.flush() }

  /// Handles the link's descriptor.
  ///
  /// - Parameters:
  ///   - isReadable: Whether something can be read.
  ///   - isWritable: Whether something can be written.
  ///   - tell: Called with the program's news, in order.
  /// - Throws: ``Ended`` when the link has ended.
  package func handle(
    isReadable: Bool, isWritable: Bool, _ tell: (News) -> Void
  ) throws(Ended) {
    let isThere: Bool
    do throws(FrameError) {
      isThere = try link.handle(isReadable: isReadable, isWritable: isWritable) { take($0, tell) }
    } catch {
      throw Ended(reason: "\(error)")
    }
    if !isThere { throw Ended(reason: "the machine has ended") }
  }

  private func take(_ arrival: PeerConnection.Arrival, _ tell: (News) -> Void) {
    switch arrival {
    case .linked:
      tell(.linked)
    case .message(let reading, let content):
      hold(.message(reading: reading, values: content.values), isMessage: true, tell)
    case .marker(let initiator, let number):
      hold(.marker(SnapshotID(initiator: initiator, number: number)), isMessage: false, tell)
    case .fragmented(let bytes):
      if let note = try? SupervisorNote(bytes: bytes[...]) { answer(note, tell) }
    }
  }

  private func hold(_ news: News, isMessage: Bool, _ tell: (News) -> Void) {
    let now = MonotonicInstant.now
    if !delayLine.hold(news, from: host, isMessage: isMessage, now: now) { tell(news) }
  }

  private func answer(_ note: SupervisorNote, _ tell: (News) -> Void) {
    switch note {
    case .message(.ask(let number)):
      link.enqueue(SupervisorNote.message(.answer(number)).bytes)
    case .message(.begin(let after, let instant)):
      tell(.begins(after: after, instant))
    case .report(.finished):
      // The program has no tick schedule: it counts as finished when our machine does.
      report(.finished(MachineProgress()))
    case .message(.beginSnapshot):
      begunCount += 1
      tell(.beginSnapshot(SnapshotID(initiator: machine, number: begunCount)))
    // Machines that speak gRPC cannot go back.
    case .report, .message(.answer), .message(.abortSnapshot), .message(.interrupted),
      .message(.failed), .message(.stands), .message(.goBack), .message(.died),
      .message(.snapshotOver):
      break
    }
  }

  private func report(_ report: MachineReport) { link.enqueue(SupervisorNote.report(report).bytes) }

  // MARK: What the program says

  /// Reports to our machine's supervisor that the program has all its channels.
  package func assembled() { report(.linked) }

  /// Sends a message with these values of its fields, in their order.
  ///
  /// - Returns: Whether there was room for it.
  package func send(reading: UInt64, values: [FieldValue]) -> Bool {
    link.send(.message(reading: reading, content: MessageContent(values)))
  }

  /// Sends a marker.
  ///
  /// - Returns: Whether there was room for it.
  package func sendMarker(_ id: SnapshotID) -> Bool {
    link.send(.marker(initiator: id.initiator, number: id.number))
  }

  /// Reports the foreign machine's part of a snapshot that our machine has begun.
  package func finishedPart(_ part: RecordedPart) {
    report(.finishedPart(part.id, part))
  }
}
