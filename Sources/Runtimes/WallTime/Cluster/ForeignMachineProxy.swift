import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import Transport

/// Stands in for a machine that is another program, on a link to one of ours.
///
/// To our machine and its supervisor it is a machine on another host like any other: linked when it
/// has said hello, gone when its link ends. It answers the notes that a supervisor beside that
/// machine would answer, and holds back what is on its way to it until its delay is over; messages,
/// markers and parts of snapshots are the program's own.
package final class ForeignMachineProxy {
  /// What the program is to hear.
  package enum News: Hashable, Sendable {
    /// Our machine takes it for its peer.
    case linked
    /// All machines are there and begin so many nanoseconds from now; that is this time since the
    /// Unix epoch. Only the stand-in at the first machine of ours hears it.
    case begins(afterNanoseconds: Int64, epochNanoseconds: Int64)
    case message(reading: UInt64, amount: Int64)
    case marker(SnapshotID)
    /// Begin this snapshot. Only the stand-in at the first machine of ours hears it.
    case beginSnapshot(SnapshotID)
  }

  /// Why a machine is no peer any more.
  package struct Ended: Error, Hashable, Sendable {
    package let reason: String
  }

  private let link: PeerConnection
  private let machine: MachineID
  private let host: MachineID
  private var delayLine: DelayLine<News>
  /// How many snapshots the program was asked to begin.
  private var begunCount: UInt32 = 0

  /// Starts to dial our machine.
  ///
  /// - Parameters:
  ///   - machine: The machine that is another program.
  ///   - door: Where it comes in.
  ///   - poller: The loop's poller.
  ///   - token: What the poller is to call the link.
  /// - Throws: ``SystemError`` when there is no descriptor left.
  package init(
    for machine: MachineID, at door: ForeignDoor, poller: Poller, token: UInt64
  ) throws(SystemError) {
    self.machine = machine
    host = door.host
    delayLine = DelayLine(plan: door.plan, target: machine, sources: [door.host])
    link = try PeerConnection(
      to: door.host, at: door.endpoint,
      hello: WireMessage.Hello(id: machine, token: door.token, planDigest: door.planDigest),
      poller: poller, token: token)
  }

  /// Ends the link: our machine takes it that the other one is gone, and why, if there is a reason.
  package func end(because reason: String? = nil) {
    if let reason {
      link.post(SupervisorNote.message(.failed(reason: reason)).bytes)
      link.flush()
    }
    link.end()
  }

  /// When the delay of something is over, on the monotonic clock; `Int64.max` when nothing waits.
  package var nextDue: Int64 { delayLine.nextDue }

  /// Tells what has been on its way for long enough.
  ///
  /// - Parameters:
  ///   - now: The time, on the monotonic clock.
  ///   - tell: Called with what the program is to hear, in order.
  package func release(now: Int64, _ tell: (News) -> Void) {
    while let (_, news) = delayLine.popDue(now: now) { tell(news) }
  }

  /// Lets what was sent leave.
  package func flush() { link.flush() }

  /// Handles the link's descriptor.
  ///
  /// - Parameters:
  ///   - isReadable: Whether something can be read.
  ///   - isWritable: Whether something can be written.
  ///   - tell: Called with what the program is to hear, in order.
  /// - Throws: ``Ended`` when there is no link any more.
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
    case .message(let reading, let amount):
      hold(.message(reading: reading, amount: amount ?? 0), isMessage: true, tell)
    case .marker(let initiator, let number):
      hold(.marker(SnapshotID(initiator: initiator, number: number)), isMessage: false, tell)
    case .letter(let letter):
      if let note = try? SupervisorNote(bytes: letter[...]) { answer(note, tell) }
    }
  }

  private func hold(_ news: News, isMessage: Bool, _ tell: (News) -> Void) {
    let now = SystemClock.monotonicNanoseconds
    if !delayLine.hold(news, from: host, isMessage: isMessage, now: now) { tell(news) }
  }

  private func answer(_ note: SupervisorNote, _ tell: (News) -> Void) {
    switch note {
    case .message(.ask(let number)):
      link.post(SupervisorNote.message(.answer(number)).bytes)
    case .message(.begin(let after, let epoch)):
      tell(.begins(afterNanoseconds: after, epochNanoseconds: epoch))
    case .report(.finished):
      // A program that keeps no time of ours is done when the machine is that it speaks with.
      report(.finished(MachineProgress()))
    case .message(.beginSnapshot):
      begunCount += 1
      tell(.beginSnapshot(SnapshotID(initiator: machine, number: begunCount)))
    case .report, .message(.answer), .message(.abortSnapshot), .message(.interrupted),
      .message(.failed):
      break
    }
  }

  private func report(_ report: MachineReport) { link.post(SupervisorNote.report(report).bytes) }

  // MARK: What the program says

  /// Lets our machine's supervisor know that the program has all the channels it can have here.
  package func assembled() { report(.linked) }

  /// Sends a message.
  ///
  /// - Returns: Whether there was room for it.
  package func send(reading: UInt64, amount: Int64) -> Bool {
    link.send(.message(reading: reading, amount: amount))
  }

  /// Sends a marker.
  ///
  /// - Returns: Whether there was room for it.
  package func sendMarker(_ id: SnapshotID) -> Bool {
    link.send(.marker(initiator: id.initiator, number: id.number))
  }

  /// Hands over the machine's part in a snapshot that the machine at the other end has begun.
  package func finishedPart(_ part: RecordedPart) {
    report(.finishedPart(part.id, part))
  }
}
