/// A directory kept open, and optionally locked, independent of its path.
///
/// The lock belongs to the open directory. The kernel releases it when the process ends, and keeps
/// it across renames. Programs on the same host see it; others may not.
package final class OpenDirectory: Sendable {
  /// The result of a lock attempt.
  package enum LockOutcome: Hashable, Sendable {
    /// This object holds the lock until it is released.
    case locked
    /// Another program holds it.
    case heldElsewhere
    /// The file system has no locks.
    case unsupported
  }

  /// The path it was opened by.
  package let path: String
  private let descriptor: Descriptor
  private let identity: Identity

  /// Identifies a directory whatever its path.
  private struct Identity: Hashable, Sendable {
    let device: UInt64
    let number: UInt64

    init(_ status: stat) {
      device = UInt64(truncatingIfNeeded: status.st_dev)
      number = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  /// Opens the directory (`open`, `fstat`).
  package init(_ path: String) throws(SystemError) {
    let number = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard number >= 0 else { throw SystemError(call: "open", subject: path) }
    var status = stat()
    guard fstat(number, &status) == 0 else {
      let error = SystemError(call: "fstat", subject: path)
      _ = close(number)
      throw error
    }
    self.path = path
    descriptor = Descriptor(number)
    identity = Identity(status)
  }

  deinit { descriptor.end() }

  /// Whether its path still leads to it (`stat`): false when removed, renamed or replaced.
  package var isInPlace: Bool {
    var status = stat()
    return stat(path, &status) == 0 && Identity(status) == identity
  }

  /// A path that leads to it even after a rename, on systems that have one.
  package var descriptorPath: String { "/proc/self/fd/\(descriptor.number)" }

  /// Locks it against every other program that locks it (`flock`).
  ///
  /// - Parameter nanoseconds: How long to wait at most for a program that is only probing the
  ///   lock.
  /// - Returns: Whether this object holds the lock now.
  package func lock(waitingAtMost nanoseconds: Int64) -> LockOutcome {
    let deadline = SystemClock.monotonicNanoseconds + nanoseconds
    while true {
      let outcome = attempt(isExclusive: true)
      guard outcome == .heldElsewhere, SystemClock.monotonicNanoseconds < deadline else {
        return outcome
      }
      SystemClock.sleep(nanoseconds: 5_000_000)
    }
  }

  /// Checks whether another program has locked it (`flock`): then the outcome is `heldElsewhere`.
  package func probeLock() -> LockOutcome { attempt(isExclusive: false) }

  private func attempt(isExclusive: Bool) -> LockOutcome {
    while csystem_lock_whole(descriptor.number, isExclusive ? 1 : 0) != 0 {
      if errno == EINTR { continue }
      return errno == EWOULDBLOCK ? .heldElsewhere : .unsupported
    }
    return .locked
  }
}
