import LogicalTime
import Snapshots

/// Carries out a machine's decisions, in order.
///
/// A machine only decides. Its runtime hands it a sink, which sends and writes: to sockets and
/// files in wall time, to an agenda in virtual time, to an array in a test. The machine's code is
/// generic over the sink, so a sink that does nothing costs nothing.
public protocol EffectSink<Work> {
  /// What the machine does.
  associatedtype Work: Workload
  /// What the messages carry besides their reading.
  typealias Payload = Work.Payload

  /// The neighbour of that id; nil when there is no channel to it.
  func neighbour(_ machine: MachineID) -> Neighbour?

  /// Puts `message` on the channel to one neighbour.
  mutating func send(_ message: Message<Payload>, to neighbour: Neighbour)

  /// Puts `message` on the channel to each neighbour.
  mutating func sendToAll(_ message: Message<Payload>)

  /// Writes a line of the machine's journal; called after the event's sends.
  ///
  /// - Parameters:
  ///   - event: The event.
  ///   - payload: What the message sent or received carries; nil when there is none.
  ///   - workload: The machine's workload after the event.
  mutating func log(_ event: Event, payload: Payload?, workload: Work)

  /// Puts a marker on the channel to a neighbour, behind every message sent before.
  mutating func sendMarker(_ id: SnapshotID, to target: MachineID)

  /// The machine enters a round: its messages from now on carry it.
  mutating func entered(_ round: Round)

  /// Receives the copy of a message that was in transit at the cut, behind the machine's part.
  mutating func caught(_ message: Message<Payload>, for id: SnapshotID)

  /// Receives the state a machine has just recorded; its channels are still being recorded.
  mutating func recorded(_ part: MachinePart<Payload>)

  /// Receives a machine's whole part in a snapshot.
  ///
  /// Channels that are not exact carry their cause. The part is nil when the machine refused to
  /// record at all.
  mutating func finished(_ id: SnapshotID, part: MachinePart<Payload>?)
}

extension EffectSink {
  /// Does nothing, for runs without rounds, and where messages name their round by its number.
  public mutating func entered(_ round: Round) {}
  /// Does nothing, for runs without rounds.
  public mutating func caught(_ message: Message<Payload>, for id: SnapshotID) {}
}
