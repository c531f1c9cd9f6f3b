import SystemCalls

/// Where the reading of logs is, for whoever watches that it goes on.
///
/// A regular expression may take years on a single line; the watcher then names that line. Threads
/// may share it, because the lock guards all that it holds.
package final class ImportProgress: @unchecked Sendable {
  /// A line that is being read.
  package struct Place: Hashable, Sendable {
    package let path: String
    package let line: Int
  }

  private let lock = ThreadLock()
  private var latest: Place?
  private var isReading = false

  package init() {}

  /// The line that was read last; nil before the first.
  package var place: Place? { lock.withLock { latest } }

  /// Whether that line is being taken apart.
  package var isMatching: Bool { lock.withLock { isReading } }

  func reach(_ path: String, _ line: Int) {
    lock.withLock { (latest, isReading) = (Place(path: path, line: line), true) }
  }

  /// All lines are read.
  func end() { lock.withLock { isReading = false } }
}
