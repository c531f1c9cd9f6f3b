/// A file whose bytes programs lock against each other; what is in it does not matter.
///
/// A lock belongs to the open file: programs that were started with this descriptor hold it too,
/// and it is gone with the last of them, however they end. A file left behind locks nothing.
package struct FileLock: Sendable {
  /// The open file, to be handed to programs that are to hold the locks as well.
  package let descriptor: Descriptor

  /// Opens the file, and makes it when it is not there (`open`); a link is refused.
  package init(_ path: String) throws(SystemError) {
    let number = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    descriptor = Descriptor(number)
  }

  /// Locks a range of bytes, whether the file has them or not (`fcntl`).
  ///
  /// - Parameters:
  ///   - bytes: Which; others may hold locks on other bytes.
  ///   - nanoseconds: How long to wait for somebody else to let go of one of them.
  /// - Returns: Whether they are locked now; false when somebody else still holds one of them.
  /// - Throws: What else the system refuses: a file system without locks.
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

  /// Lets go of a range of bytes (`fcntl`).
  package func unlock(_ bytes: Range<Int>) {
    _ = csystem_lock(descriptor.number, Int64(bytes.lowerBound), Int64(bytes.count), 0)
  }
}
