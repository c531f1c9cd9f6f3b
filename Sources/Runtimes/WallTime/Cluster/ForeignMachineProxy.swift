import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import Transport

/// The proxy of a machine that is another program, on a link to one of our machines.
///
/// Our machine and its supervisor see a machine on another host: linked when the proxy is, dead
/// when its link ends. The proxy answers notes as that machine's supervisor would, and
/// holds arrivals until their delay is over. Messages, markers and snapshot parts come from the
/// program.
package final class ForeignMachineProxy {
  /// What the proxy tells the program.
  package enum News: Hashable, Sendable {
    /// All machines begin so long from now, at this time since the Unix epoch. Only
    /// the proxy at the leader hears it.
    case begins(after: TimeSpan, SystemInstant)
    /// A message of our machine: its reading, and the values of its fields.
    case message(reading: UInt64, values: [FieldValue])
    /// A marker of our machine for this snapshot.
    case marker(SnapshotID)
    /// The program must begin this snapshot. Only the proxy at the leader hears it.
    case beginSnapshot(SnapshotID)
  }

  private let machine: MachineID
  private let host: MachineID
  private var delayLine: DelayLine<News>
  /// The link to our machine; nil before ``link(with:_:)``.
  private var link: LocalLink?
  private var tell: (News) -> Void = { _ in }

  /// Makes a proxy without a link.
  ///
  /// - Parameters:
  ///   - machine: The foreign machine.
  ///   - setup: Our machine, and its plan.
  package init(for machine: MachineID, at setup: ForeignSetup) {
    self.machine = machine
    host = setup.host
    delayLine = DelayLine(plan: setup.plan, target: machine, sources: [setup.host])
  }

  /// Links with our machine.
  ///
  /// - Parameters:
  ///   - access: Our machine.
  ///   - tell: Called with the program's news, in order.
  /// - Throws: ``FrameError`` when our machine rejects the foreign one.
  package func link(
    with access: any MachineAccess, _ tell: @escaping (News) -> Void
  ) throws(FrameError) {
    self.tell = tell
    link = try access.link(machine, to: self)
  }

  /// Ends the link, so that our machine sees the foreign one as dead; sends it the reason first.
  package func end(because reason: String? = nil) {
    if let reason { link?.send(note: SupervisorNote.message(.failed(reason: reason)).bytes) }
    link?.end()
  }

  /// When the next delay is over; never when nothing is held.
  package var nextDue: MonotonicInstant { delayLine.nextDue }

  /// Tells the program the arrivals whose delay is over.
  package func release(now: MonotonicInstant) {
    while let (_, news) = delayLine.popDue(now: now) { tell(news) }
  }

  private func hold(_ news: News, isMessage: Bool) {
    let now = MonotonicInstant.now
    if !delayLine.hold(news, from: host, isMessage: isMessage, now: now) { tell(news) }
  }

  private func answer(_ note: SupervisorNote) {
    switch note {
    case .message(.ask(let number)):
      link?.send(note: SupervisorNote.message(.answer(number)).bytes)
    case .message(.begin(let after, let instant)):
      tell(.begins(after: after, instant))
    case .report(.finished):
      // The program has no tick schedule: it counts as finished when our machine does.
      report(.finished(MachineProgress()))
    case .message(.beginSnapshot(let id)): tell(.beginSnapshot(id))
    // Machines that speak gRPC cannot go back.
    case .report, .message(.answer), .message(.abortSnapshot), .message(.interrupted),
      .message(.failed), .message(.stands), .message(.goBack), .message(.died),
      .message(.snapshotOver), .message(.requestSnapshot):
      break
    }
  }

  private func report(_ report: MachineReport) {
    link?.send(note: SupervisorNote.report(report).bytes)
  }

  // MARK: What the program says

  /// Reports to our machine's supervisor that the program has all its channels.
  package func assembled() { report(.linked) }

  /// Sends a message with these values of its fields, in their order.
  package func send(reading: UInt64, values: [FieldValue]) {
    link?.send(.message(reading: reading, content: MessageContent(values)))
  }

  /// Sends a marker.
  package func sendMarker(_ id: SnapshotID) {
    link?.send(.marker(initiator: id.initiator, number: id.number))
  }

  /// Reports the foreign machine's part of a snapshot that our machine has begun.
  package func finishedPart(_ part: RecordedPart) {
    report(.finishedPart(part.id, part))
  }
}

extension ForeignMachineProxy: LocalPeer {
  /// Holds a message or a marker for its delay, then tells the program.
  package func arrived(_ message: WireMessage) {
    switch message {
    case .message(let reading, let content):
      hold(.message(reading: reading, values: content.values), isMessage: true)
    case .marker(let initiator, let number):
      hold(.marker(SnapshotID(initiator: initiator, number: number)), isMessage: false)
    // Runs with foreign machines have no rounds; the others begin connections.
    case .roundMessage, .hello, .clientHello, .welcome, .refusal: break
    }
  }

  /// Answers a note of our machine's supervisor, or tells the program.
  package func arrivedFragmented(_ message: [UInt8]) {
    if let note = try? SupervisorNote(bytes: message[...]) { answer(note) }
  }
}
