/// TCP and Unix sockets, one function per system call.
///
/// Every socket made here is close-on-exec and does not block.
package enum Socket {
  /// Listens on the first address of `host`, on `port`; port 0 takes a free one.
  ///
  /// - Returns: The socket and the port it listens on.
  /// - Throws: ``SystemError`` with `host:port` as its subject.
  package static func listen(
    host: String, port: UInt16
  ) throws(SystemError) -> (descriptor: Descriptor, port: UInt16) {
    try listen(on: SocketAddress.all(of: host, port: port)[0], port: port)
  }

  /// Listens on an address (`socket`, `bind`, `listen`), with `port` instead of its own.
  static func listen(
    on address: SocketAddress, port: UInt16
  ) throws(SystemError) -> (descriptor: Descriptor, port: UInt16) {
    let subject = HostText.endpoint(address.host, port: port)
    let descriptor = try makeSocket(address.family, subject: subject)
    // Lets a run reuse the port of a run that has just finished.
    set(descriptor, SOL_SOCKET, SO_REUSEADDR)
    if address.family == AF_INET6 {
      // Makes the wildcard address accept IPv4 connections too, whatever the system's default.
      set(descriptor, Int32(IPPROTO_IPV6), IPV6_V6ONLY, to: address.isUnspecifiedIPv6 ? 0 : 1)
    }
    guard address.withPort(port).withPointer({ bind(descriptor.number, $0, $1) }) == 0,
      CFunctions.listenSocket(descriptor.number, backlog) == 0
    else {
      let error = SystemError(call: "bind", subject: subject)
      descriptor.end()
      throw error
    }
    return (descriptor, localPort(of: descriptor))
  }

  /// How many connections may wait to be accepted.
  private static let backlog: Int32 = 1024

  /// Starts to connect to the first address of `host` (`connect`); the descriptor becomes writable
  /// when the connection is established or has failed.
  package static func connect(host: String, port: UInt16) throws(SystemError) -> Descriptor {
    let subject = HostText.endpoint(host, port: port)
    let address = try SocketAddress.all(of: host, port: port)[0]
    let descriptor = try makeSocket(address.family, subject: subject)
    let result = address.withPointer { CFunctions.connectSocket(descriptor.number, $0, $1) }
    guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
      let error = SystemError(call: "connect", subject: subject)
      descriptor.end()
      throw error
    }
    setNoDelay(descriptor)
    return descriptor
  }

  /// Why a started connection failed; nil when it is established (`getsockopt`).
  package static func connectFailure(of descriptor: Descriptor) -> SystemError? {
    var number: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor.number, SOL_SOCKET, SO_ERROR, &number, &size)
    return number == 0 ? nil : SystemError(call: "connect", number: number)
  }

  /// Accepts one pending connection (`accept`); nil when there is none.
  ///
  /// - Returns: The connection and the address it came from, as `host:port`.
  package static func accept(
    from listener: Descriptor
  ) throws(SystemError) -> (descriptor: Descriptor, origin: String)? {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    let (number, address) = withSocketAddress(of: &storage) { pointer in
      let number = CFunctions.acceptSocket(listener.number, pointer, &size)
      return (number, number < 0 ? nil : SocketAddress(pointer))
    }
    guard number >= 0 else {
      if [EAGAIN, EWOULDBLOCK, EINTR, ECONNABORTED].contains(errno) { return nil }
      throw SystemError(call: "accept")
    }
    let descriptor = Descriptor(number)
    makePrivate(descriptor)
    if address != nil { setNoDelay(descriptor) }
    return (descriptor, address?.text ?? "this host")
  }

  /// Makes two connected sockets (`socketpair`).
  package static func pair() throws(SystemError) -> (Descriptor, Descriptor) {
    var numbers: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Platform.streamSocket, 0, &numbers) == 0 else {
      throw SystemError(call: "socketpair")
    }
    let pair = (Descriptor(numbers[0]), Descriptor(numbers[1]))
    makePrivate(pair.0)
    makePrivate(pair.1)
    return pair
  }

  /// Makes a pipe (`pipe`).
  package static func pipe() throws(SystemError) -> (reading: Descriptor, writing: Descriptor) {
    var numbers: [Int32] = [0, 0]
    guard CFunctions.makePipe(&numbers) == 0 else { throw SystemError(call: "pipe") }
    let pair = (Descriptor(numbers[0]), Descriptor(numbers[1]))
    makePrivate(pair.0)
    makePrivate(pair.1)
    return pair
  }

  /// How many connections to a Unix socket may wait to be accepted.
  package static let unixBacklog: Int32 = 256

  /// Listens on a Unix socket that only this user may open (`bind`, mode 0600).
  package static func listen(unixPath: String) throws(SystemError) -> Descriptor {
    let descriptor = try makeSocket(AF_UNIX, subject: unixPath)
    do throws(SystemError) {
      try withUnixAddress(unixPath, call: "bind") { bind(descriptor.number, $0, $1) }
      // Connections are refused until `listen`, so this mode is that of all. A umask for the bind
      // would be that of the files which other threads make meanwhile.
      guard chmod(unixPath, 0o600) == 0 else {
        throw SystemError(call: "chmod", subject: unixPath)
      }
      guard CFunctions.listenSocket(descriptor.number, unixBacklog) == 0 else {
        throw SystemError(call: "listen", subject: unixPath)
      }
      return descriptor
    } catch {
      descriptor.end()
      throw error
    }
  }

  /// Connects to a Unix socket (`connect`).
  package static func connect(unixPath: String) throws(SystemError) -> Descriptor {
    let descriptor = try makeSocket(AF_UNIX, subject: unixPath)
    do throws(SystemError) {
      try withUnixAddress(unixPath, call: "connect") {
        CFunctions.connectSocket(descriptor.number, $0, $1)
      }
      return descriptor
    } catch {
      descriptor.end()
      throw error
    }
  }

  /// The local port of a listening socket (`getsockname`).
  package static func localPort(of descriptor: Descriptor) -> UInt16 {
    var storage = sockaddr_storage()
    var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withSocketAddress(of: &storage) { pointer in
      getsockname(descriptor.number, pointer, &size) == 0 ? SocketAddress(pointer)?.port ?? 0 : 0
    }
  }

  private static func withSocketAddress<Result>(
    of storage: inout sockaddr_storage, _ body: (UnsafeMutablePointer<sockaddr>) -> Result
  ) -> Result {
    withUnsafeMutablePointer(to: &storage) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1, body)
    }
  }

  /// Sends each write at once instead of waiting for more (`TCP_NODELAY`).
  package static func setNoDelay(_ descriptor: Descriptor) {
    set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
  }

  /// Breaks a connection when the peer does not acknowledge sent data, or keep-alive probes on an
  /// idle connection, for this long (`SO_KEEPALIVE`, `TCP_USER_TIMEOUT`).
  ///
  /// Reading then fails with `ETIMEDOUT`. The kernel probes once a second.
  package static func endSilence(on descriptor: Descriptor, afterMilliseconds milliseconds: Int32) {
    set(descriptor, SOL_SOCKET, SO_KEEPALIVE)
    set(descriptor, Int32(IPPROTO_TCP), Platform.keepAliveSeconds)
    set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPINTVL)
    set(descriptor, Int32(IPPROTO_TCP), TCP_KEEPCNT, to: max(1, milliseconds / 1000 - 1))
    let (option, unit) = Platform.unconfirmedTimeout
    set(descriptor, Int32(IPPROTO_TCP), option, to: max(1, milliseconds / unit))
  }

  private static func set(
    _ descriptor: Descriptor, _ level: Int32, _ option: Int32, to value: Int32 = 1
  ) {
    var value = value
    setsockopt(descriptor.number, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  static func makeSocket(
    _ family: Int32, _ kind: Int32 = Platform.streamSocket, subject: String
  ) throws(SystemError) -> Descriptor {
    let number = socket(family, kind, 0)
    guard number >= 0 else { throw SystemError(call: "socket", subject: subject) }
    let descriptor = Descriptor(number)
    makePrivate(descriptor)
    return descriptor
  }

  private static func makePrivate(_ descriptor: Descriptor) {
    _ = fcntl(descriptor.number, F_SETFD, FD_CLOEXEC)
    descriptor.setNonBlocking()
  }

  /// The addresses of a host in digits, in the order to try them (`getaddrinfo`).
  ///
  /// - Returns: At least one.
  /// - Throws: ``SystemError`` when the host has none.
  package static func addressTexts(of host: String) throws(SystemError) -> [String] {
    try SocketAddress.all(of: host, port: 0).map(\.host)
  }

  /// Passes the address of a Unix socket to a system call.
  ///
  /// An address holds about 100 bytes. A longer path is reached through its open directory, where
  /// the system has a short path for that.
  private static func withUnixAddress(
    _ path: String, call: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) throws(SystemError) {
    if let address = unixAddress(path) {
      guard withSocketAddress(address, body) == 0 else {
        throw SystemError(call: call, subject: path)
      }
      return
    }
    let directory = open(FileSystem.parentPath(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { throw SystemError(call: "open", subject: path) }
    defer { _ = close(directory) }
    let short = "/proc/self/fd/\(directory)/\(FileSystem.lastPart(of: path))"
    guard let address = unixAddress(short) else {
      throw SystemError(call: call, subject: path, number: ENAMETOOLONG)
    }
    guard withSocketAddress(address, body) == 0 else {
      throw SystemError(call: call, subject: path)
    }
  }

  /// The address of a Unix socket; nil when the path is too long for one.
  private static func unixAddress(_ path: String) -> sockaddr_un? {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
      guard path.utf8.count < room.count else { return false }
      room.copyBytes(from: path.utf8)
      return true
    }
    return fits ? address : nil
  }

  private static func withSocketAddress<Address>(
    _ address: Address, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    withUnsafePointer(to: address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<Address>.size))
      }
    }
  }
}
