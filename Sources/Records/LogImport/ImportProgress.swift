import SystemCalls

/// The progress of reading logs, for a watcher of stalls.
///
/// A regular expression may take years on a single line; the watcher then names that line. Threads
/// may share it, because a lock guards its state.
package final class ImportProgress: @unchecked Sendable {
  /// A line being read.
  package struct Location: Hashable, Sendable {
    /// The log's path.
    package let path: String
    /// The line's number, from 1.
    package let line: Int
  }

  private let lock = ThreadLock()
  private var latest: Location?
  private var isReading = false

  /// Makes a progress before the first line.
  package init() {}

  /// The line read last; nil before the first.
  package var location: Location? { lock.withLock { latest } }

  /// Whether that line is still being matched.
  package var isMatching: Bool { lock.withLock { isReading } }

  func reach(_ path: String, _ line: Int) {
    lock.withLock { (latest, isReading) = (Location(path: path, line: line), true) }
  }

  /// Marks that all lines are read.
  func end() { lock.withLock { isReading = false } }
}
