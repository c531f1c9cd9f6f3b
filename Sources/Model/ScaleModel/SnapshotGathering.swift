import LogicalTime
import Snapshots

/// Gathers the parts of one snapshot until it is complete or times out.
///
/// The states of machines that recorded are kept even when the rest of their part never comes.
///
/// - Invariant: What ``snapshot(missing:)`` calls complete has every part, and every channel
///   exact.
package struct SnapshotGathering {
  /// The snapshot.
  package let id: SnapshotID
  /// When it was requested: system time, in nanoseconds (virtual: since the start).
  package let requestedTime: Int64
  private var snapshot: GlobalSnapshot<RecordedState, RecordedMessage>
  /// Recorded states of machines whose whole part has not come; looked up, never iterated.
  private var states: [MachineID: RecordedPart] = [:]
  private var givenUp: [MachineID: MissingCause] = [:]
  private var openCount: Int
  /// The machines of the run and the channels between them.
  package let channels: TopologyChannels

  /// Expects a part of every machine.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - channels: Knows the machines and the channels between them.
  ///   - requestedTime: When the snapshot was requested.
  package init(id: SnapshotID, channels: TopologyChannels, requestedTime: Int64) {
    self.id = id
    self.requestedTime = requestedTime
    self.channels = channels
    snapshot = GlobalSnapshot(
      id: id, machines: channels.topology.machineIDs, channels: channels)
    openCount = channels.topology.machineCount
  }

  /// Whether every machine has handed over its part or been given up, so nothing is awaited.
  package var isSettled: Bool { openCount == 0 }

  /// Whether a machine has handed over its part or been given up.
  package func isSettled(_ machine: MachineID) -> Bool {
    snapshot.part(of: machine) != nil || givenUp[machine] != nil
  }

  /// Stores the state of a machine that has recorded it; its channels are still being recorded.
  package mutating func recorded(_ part: RecordedPart) {
    states[part.machine] = part
  }

  /// Stores a machine's whole part; a repeated one changes nothing.
  package mutating func finished(_ part: RecordedPart) {
    guard (try? snapshot.add(part)) != nil else { return }
    states[part.machine] = nil
    if givenUp[part.machine] == nil { openCount -= 1 }
  }

  /// Handles a machine's refusal to record.
  package mutating func refused(by machine: MachineID) {
    giveUp(on: machine, because: .tooManySnapshots)
  }

  /// Handles a machine's death: what it has not handed over will not come.
  package mutating func died(_ machine: MachineID) {
    giveUp(
      on: machine, because: states[machine] == nil ? .diedBeforeRecording : .diedAfterRecording)
  }

  private mutating func giveUp(on machine: MachineID, because cause: MissingCause) {
    guard !isSettled(machine) else { return }
    givenUp[machine] = cause
    snapshot.giveUp(on: machine, because: cause)
    openCount -= 1
  }

  /// The snapshot with the parts there are.
  ///
  /// - Parameter cause: Why the parts that are still missing will not come.
  /// - Returns: The snapshot; complete only when nothing at all is missing.
  package func snapshot(
    missing cause: MissingCause
  ) -> GlobalSnapshot<RecordedState, RecordedMessage> {
    var snapshot = snapshot
    for machine in snapshot.machines {
      guard snapshot.part(of: machine) == nil else { continue }
      if givenUp[machine] == nil { snapshot.giveUp(on: machine, because: cause) }
      // A state without its channels is still valid; the missing channels carry their cause.
      if let state = states[machine] { try? snapshot.add(state) }
    }
    return snapshot
  }
}
