/// Waits on many descriptors at once (`epoll` on Linux, `kqueue` elsewhere).
package final class Poller {
  private let descriptor: Descriptor
  private let ready: UnsafeMutablePointer<csystem_ready>
  private static let readyMax = 256

  /// Makes a poller that watches nothing yet.
  package init() throws(SystemError) {
    let number = csystem_poller_create()
    guard number >= 0 else { throw SystemError(call: "epoll_create") }
    descriptor = Descriptor(number)
    ready = .allocate(capacity: Self.readyMax)
  }

  deinit {
    ready.deallocate()
    descriptor.end()
  }

  /// Starts to watch `watched`; `token` comes back with its events.
  package func add(
    _ watched: Descriptor, token: UInt64, reads: Bool = true, writes: Bool = false
  ) throws(SystemError) {
    try set(watched, token, reads, writes, isNew: 1)
  }

  /// Changes what is waited for on a watched descriptor.
  package func change(
    _ watched: Descriptor, token: UInt64, reads: Bool, writes: Bool
  ) throws(SystemError) {
    try set(watched, token, reads, writes, isNew: 0)
  }

  /// Stops watching; to be called before the descriptor is ended.
  package func remove(_ watched: Descriptor) {
    _ = csystem_poller_remove(descriptor.number, watched.number)
  }

  /// Waits until something is ready, then hands it over piece by piece.
  ///
  /// - Parameters:
  ///   - nanoseconds: How long to wait at most: zero looks only, nil waits without end.
  ///   - body: Called for each ready descriptor with its token.
  /// - Returns: How many descriptors were ready; zero when the time was over or a signal came.
  /// - Throws: What the system refuses; an interruption is no error.
  @discardableResult
  package func wait(
    nanoseconds: Int64?, _ body: (_ token: UInt64, _ isReadable: Bool, _ isWritable: Bool) -> Void
  ) throws(SystemError) -> Int {
    let count = csystem_poller_wait(
      descriptor.number, ready, Int32(Self.readyMax), nanoseconds.map { max(0, $0) } ?? -1)
    guard count >= 0 else {
      if errno == EINTR { return 0 }
      throw SystemError(call: "epoll_wait")
    }
    for index in 0..<Int(count) {
      let one = ready[index]
      body(one.token, one.isReadable != 0, one.isWritable != 0)
    }
    return Int(count)
  }

  private func set(
    _ watched: Descriptor, _ token: UInt64, _ reads: Bool, _ writes: Bool, isNew: Int32
  ) throws(SystemError) {
    let result = csystem_poller_set(
      descriptor.number, watched.number, token, reads ? 1 : 0, writes ? 1 : 0, isNew)
    guard result == 0 else { throw SystemError(call: "epoll_ctl") }
  }
}
