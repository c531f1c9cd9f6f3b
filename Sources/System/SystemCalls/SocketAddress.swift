/// An address of a TCP socket: an IPv4 or IPv6 address, and a port.
struct SocketAddress: Hashable {
  /// `AF_INET` or `AF_INET6`.
  let family: Int32
  /// The address in digits, an IPv6 one with its scope and without brackets.
  let host: String
  let port: UInt16
  /// The bytes of a `sockaddr_in` or `sockaddr_in6`.
  private let bytes: [UInt8]

  /// Copies an address from the system; nil when it is of another family.
  init?(_ pointer: UnsafePointer<sockaddr>) {
    family = Int32(pointer.pointee.sa_family)
    let size: Int
    let portBytes: UInt16
    switch family {
    case AF_INET:
      size = MemoryLayout<sockaddr_in>.size
      portBytes = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in.self).sin_port
    case AF_INET6:
      size = MemoryLayout<sockaddr_in6>.size
      portBytes = UnsafeRawPointer(pointer).loadUnaligned(as: sockaddr_in6.self).sin6_port
    default: return nil
    }
    port = UInt16(bigEndian: portBytes)
    bytes = Array(UnsafeRawBufferPointer(start: pointer, count: size))
    // Large enough for the longest address with the longest interface name.
    var digits = [CChar](repeating: 0, count: 128)
    guard
      getnameinfo(
        pointer, socklen_t(size), &digits, socklen_t(digits.count), nil, 0, NI_NUMERICHOST) == 0
    else { return nil }
    host = String(decoding: digits.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// The distinct addresses of a host, in the system's preferred order (`getaddrinfo`).
  ///
  /// - Parameters:
  ///   - host: A name, or an address in digits.
  ///   - port: The port of each.
  /// - Returns: At least one address.
  /// - Throws: ``SystemError`` when the host has none.
  static func all(of host: String, port: UInt16) throws(SystemError) -> [SocketAddress] {
    var addresses = lookUp(host, port: port)
    // In an empty image there is no `/etc/hosts` to say so; RFC 6761, section 6.3, lets us know it.
    if addresses.isEmpty, host == "localhost" { addresses = lookUp("127.0.0.1", port: port) }
    guard !addresses.isEmpty else {
      throw SystemError(call: "getaddrinfo", subject: host, number: EADDRNOTAVAIL)
    }
    return addresses
  }

  /// The distinct addresses that the system knows for a host (`getaddrinfo`).
  private static func lookUp(_ host: String, port: UInt16) -> [SocketAddress] {
    var hints = addrinfo()
    hints.ai_socktype = Platform.streamSocket
    var found: UnsafeMutablePointer<addrinfo>?
    defer { if let found { freeaddrinfo(found) } }
    var addresses: [SocketAddress] = []
    if getaddrinfo(host, "\(port)", &hints, &found) == 0 {
      var next = found
      while let entry = next?.pointee {
        if let address = entry.ai_addr.flatMap({ SocketAddress($0) }),
          !addresses.contains(address)
        {
          addresses.append(address)
        }
        next = entry.ai_next
      }
    }
    return addresses
  }

  /// The same address with another port.
  func withPort(_ port: UInt16) -> SocketAddress { SocketAddress(self, port: port) }

  private init(_ other: SocketAddress, port: UInt16) {
    family = other.family
    host = other.host
    self.port = port
    var bytes = other.bytes
    // Both families store the port in the same two bytes, the higher one first.
    let offset = MemoryLayout<sockaddr_in>.offset(of: \.sin_port) ?? 2
    withUnsafeBytes(of: port.bigEndian) { bytes.replaceSubrange(offset..<(offset + 2), with: $0) }
    self.bytes = bytes
  }

  /// Passes the address to a system call.
  func withPointer(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    bytes.withUnsafeBytes { bytes in
      // Large enough for either family, and aligned for both.
      var storage = sockaddr_storage()
      withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: bytes) }
      return withUnsafePointer(to: storage) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          body($0, socklen_t(bytes.count))
        }
      }
    }
  }

  /// Whether it is the wildcard address of both families.
  var isUnspecifiedIPv6: Bool { family == AF_INET6 && host == "::" }

  /// The address as `host:port`; an IPv4 address on a dual-stack socket in IPv4 form.
  var text: String {
    let mapping = "::ffff:"
    let isMapped = host.hasPrefix(mapping) && host.contains(".")
    return HostText.endpoint(isMapped ? String(host.dropFirst(mapping.count)) : host, port: port)
  }
}

/// The spelling of hosts: names, IPv4 addresses, and IPv6 addresses, in brackets beside a port.
package enum HostText {
  /// Joins a host and a port; puts an IPv6 address in brackets.
  package static func endpoint(_ host: String, port: UInt16) -> String {
    host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// What a host must look like, for errors.
  package static let expected =
    "a name, an IPv4 address or an IPv6 address such as ::1, without a port"

  /// Parses a host; shortens an IPv6 address and removes its brackets.
  ///
  /// - Returns: Nil for a word that is not a host, and for a link-local address without its
  ///   interface, which is ambiguous.
  package static func host(_ word: String) -> String? {
    var word = Substring(word)
    if word.first == "[" && word.last == "]" {
      word = word.dropFirst().dropLast()
      if !word.contains(":") { return nil }
    }
    guard !word.isEmpty, word.utf8.count <= 253,
      !word.contains(where: { $0.isWhitespace || "/[],".contains($0) }),
      word.unicodeScalars.allSatisfy({ $0.value > 31 && $0.value != 127 })
    else { return nil }
    return word.contains(":") ? Self.address(word) : String(word)
  }

  /// An IPv6 address in its shortest form, with its scope unchanged.
  private static func address(_ word: Substring) -> String? {
    let parts = word.split(separator: "%", maxSplits: 1, omittingEmptySubsequences: false)
    var address = in6_addr()
    guard inet_pton(AF_INET6, String(parts[0]), &address) == 1 else { return nil }
    var digits = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
    guard inet_ntop(AF_INET6, &address, &digits, socklen_t(digits.count)) != nil else { return nil }
    let text = String(
      decoding: digits.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let isLinkLocal = withUnsafeBytes(of: address) { $0[0] == 0xFE && $0[1] & 0xC0 == 0x80 }
    guard parts.count == 2 else { return isLinkLocal ? nil : text }
    return isLinkLocal && !parts[1].isEmpty ? "\(text)%\(parts[1])" : nil
  }

  /// Splits a word such as `50051`, `host:50051` or `[::1]:50051`.
  ///
  /// - Returns: The host, nil when the word is a port alone, and the port; nil for any other word.
  package static func split(_ word: String) -> (host: String?, port: UInt16)? {
    guard let colon = word.lastIndex(of: ":") else {
      return UInt16(word).map { (nil, $0) }
    }
    let left = word[..<colon]
    let isBracketed = left.first == "[" && left.last == "]"
    // Without brackets the last part of an IPv6 address would be taken for the port.
    guard isBracketed || !left.contains(":"), let host = Self.host(String(left)),
      let port = UInt16(word[word.index(after: colon)...])
    else { return nil }
    return (host, port)
  }

  /// Whether the host is reachable only from this host.
  package static func isLoopback(_ host: String) -> Bool {
    host == "localhost" || host == "::1" || host.hasPrefix("::ffff:127.")
      || host.hasPrefix("127.") && host.allSatisfy { $0 == "." || $0.isNumber }
  }
}
