import LogicalTime
import ScaleModel
import Snapshots

/// How a run in wall time ended, and each machine's progress.
package struct WallRunOutcome: Sendable {
  /// How the run ended.
  package var ending: WallRunEnding
  /// When tick 0 was; nil when it never began.
  package var startTime: SystemInstant?
  /// How long after tick 0 its end was noticed; 0 when it never began.
  ///
  /// Counted on the monotonic clock: the system clock of this host may be minutes from the one
  /// that gave ``startTime``, or be set meanwhile.
  package var elapsed: TimeSpan
  /// The final progress of each machine, in id order; nil for one that did not report its end.
  package var progress: [MachineProgress?]
  /// The machines that died before the run stopped, and their causes.
  package var deaths: [MachineDeath]
  /// The snapshots begun, in that order.
  package var snapshots: [SnapshotID]
  /// What else the user should know.
  package var remarks: [String] = []
  /// What people did to the machines while the run went on, in order.
  package var acts: [MachineAct] = []

  /// The outcome of a run that failed before any machine started.
  package static func neverStarted(_ failure: WallRunFailure, machineCount: Int) -> Self {
    Self(
      ending: .failed(failure), startTime: nil, elapsed: .seconds(0),
      progress: Array(repeating: nil, count: machineCount),
      deaths: [], snapshots: [])
  }
}

/// How a run in wall time ended.
package enum WallRunEnding: Hashable, Sendable {
  /// Every living machine has carried out all its ticks.
  case finished
  /// The condition that it went on until held in this snapshot.
  case held(in: SnapshotID)
  /// The user interrupted it with this signal.
  case interrupted(signal: Int32)
  /// The user interrupted it on the host of this machine.
  case interruptedElsewhere(by: MachineID)
  /// A failure ended it.
  case failed(WallRunFailure)
}
