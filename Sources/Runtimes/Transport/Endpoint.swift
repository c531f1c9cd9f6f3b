import SystemCalls

/// A host and a port to listen on.
package struct Endpoint: Hashable, Sendable, Codable {
  /// An address or a name; an IPv6 address without brackets.
  package var host: String
  /// The TCP port; 0 takes a free one.
  package var port: UInt16
  /// More addresses of the same host, in the order to try them after ``host``.
  package var otherHosts: [String]

  /// Makes an endpoint; `otherHosts` are more addresses of the same host.
  package init(host: String, port: UInt16, otherHosts: [String] = []) {
    self.host = host
    self.port = port
    self.otherHosts = otherHosts
  }

  /// All its addresses, in the order to try them.
  package var hosts: [String] { [host] + otherHosts }

  /// The same endpoint with the addresses of its host in place of the name (`getaddrinfo`).
  ///
  /// - Throws: ``SystemError`` when the host has none.
  package func resolved() throws(SystemError) -> Endpoint {
    let addresses = try Socket.addressTexts(of: host)
    return Endpoint(host: addresses[0], port: port, otherHosts: Array(addresses.dropFirst()))
  }

  /// Whether only programs on this host can reach it.
  package var isLoopback: Bool { hosts.allSatisfy(HostText.isLoopback) }
}

extension Endpoint: CustomStringConvertible {
  /// The host and the port, as `10.0.0.1:7000` or `[::1]:7000`.
  package var description: String { HostText.endpoint(host, port: port) }
}
