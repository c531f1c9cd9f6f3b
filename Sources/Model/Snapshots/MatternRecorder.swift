import LogicalTime

/// One machine's side of Mattern's algorithm: coloured messages and counters.
///
/// As with Lai and Yang, a machine records before it receives the first message of a newer round,
/// so cuts are consistent without any order on channels. In place of histories, each part has a
/// surplus: how many messages the machine has sent, less those it has received. The sum of all
/// surpluses is how many messages are in transit at the cut. A machine catches each of them when it
/// arrives, and hands over a copy; with as many copies as the sum, ``TransitLedger`` has every
/// channel's state.
///
/// A notice to the other machines makes the snapshot spread without the program's messages. The
/// initiator sends it to all machines that it has a channel to; the others pass it on, but only to
/// machines that the initiator has no channel to. One snapshot may be under way at a time.
///
/// Every message must arrive exactly once: when one is lost, its copy is awaited for ever.
///
/// - SeeAlso: F. Mattern, "Efficient Algorithms for Distributed Snapshots and Global Virtual Time
///   Approximation", Journal of Parallel and Distributed Computing 18(4), 1993.
///   <https://doi.org/10.1006/jpdc.1993.1075>
public struct MatternRecorder<Message: Sendable>: StateRecorder {
  /// The machine that records.
  public let machine: MachineID
  /// The latest snapshot that it recorded or gave up; number 0 before the first.
  private var latest: SnapshotID
  /// Whether it hands over copies of messages of older rounds: from its cut to the snapshot's end.
  private var isCatching = false
  /// How many messages it has sent, less those it has received.
  private var surplus: Int64 = 0
  /// The channels of its machine, in both directions.
  package let channels: any ChannelMap

  /// Makes the recorder of a machine that has recorded nothing.
  public init(machine: MachineID, channels: any ChannelMap) {
    self.machine = machine
    self.channels = channels
    latest = SnapshotID(initiator: machine, number: 0)
  }

  /// The number of the latest round, begun here or elsewhere.
  public var initiatedCount: UInt32 { latest.number }
  /// Always: every message is counted.
  public var isRecording: Bool { true }
  /// The round of messages sent now; nil before the first.
  public var round: Round? { latest.number == 0 ? nil : Round(id: latest, complete: 0) }

  /// Begins the next round.
  public mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>]) {
    let id = SnapshotID(initiator: machine, number: latest.number &+ 1)
    return (id, record(id))
  }

  /// Handles a notice: the machine joins the snapshot, unless it has already.
  public mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    if id.number > latest.number { return record(id) }
    return [.markerRefused(id, from: source, id == latest ? .repeated : .finished)]
  }

  /// Counts a message.
  public mutating func sent(_ message: Message, to target: MachineID) { surplus &+= 1 }

  /// Records first if the message is of a newer round; hands over a copy if it is of an older one.
  public mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    let number = round?.id.number ?? 0
    var effects: [SnapshotEffect<Message>] = []
    if let round, number > latest.number { effects = record(round.id) }
    surplus &-= 1
    if isCatching, number < latest.number {
      effects.append(.caught(latest, ChannelID(from: source, to: machine), message))
    }
    return effects
  }

  /// Refuses to join the snapshot later, and catches nothing more for it.
  public mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>] {
    if id.number > latest.number { latest = id }
    if id == latest { isCatching = false }
    return []
  }

  /// Stops catching messages for the snapshot.
  public mutating func ended(_ id: SnapshotID, isComplete: Bool) {
    if id == latest { isCatching = false }
  }

  /// Records the machine's state and its surplus and passes the notice on, in one step.
  private mutating func record(_ id: SnapshotID) -> [SnapshotEffect<Message>] {
    latest = id
    isCatching = true
    let targets = Self.noticeTargets(of: machine, in: id, channels)
    return [.record(id, sendMarkerTo: targets), .transit(id, .surplus(surplus)), .partComplete(id)]
  }

  /// The machines to which a machine sends the notice of a snapshot.
  package static func noticeTargets(
    of machine: MachineID, in id: SnapshotID, _ channels: any ChannelMap
  ) -> [MachineID] {
    let targets = channels.targets(of: machine)
    if machine == id.initiator { return targets }
    let noticed = Set(channels.targets(of: id.initiator))
    return targets.filter { $0 != id.initiator && !noticed.contains($0) }
  }
}
