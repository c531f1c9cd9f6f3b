import LogicalTime

/// One machine's side of no algorithm at all: it records when it is asked.
///
/// Nothing separates messages before the cut from those after it, and what channels hold is not
/// recorded. So a message in transit is missed, and one that a machine sends after it has recorded
/// may be received by another that has not: the cut is then inconsistent. The algorithms are
/// compared with it. Asked at the same physical instant, machines record a consistent cut as far as
/// their clocks agree.
///
/// All machines are asked from outside: the initiator by ``initiate()``, the others by
/// ``marker(_:from:)``, which is their request.
public struct NaiveRecorder<Message: Sendable>: StateRecorder {
  /// The machine that records.
  public let machine: MachineID
  /// The number of the snapshot this machine began last; zero before the first.
  public private(set) var initiatedCount: UInt32 = 0

  /// The channels of its machine, in both directions.
  package let channels: any ChannelMap
  private var finished = FinishedSnapshots()

  /// Makes the recorder of a machine that has recorded nothing.
  public init(machine: MachineID, channels: any ChannelMap) {
    self.machine = machine
    self.channels = channels
  }

  /// Never: it looks at no message.
  public var isRecording: Bool { false }

  /// Begins a snapshot by recording this machine; the caller asks the others.
  public mutating func initiate() -> (id: SnapshotID, effects: [SnapshotEffect<Message>]) {
    initiatedCount += 1
    let id = SnapshotID(initiator: machine, number: initiatedCount)
    return (id, marker(id, from: machine))
  }

  /// Handles a request to record for a snapshot; a second one is refused.
  public mutating func marker(
    _ id: SnapshotID, from source: MachineID
  ) -> [SnapshotEffect<Message>] {
    if finished.contains(id) { return [.markerRefused(id, from: source, .finished)] }
    finished.insert(id)
    if id.initiator == machine { initiatedCount = max(initiatedCount, id.number) }
    let states = channels.sources(of: machine).map { source in
      ChannelState<Message>(channel: ChannelID(from: source, to: machine), messages: [])
    }
    return [.record(id, sendMarkerTo: [])] + states.map { .channelFinal(id, $0) }
      + [.partComplete(id)]
  }

  /// Does nothing: what is in transit is not recorded.
  public mutating func message(
    _ message: Message, of round: Round?, from source: MachineID
  ) -> [SnapshotEffect<Message>] { [] }

  /// Refuses later requests for the snapshot.
  public mutating func abort(
    _ id: SnapshotID, because cause: MissingCause
  ) -> [SnapshotEffect<Message>] {
    finished.insert(id)
    return []
  }
}
