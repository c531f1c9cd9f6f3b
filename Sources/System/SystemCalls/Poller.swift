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

  /// Starts to watch `watched`; its events carry `token`.
  package func add(
    _ watched: Descriptor, token: UInt64, reads: Bool = true, writes: Bool = false
  ) throws(SystemError) {
    try set(watched, token, reads, writes, isNew: 1)
  }

  /// Changes the events to wait for on a watched descriptor.
  package func change(
    _ watched: Descriptor, token: UInt64, reads: Bool, writes: Bool
  ) throws(SystemError) {
    try set(watched, token, reads, writes, isNew: 0)
  }

  /// Stops watching; call it before closing the descriptor.
  package func remove(_ watched: Descriptor) {
    _ = csystem_poller_remove(descriptor.number, watched.number)
  }

  /// Waits until a descriptor is ready, then reports each ready one.
  ///
  /// - Parameters:
  ///   - nanoseconds: The timeout: zero returns at once, nil waits without end.
  ///   - body: Called for each ready descriptor with its token.
  /// - Returns: How many descriptors were ready; zero after a timeout or a signal.
  /// - Throws: What the system refuses; an interruption is not an error.
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
