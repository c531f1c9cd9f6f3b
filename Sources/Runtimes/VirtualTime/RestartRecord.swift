import RunRecord
import SystemCalls

/// Records the restarts of a run before a journal line after them is in its file.
///
/// So a run that is killed, or whose disk is full, says which lines of its journals are undone. A
/// run with very many restarts records them no more often than its journals are written.
package final class RestartRecord {
  private let write: ([Manifest.Restart]) throws(SystemError) -> Void
  private var restarts: [Manifest.Restart] = []
  private var isWritten = true

  /// How many restarts it knows.
  var count: Int { restarts.count }

  /// Makes a record without restarts.
  ///
  /// - Parameter write: Writes all restarts so far; what it throws ends the run.
  package init(_ write: @escaping ([Manifest.Restart]) throws(SystemError) -> Void) {
    self.write = write
  }

  /// Takes the restarts so far; the snapshots that they name are in their files.
  func take(_ restarts: [Manifest.Restart]) {
    (self.restarts, isWritten) = (restarts, false)
  }

  /// Writes what is not written yet; the journals call it before they write lines.
  func writeOut() throws(SystemError) {
    if isWritten { return }
    try write(restarts)
    isWritten = true
  }
}
