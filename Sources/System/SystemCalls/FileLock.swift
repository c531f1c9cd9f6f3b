/// A file whose byte ranges programs lock against each other; its contents do not matter.
///
/// A lock belongs to the open file: child processes with this descriptor hold it too, and the
/// kernel releases it when the last of them ends. A file left behind locks nothing.
package struct FileLock: Sendable {
  /// The open file; pass it to child processes that must hold the locks too.
  package let descriptor: Descriptor

  /// Opens the file, creating it if needed (`open`); refuses a link.
  package init(_ path: String) throws(SystemError) {
    let number = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    descriptor = Descriptor(number)
  }

  /// Locks a range of bytes, which may be beyond the file's end (`fcntl`).
  ///
  /// - Parameters:
  ///   - bytes: The range; others may lock other bytes.
  ///   - nanoseconds: How long to wait for other programs to unlock them.
  /// - Returns: Whether they are locked now; false while another program holds one of them.
  /// - Throws: What else the system refuses, such as a file system without locks.
  package func lock(
    _ bytes: Range<Int>, waitingAtMost nanoseconds: Int64
  ) throws(SystemError) -> Bool {
    let deadline = SystemClock.monotonicNanoseconds + nanoseconds
    while csystem_lock(descriptor.number, Int64(bytes.lowerBound), Int64(bytes.count), 1) != 0 {
      guard errno == EAGAIN || errno == EACCES || errno == EINTR else {
        throw SystemError(call: "fcntl")
      }
      if SystemClock.monotonicNanoseconds >= deadline { return false }
      SystemClock.sleep(nanoseconds: 10_000_000)
    }
    return true
  }

  /// Unlocks a range of bytes (`fcntl`).
  package func unlock(_ bytes: Range<Int>) {
    _ = csystem_lock(descriptor.number, Int64(bytes.lowerBound), Int64(bytes.count), 0)
  }
}
