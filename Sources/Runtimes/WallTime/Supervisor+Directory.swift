import RunRecord
import SystemCalls

/// The supervisor and the run directory, which may be removed or renamed while the run goes on.
extension Supervisor {
  /// How often to look whether the run directory is still in its place.
  static let lookNanoseconds: Int64 = 500_000_000

  /// Ends the run when its directory is not in its place any more: what it writes would be lost.
  func lookForDirectory(now: Int64) {
    guard now >= nextLook, let hold = options.hold else { return }
    nextLook = now + Self.lookNanoseconds
    if !hold.isInPlace { handle(.failed(.directoryGone(path: hold.directory.path))) }
  }

  /// Writes a snapshot's file into the run directory, and never into another in its place.
  func write(_ snapshot: SnapshotFile) throws(SystemError) {
    if let hold = options.hold {
      try hold.write(snapshot)
    } else {
      try snapshot.write(to: options.directory)
    }
  }
}
