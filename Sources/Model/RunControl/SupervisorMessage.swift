import LogicalTime
import Snapshots

/// What the supervisors of a run on several hosts tell each other, besides the reports of their
/// machines.
package enum SupervisorMessage: Hashable, Sendable {
  /// Answer at once: the round trip tells how long a message takes.
  case ask(UInt32)
  /// The answer to the question of this number.
  case answer(UInt32)
  /// Begin in so many nanoseconds; that is this time since the Unix epoch, for all journals.
  case begin(afterNanoseconds: Int64, epochNanoseconds: Int64)
  /// Let your machine begin a snapshot, which was requested on another host.
  case beginSnapshot
  /// Let your machine give up its part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// The sender's host ends the run because it was interrupted at this machine's host.
  ///
  /// Every host passes it on before it leaves: its leaving may be seen before the first one's
  /// message.
  case interrupted(at: MachineID)
  /// The sender's host ends the run because it failed.
  case failed(reason: String)
}
