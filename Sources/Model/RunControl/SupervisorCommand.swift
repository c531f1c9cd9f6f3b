import LogicalTime
import ScaleModel
import Snapshots

/// A command of a run's supervisor to one of its machines: the same value from the decision of
/// ``RunLifecycle``, over the control link, to ``MachineLifecycle``.
package enum SupervisorCommand: Hashable, Sendable {
  /// Begin at this instant.
  case start(at: Moment)
  /// Report the progress, and the events since the last report.
  case report
  /// Begin the snapshot with this id; one that the machine has begun before changes nothing.
  case beginSnapshot(SnapshotID)
  /// Record for a snapshot, because its algorithm has no markers that would say so.
  case recordSnapshot(SnapshotID)
  /// Give up the machine's part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// A snapshot is over everywhere; sent when the machines have services, count rounds or hold
  /// answers.
  case endSnapshot(SnapshotID, isComplete: Bool)
  /// Carry out a client's request before the deadline; the answer has the same number.
  case request(HandRequest, number: UInt64, deadline: MonotonicInstant)
  /// Carry out no tick until the end of the pause, or resume.
  case hold(Bool)
  /// Report markers from now on, or no more.
  case watch(Bool)
  /// Hold what this machine sends here, or deliver it again.
  case cut(from: MachineID, Bool)
  /// End now with a complete journal, and report the progress.
  case stop
}
