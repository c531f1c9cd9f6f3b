/// Wakes a thread that waits for descriptors.
///
/// It rings once for all that has happened meanwhile, so that its pipe always has room.
///
/// Unchecked because the compiler does not know the lock: what changes is touched only while it is
/// held, and the descriptors never change.
package final class Bell: @unchecked Sendable {
  /// Readable from a ring on, until ``silence()``.
  package let descriptor: Descriptor
  private let rope: Descriptor
  private let lock = ThreadLock()
  private var hasRung = false

  /// Makes a silent bell.
  package init() throws(SystemError) {
    (descriptor, rope) = try Socket.pipe()
    descriptor.setNonBlocking()
  }

  deinit {
    descriptor.end()
    rope.end()
  }

  /// Wakes the thread that waits.
  package func ring() {
    let isFirst = lock.withLock {
      defer { hasRung = true }
      return !hasRung
    }
    if isFirst { try? rope.writeAll("!") }
  }

  /// Makes it silent again; call it before looking at what has happened.
  package func silence() {
    // In this order: a ring before the second step is heard by the look that follows. In the other,
    // the read could take a ring's byte, and no later ring would write one.
    withUnsafeTemporaryAllocation(byteCount: 256, alignment: 1) { memory in
      _ = try? descriptor.readAvailable(into: memory)
    }
    lock.withLock { hasRung = false }
  }
}
