/// Listens on one port at every address of a host, or on a Unix socket.
///
/// A name may stand for an IPv4 and an IPv6 address; connections to either are accepted. After
/// ``watch(with:token:)`` a poller reports pending connections, except during a pause.
package struct Listener {
  /// The port it listens on, the same on each address; 0 for a Unix socket.
  package let port: UInt16
  /// When the pause ends that ``pause()`` began, on the monotonic clock; nil without one.
  package private(set) var pauseEnd: Int64?
  /// One socket per address; at least one.
  private let sockets: [Descriptor]
  private var poller: Poller?
  private var token: UInt64 = 0

  /// How long a pause lasts.
  private static let pauseNanoseconds: Int64 = 100_000_000

  /// Starts to listen (`socket`, `bind`, `listen`).
  ///
  /// - Parameters:
  ///   - hosts: Names or addresses; those that are not this host's are left out, as long as one
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
            // The port is free on one address but taken on the next: start again with another port.
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

  /// Starts to listen on a Unix socket (`socket`, `bind`, `listen`).
  ///
  /// - Throws: ``SystemError`` when no socket can be made at the path.
  package init(unixPath: String) throws(SystemError) {
    sockets = [try Socket.listen(unixPath: unixPath)]
    port = 0
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

  /// Makes a poller report pending connections.
  ///
  /// - Throws: ``SystemError`` when the poller cannot watch it; then it has ended.
  package mutating func watch(with poller: Poller, token: UInt64) throws(SystemError) {
    (self.poller, self.token) = (poller, token)
    do throws(SystemError) {
      for socket in sockets { try poller.add(socket, token: token) }
    } catch {
      end()
      throw error
    }
  }

  /// Pauses after ``acceptSome(_:)`` found no free descriptor.
  ///
  /// The connection stays pending, so the listener stays ready; without a pause the loop would spin
  /// until a descriptor is free.
  package mutating func pause() {
    pauseEnd = SystemClock.monotonicNanoseconds + Self.pauseNanoseconds
    setReading(false)
  }

  /// Accepts again when the pause is over.
  package mutating func resumeIfDue() {
    guard let end = pauseEnd, SystemClock.monotonicNanoseconds >= end else { return }
    pauseEnd = nil
    setReading(true)
  }

  private func setReading(_ reads: Bool) {
    for socket in sockets {
      try? poller?.change(socket, token: token, reads: reads, writes: false)
    }
  }

  /// Accepts one pending connection (`accept`); nil when there is none.
  ///
  /// - Returns: The connection and the address it came from, as `host:port`.
  package func accept() throws(SystemError) -> (descriptor: Descriptor, origin: String)? {
    for socket in sockets {
      if let accepted = try Socket.accept(from: socket) { return accepted }
    }
    return nil
  }

  /// How many connections ``acceptSome(_:)`` accepts in a row.
  private static let acceptCountMax = 16

  /// Accepts pending connections, at most 16: those that are accepted already get their turn, and
  /// the poller reports the rest.
  ///
  /// - Parameter admit: Handles a connection, with the address it came from.
  /// - Throws: ``SystemError`` when one cannot be accepted or admitted; the caller pauses then.
  package func acceptSome(
    _ admit: (_ connection: Descriptor, _ origin: String) throws(SystemError) -> Void
  ) throws(SystemError) {
    for _ in 0..<Self.acceptCountMax {
      guard let (connection, origin) = try accept() else { return }
      try admit(connection, origin)
    }
  }

  /// Stops listening.
  package func end() {
    for socket in sockets {
      poller?.remove(socket)
      socket.end()
    }
  }

  /// Finds consecutive ports that no program listens on; returns the first.
  ///
  /// Another program may take one of them before the caller listens on it.
  ///
  /// - Throws: ``SystemError`` when the host is not this one, or no such ports are free.
  package static func freePorts(
    hosts: [String], count: Int
  ) throws(SystemError) -> UInt16 {
    var failure = SystemError(call: "bind", subject: hosts[0], number: EADDRINUSE)
    for _ in 0..<attemptCountMax {
      let first = try Listener(hosts: hosts, port: 0)
      var listeners = [first]
      defer { for listener in listeners { listener.end() } }
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
