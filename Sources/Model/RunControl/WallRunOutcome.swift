import LogicalTime
import Snapshots

/// How a run in wall time ended, and how far each machine came.
package struct WallRunOutcome: Sendable {
  /// How it ended.
  package var ending: WallRunEnding
  /// The system time of tick 0, in nanoseconds since the Unix epoch; nil when it never came to it.
  package var startTime: Int64?
  /// The last word of each machine, in id order; nil for one that died without any.
  package var progress: [MachineProgress?]
  /// The machines that died while the others went on, with how they did.
  package var deaths: [MachineDeath]
  /// The snapshots begun, in that order.
  package var snapshots: [SnapshotID]
  /// What the user should know besides.
  package var remarks: [String] = []

  /// The outcome of a run that failed before any machine was there.
  package static func neverStarted(_ failure: WallRunFailure, machineCount: Int) -> Self {
    Self(
      ending: .failed(failure), startTime: nil,
      progress: Array(repeating: nil, count: machineCount),
      deaths: [], snapshots: [])
  }
}

/// How a run in wall time ended.
package enum WallRunEnding: Hashable, Sendable {
  /// Every machine that lives has carried out all its ticks.
  case finished
  /// Somebody asked for it, with this signal.
  case interrupted(signal: Int32)
  /// Somebody asked for it on the host of this machine.
  case interruptedElsewhere(by: MachineID)
  /// Something failed.
  case failed(WallRunFailure)
}
