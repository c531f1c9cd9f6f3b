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
  /// Let your machine begin a snapshot that was requested on another host.
  case beginSnapshot
  /// Let your machine give up its part in a snapshot.
  case abortSnapshot(SnapshotID, MissingCause)
  /// The sender's host ends the run, because it was interrupted at this machine's host.
  ///
  /// Every host relays it before it leaves: a peer may see its leaving before the first host's
  /// message.
  case interrupted(at: MachineID)
  /// The sender's host ends the run because it failed.
  case failed(reason: String)
}
