import SystemCalls

/// A file written incrementally that is complete or absent: it gets its name when finished.
///
/// Write errors (a full disk) are kept and thrown by ``finish()``, so that writing a row never has
/// to handle them.
package final class AtomicFile {
  /// The name the file gets.
  package let path: String
  private let temporaryPath: String
  private let file: Descriptor
  private var failure: SystemError?
  private var isFinished = false
  /// How many bytes were added.
  package private(set) var byteCount = 0

  /// Creates the file under a temporary name beside `path`.
  ///
  /// - Throws: Why it cannot be created.
  package init(_ path: String) throws(SystemError) {
    self.path = path
    temporaryPath = path + ".partial"
    file = try FileSystem.create(temporaryPath)
  }

  /// Adds bytes at the end.
  package func append(_ bytes: [UInt8]) {
    guard failure == nil else { return }
    byteCount += bytes.count
    bytes.withUnsafeBytes { bytes in
      do throws(SystemError) {
        try file.writeAll(bytes)
      } catch {
        failure = error.about(path)
      }
    }
  }

  /// Removes bytes at the end.
  ///
  /// - Parameter byteCount: How many bytes to keep; at most the current count.
  package func cut(to byteCount: Int) {
    guard failure == nil, byteCount < self.byteCount else { return }
    do throws(SystemError) {
      try file.cut(to: byteCount)
      self.byteCount = byteCount
    } catch {
      failure = error.about(path)
    }
  }

  /// Renames the file to its final name.
  ///
  /// - Throws: The first write error, now or earlier; then there is no file.
  package func finish() throws(SystemError) {
    if let failure { throw failure }
    try FileSystem.move(temporaryPath, to: path)
    isFinished = true
  }

  deinit {
    file.end()
    if !isFinished { try? FileSystem.remove(temporaryPath) }
  }
}
