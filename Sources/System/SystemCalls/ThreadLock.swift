/// A lock that one thread holds at a time (`pthread_mutex`).
///
/// The toolchain's `Mutex` would make the libraries require Apple's newest systems.
package final class ThreadLock {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  /// Makes an unlocked lock.
  package init() {
    mutex = .allocate(capacity: 1)
    // Fails only for invalid attributes, and there are none.
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` while holding the lock; `body` must not acquire it again.
  package func withLock<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
