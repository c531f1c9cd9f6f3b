/// A lock that one thread has at a time (`pthread_mutex`).
///
/// `Mutex` of the toolchain would make Apple's newest systems a condition of the libraries.
package final class ThreadLock {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>

  package init() {
    mutex = .allocate(capacity: 1)
    // Fails only for attributes, and there are none.
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Carries out `body` while no other thread has the lock; it is not to ask for it again.
  package func withLock<Result>(_ body: () -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return body()
  }
}
