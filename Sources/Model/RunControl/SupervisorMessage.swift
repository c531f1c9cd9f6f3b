import LogicalTime
import ScaleModel
import Snapshots

/// What the supervisors of a run on several hosts tell each other, besides machine reports.
package enum SupervisorMessage: Hashable, Sendable {
  /// Answer at once: the round trip shows how long a message takes.
  case ask(UInt32)
  /// The answer to the question of this number.
  case answer(UInt32)
  /// Begin so long after this; all journals call that instant this time.
  case begin(after: TimeSpan, SystemInstant)
  /// The sender's machine had come to this epoch of the run that began then; only where machines go
  /// back, and told to the leader before it lets them begin.
  case stands(epoch: UInt32, start: SystemInstant)
  /// Let your machine go back to this part, or to the start, in this epoch of the run, which began
  /// then and goes on for so long already.
  case goBack(epoch: UInt32, start: SystemInstant, elapsed: TimeSpan, RecordedPart?)
  /// A machine has died, so that all go back.
  ///
  /// Every host relays it before its own machine ends, which must not be taken for the dead one.
  case died(MachineID, reason: String)
  /// Let your machine begin a snapshot that was requested on another host.
  case requestSnapshot
  /// Let the foreign machine begin the snapshot with this id, which the sender gathers.
  case beginSnapshot(SnapshotID)
  /// Let your machine give up its part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// A snapshot is over; told where machines go back, and so hold answers until one is complete.
  case snapshotOver(SnapshotID, isComplete: Bool)
  /// The sender's host ends the run, because it was interrupted at this machine's host.
  ///
  /// Every host relays it before it leaves: a peer may see its leaving before the first host's
  /// message.
  case interrupted(at: MachineID)
  /// The sender's host ends the run because it failed.
  case failed(reason: String)
}
