import LogicalTime

/// One machine's side of checkpoints that messages induce.
///
/// A machine records when it likes, and numbers its checkpoints with an index that its messages
/// carry as their round. A message with a later index than its receiver's forces the receiver to
/// record first, and to take over the index. So no message sent behind a checkpoint is received
/// before one with the same index: the checkpoints of one index are a consistent cut, and none is
/// useless. Where a machine has skipped an index, its next later checkpoint stands for it.
///
/// - SeeAlso: D. Briatico, A. Ciuffoletti, L. Simoncini, "A Distributed Domino-Effect Free Recovery
///   Algorithm", Symposium on Reliability in Distributed Software and Database Systems, 1984.
public struct InducedRecorder<Message: Sendable>: StateRecorder {
  /// The machine that records.
  public let machine: MachineID
  /// The index of its latest checkpoint; zero before the first.
  public private(set) var initiatedCount: UInt32 = 0
  /// The channels of its machine, in both directions.
  package let channels: any ChannelMap

  /// Makes the recorder of a machine that has recorded nothing.
  public init(machine: MachineID, channels: any ChannelMap) {
    (self.machine, self.channels) = (machine, channels)
  }

  /// Always: every message can force a checkpoint.
  public var isRecording: Bool { true }
  /// The index that messages carry; nil before the first checkpoint.
  public var round: Round? { initiatedCount == 0 ? nil : Round(id: latest, complete: 0) }

  /// Records a checkpoint that no message forces.
  public mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>]) {
    initiatedCount += 1
    return (latest, recording)
  }

  /// Refuses a marker: no other machine asks for a checkpoint.
  public mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    [.markerRefused(id, from: source, .neverInitiated)]
  }

  /// Records first if the message's index is later than the machine's.
  public mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    guard let index = round?.id.number, index > initiatedCount else { return [] }
    initiatedCount = index
    return recording
  }

  /// Does nothing: a checkpoint is over when it is recorded.
  public mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>] { [] }

  private var latest: SnapshotID { SnapshotID(initiator: machine, number: initiatedCount) }

  private var recording: [SnapshotEffect<Message>] {
    [.record(latest, sendMarkerTo: []), .partComplete(latest)]
  }
}
