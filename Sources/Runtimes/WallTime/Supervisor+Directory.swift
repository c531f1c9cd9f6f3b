import RunControl
import RunRecord
import ScaleModel
import SystemCalls

/// Watches the run directory, which a user may remove or rename during the run.
extension Supervisor {
  /// How often to check that the run directory is still at its path.
  static let lookInterval = TimeSpan.milliseconds(500)

  /// Ends the run when its directory is not at its path any more: what it writes would be lost.
  func lookForDirectory(now: MonotonicInstant) {
    guard now >= nextLook, let hold = options.hold else { return }
    nextLook = now + Self.lookInterval
    if !hold.isInPlace { handle(.failed(.directoryGone(path: hold.directory.path))) }
  }

  /// Writes a snapshot's file into the run directory, and never into another one at its path.
  func write(_ snapshot: SnapshotFile) throws(SystemError) {
    if let hold = options.hold {
      try hold.write(snapshot)
    } else {
      try snapshot.write(to: options.directory)
    }
  }
}
