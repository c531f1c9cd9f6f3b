import LogicalTime
import RunControl
import ScaleModel
import SystemCalls

/// How connections begin: dialled or accepted, then a hello that ``LinkPolicy`` judges.
extension Mesh {
  /// When a connection without a hello is given up; never for a link, or one that has ended.
  ///
  /// Once this machine has dialled and said hello, its peer may have accepted the connection as a
  /// link. So it is given up only if lost links are dialled again; on one host, where they are not,
  /// such a peer waits only for a processor.
  func helloDeadline(of connection: Connection) -> MonotonicInstant {
    let waitsForPeer = connection.role.dialledPeer != nil && !connection.isConnecting
    guard connection.stream.isOpen, connection.peer == nil, !waitsForPeer || policy.linksAgain
    else { return .never }
    return connection.since + Self.helloTimeout
  }

  func dial(_ peer: MachineID, now: MonotonicInstant) {
    var endpoint = endpoints[peer.index]
    endpoint.host = endpoint.hosts[policy.nextAddress(of: peer, count: endpoint.hosts.count)]
    do throws(SystemError) {
      let descriptor = try Socket.connect(host: endpoint.host, port: endpoint.port)
      let connection = Connection(
        descriptor, role: .dialled(peer), origin: "\(endpoint)", since: now)
      try register(connection)
    } catch {
      policy.dialFailed(peer, isRejected: false, now: now)
    }
  }

  /// Accepts some of the pending connections; the poller reports the rest.
  ///
  /// The bound lets a peer's hello be read before a flood of strangers makes the peer the oldest
  /// connection without one, which ``makeRoomForStranger(now:)`` would drop.
  func acceptSome() {
    do throws(SystemError) {
      try listener.acceptSome { descriptor, origin throws(SystemError) in
        let now = MonotonicInstant.now
        makeRoomForStranger(now: now)
        try register(Connection(descriptor, role: .accepted, origin: origin, since: now))
      }
    } catch {
      observer?.refused(
        origin: "a client", reason: "no connection could be taken: \(error.reason)")
      listener.pause()
    }
  }

  /// Bounds the number of clients without a hello: drops the oldest.
  private func makeRoomForStranger(now: MonotonicInstant) {
    let strangers = connections.all.filter { $0.peer == nil && $0.role == .accepted }
    guard strangers.count >= Self.strangerCountMax + policy.missingPeers.count,
      let oldest = strangers.min(by: { $0.since < $1.since })
    else { return }
    giveUp(oldest, reason: "too many others wait to say hello", now: now)
  }

  private func register(_ connection: Connection) throws(SystemError) {
    try connections.insert(
      connection, on: connection.stream, with: poller, isConnecting: connection.isConnecting)
  }

  /// Makes a connection a link, if the policy accepts the peer's hello.
  func accept(
    _ other: WireMessage.Hello, from connection: Connection
  ) throws(FrameError) {
    if let rejection = policy.rejection(of: other, dialled: connection.role.dialledPeer) {
      try reject(connection, rejection)
    }
    connection.peer = other.id
    connection.reader.byteCountMax = frameByteCountMax
    if let hostLinks {
      Socket.endSilence(
        on: connection.descriptor, afterMilliseconds: hostLinks.silenceMillisecondsMax)
    }
    add(connection, to: other.id)
    // It is a link from here on; if the peer has ended meanwhile, the next read reports that.
    if connection.role == .accepted {
      _ = WireMessage.hello(policy.hello).append(to: connection.outgoing)
      write(connection)
    }
    observer?.linked(to: other.id)
  }

  /// Makes a link the one to a peer.
  func add(_ link: Link, to peer: MachineID) {
    links[peer.index] = link
    fastLinks[peer.index] = Unmanaged.passUnretained(link)
    policy.linked(to: peer)
  }

  func unlink(_ peer: MachineID, isDialled: Bool, now: MonotonicInstant) {
    links[peer.index] = nil
    fastLinks[peer.index] = nil
    policy.unlinked(from: peer, isDialled: isDialled, now: now)
  }

  /// Tells the side that dialled why its hello is rejected, and ends the connection.
  private func reject(
    _ connection: Connection, _ rejection: LinkPolicy.Rejection
  ) throws(FrameError) {
    if case .accepted = connection.role {
      _ = WireMessage.refusal(rejection.refusal).append(to: connection.outgoing)
      try? connection.stream.flush()
    }
    throw .broken(reason: rejection.reason)
  }

  /// Hands the connection of a control client to the observer, if the policy accepts its hello.
  func admit(
    _ clientHello: WireMessage.Hello, from connection: Connection
  ) throws(FrameError) {
    if let rejection = policy.rejection(ofClient: clientHello) { try reject(connection, rejection) }
    _ = WireMessage.welcome.append(to: connection.outgoing)
    // The stream is new and the frame small: one write takes it all.
    try? connection.stream.flush()
    let descriptor = connection.stream.release()
    connections.remove(connection.stream)
    observer?.clientArrived(on: descriptor)
  }
}
