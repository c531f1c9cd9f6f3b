/// A kernel thread (`pthread_create`): join it or detach it, once, or its stack stays allocated.
package struct SystemThread: Sendable {
  private let handle: UInt

  private final class Start {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// The default stack size of a thread, in bytes.
  ///
  /// With the system's 8 MiB, a memory limit would rule out a thousand machines.
  package static let stackByteCount = 2 << 20

  /// Starts a thread that carries out `body` and ends.
  ///
  /// - Throws: ``SystemError`` when the system has no thread left.
  package init(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let start = Unmanaged.passRetained(Start(body))
    var handle: UInt = 0
    let error = csystem_thread_start(
      &handle,
      { context in
        guard let context else { return }
        Unmanaged<Start>.fromOpaque(context).takeRetainedValue().body()
      }, start.toOpaque(), Self.stackByteCount)
    guard error == 0 else {
      start.release()
      throw SystemError(call: "pthread_create", number: error)
    }
    self.handle = handle
  }

  /// Lets other threads that want this processor run first (`sched_yield`).
  package static func yield() {
    _ = sched_yield()
  }

  /// Waits until the thread has ended (`pthread_join`).
  package func join() {
    csystem_thread_join(handle)
  }

  /// Makes the thread free its stack when it ends (`pthread_detach`); the caller does not join it.
  package func detach() {
    csystem_thread_detach(handle)
  }
}
