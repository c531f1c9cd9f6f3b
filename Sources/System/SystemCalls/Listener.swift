/// Listens on one port of every address of a host, as one.
///
/// A name may stand for an IPv4 and an IPv6 address; connections to either are accepted.
package struct Listener {
  /// The port it listens on, the same on each address.
  package let port: UInt16
  /// One socket per address; at least one.
  private let sockets: [Descriptor]

  /// Begins to listen (`socket`, `bind`, `listen`).
  ///
  /// - Parameters:
  ///   - hosts: Names or addresses; those that are none of this host's are left out, as long as one
  ///     remains.
  ///   - port: The port to listen on; 0 takes one that is free on every address.
  /// - Throws: ``SystemError`` with `host:port` as its subject.
  package init(hosts: [String], port: UInt16) throws(SystemError) {
    var sockets: [Descriptor] = []
    var chosen = port
    do throws(SystemError) {
      var elsewhere: SystemError?
      var attemptCount = 0
      var addresses = try Self.addresses(of: hosts, port: port)
      while let address = addresses.first {
        addresses.removeFirst()
        do throws(SystemError) {
          let (socket, taken) = try Socket.listen(on: address, port: chosen)
          sockets.append(socket)
          chosen = taken
        } catch {
          if error.isAddressElsewhere {
            elsewhere = error
          } else if port == 0 && error.isAddressInUse && attemptCount < Self.attemptCountMax {
            // The free port of one address is taken on the next one: begin again with another.
            attemptCount += 1
            for socket in sockets { socket.end() }
            sockets = []
            chosen = 0
            addresses = try Self.addresses(of: hosts, port: port)
          } else {
            throw error
          }
        }
      }
      if sockets.isEmpty, let elsewhere { throw elsewhere }
    } catch {
      for socket in sockets { socket.end() }
      throw error
    }
    self.sockets = sockets
    self.port = chosen
  }

  private static let attemptCountMax = 32

  private static func addresses(
    of hosts: [String], port: UInt16
  ) throws(SystemError) -> [SocketAddress] {
    var addresses: [SocketAddress] = []
    for host in hosts {
      for address in try SocketAddress.all(of: host, port: port)
      where !addresses.contains(address) {
        addresses.append(address)
      }
    }
    return addresses
  }

  /// Lets a poller tell of connections that wait.
  package func add(to poller: Poller, token: UInt64) throws(SystemError) {
    for socket in sockets { try poller.add(socket, token: token) }
  }

  /// Pauses accepting, or goes on with it.
  package func setReading(_ reads: Bool, in poller: Poller, token: UInt64) {
    for socket in sockets {
      try? poller.change(socket, token: token, reads: reads, writes: false)
    }
  }

  /// Takes one connection that waits (`accept`); nil when none does.
  ///
  /// - Returns: The connection and the address it came from, as `host:port`.
  package func accept() throws(SystemError) -> (descriptor: Descriptor, origin: String)? {
    for socket in sockets {
      if let accepted = try Socket.accept(from: socket) { return accepted }
    }
    return nil
  }

  /// Stops listening.
  ///
  /// - Parameter poller: The poller that tells of connections; nil when none does.
  package func end(in poller: Poller?) {
    for socket in sockets {
      poller?.remove(socket)
      socket.end()
    }
  }

  /// The first of so many consecutive ports that no program listens on.
  ///
  /// Another program may take one of them before it is listened on.
  ///
  /// - Throws: ``SystemError`` when the host is not this one, or there are no such ports.
  package static func freePorts(
    hosts: [String], count: Int
  ) throws(SystemError) -> UInt16 {
    var failure = SystemError(call: "bind", subject: hosts[0], number: EADDRINUSE)
    for _ in 0..<attemptCountMax {
      let first = try Listener(hosts: hosts, port: 0)
      var listeners = [first]
      defer { for listener in listeners { listener.end(in: nil) } }
      while listeners.count < count, let port = UInt16(exactly: Int(first.port) + listeners.count) {
        do throws(SystemError) {
          listeners.append(try Listener(hosts: hosts, port: port))
        } catch {
          failure = error
          break
        }
      }
      if listeners.count == count { return first.port }
    }
    throw failure
  }
}
