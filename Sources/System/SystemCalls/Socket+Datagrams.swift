/// UDP sockets, one function per system call.
extension Socket {
  /// The most bytes of one datagram: what IPv4 allows, or what the system does by default.
  package static let datagramByteCountMax = Platform.datagramByteCountMax

  /// Makes a UDP socket at the first address of `host`, on `port` (`socket`, `bind`).
  ///
  /// Port 0 takes a free one. The socket shares its port with no other: it would miss datagrams.
  ///
  /// - Returns: The socket and its port.
  /// - Throws: ``SystemError`` with `host:port` as its subject.
  package static func bindDatagrams(
    host: String, port: UInt16
  ) throws(SystemError) -> (descriptor: Descriptor, port: UInt16) {
    let subject = HostText.endpoint(host, port: port)
    let address = try SocketAddress.all(of: host, port: port)[0]
    let descriptor = try makeSocket(address.family, Platform.datagramSocket, subject: subject)
    guard address.withPointer({ bind(descriptor.number, $0, $1) }) == 0 else {
      let error = SystemError(call: "bind", subject: subject)
      descriptor.end()
      throw error
    }
    return (descriptor, localPort(of: descriptor))
  }

  /// Receives one datagram that waits (`recvfrom`, retried on interruption); what does not fit the
  /// buffer is cut off.
  ///
  /// - Returns: How many bytes it has, and where it came from; nil when none waits.
  /// - Throws: ``SystemError`` when the socket is broken.
  package static func receiveDatagram(
    from descriptor: Descriptor, into buffer: UnsafeMutableRawBufferPointer
  ) throws(SystemError) -> (byteCount: Int, origin: DatagramAddress)? {
    var origin = DatagramAddress()
    while true {
      let count = origin.withMutablePointer { address, size in
        recvfrom(descriptor.number, buffer.baseAddress, buffer.count, 0, address, &size)
      }
      if count >= 0 { return (count, origin) }
      if errno == EINTR { continue }
      if errno == EAGAIN || errno == EWOULDBLOCK { return nil }
      throw SystemError(call: "recvfrom")
    }
  }

  /// Sends one datagram (`sendto`, retried on interruption).
  ///
  /// - Returns: Whether the system took it; one that it has no room for is lost.
  @discardableResult
  package static func sendDatagram(
    _ bytes: UnsafeRawBufferPointer, to address: DatagramAddress, on descriptor: Descriptor
  ) -> Bool {
    address.withPointer { pointer, size in
      while sendto(
        descriptor.number, bytes.baseAddress, bytes.count, Platform.sendFlags, pointer, size) < 0
      {
        if errno != EINTR { return false }
      }
      return true
    }
  }
}

/// Where datagrams go to, or come from.
package struct DatagramAddress: Sendable {
  private var storage = sockaddr_storage()
  private var size = socklen_t(MemoryLayout<sockaddr_storage>.size)

  /// The address of no host.
  init() {}

  /// The first address of a host, with a port (`getaddrinfo`).
  ///
  /// - Throws: ``SystemError`` when the host has none.
  package init(host: String, port: UInt16) throws(SystemError) {
    let address = try SocketAddress.all(of: host, port: port)[0]
    var copy = DatagramAddress()
    _ = address.withPointer { pointer, size in
      withUnsafeMutableBytes(of: &copy.storage) {
        $0.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: Int(size)))
      }
      copy.size = size
      return 0
    }
    self = copy
  }

  /// The address as `host:port`.
  package var text: String {
    withPointer { pointer, _ in SocketAddress(pointer)?.text } ?? "an unknown address"
  }

  /// Whether the other address is the same.
  package func isSame(as other: DatagramAddress) -> Bool {
    size == other.size
      && withPointer { one, size in
        other.withPointer { other, _ in memcmp(one, other, Int(size)) == 0 }
      }
  }

  fileprivate func withPointer<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result {
    withUnsafePointer(to: storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
    }
  }

  fileprivate mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<sockaddr>, inout socklen_t) -> Result
  ) -> Result {
    size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var newSize = size
    defer { size = newSize }
    return withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, &newSize) }
    }
  }
}
