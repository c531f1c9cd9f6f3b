import SystemCalls

/// Where a machine listens.
package struct Endpoint: Hashable, Sendable, Codable {
  /// An address or a name; an IPv6 address without brackets.
  package var host: String
  package var port: UInt16
  /// More addresses of the same host, in the order they are to be tried behind ``host``.
  package var otherHosts: [String]

  package init(host: String, port: UInt16, otherHosts: [String] = []) {
    self.host = host
    self.port = port
    self.otherHosts = otherHosts
  }

  /// All its addresses, in the order they are to be tried.
  package var hosts: [String] { [host] + otherHosts }

  /// The same endpoint with the addresses of its host in place of the name (`getaddrinfo`).
  ///
  /// - Throws: ``SystemError`` when the host has none.
  package func resolved() throws(SystemError) -> Endpoint {
    let addresses = try Socket.addressTexts(of: host)
    return Endpoint(host: addresses[0], port: port, otherHosts: Array(addresses.dropFirst()))
  }

  /// Whether only programs of this host reach it.
  package var isLoopback: Bool { hosts.allSatisfy(HostText.isLoopback) }
}

extension Endpoint: CustomStringConvertible {
  package var description: String { HostText.endpoint(host, port: port) }
}
