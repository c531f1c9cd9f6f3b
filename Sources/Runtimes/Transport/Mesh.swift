import LogicalTime
import RunControl
import SystemCalls

/// The links of one machine: one TCP connection to each peer, both ways, FIFO.
///
/// A connection becomes a link once both sides have said hello with the run's token. A stranger,
/// which says anything else, is rejected, and the run goes on. ``LinkPolicy`` decides; the mesh
/// dials, accepts, reads and writes. It never waits: its owner's loop tells it when a descriptor is
/// ready (``handle``) and when to write what has gathered (``flush()``).
package final class Mesh {
  /// The port it listens on.
  package let port: UInt16
  /// Hears of everything that happens on the links; it owns the mesh, so it must ``close()`` it.
  package var observer: (any MeshObserver)?

  private(set) var policy: LinkPolicy
  private let poller: Poller
  private let listener: Listener
  private let firstToken: UInt64
  private let buffer = ReadBuffer(byteCount: 1 << 18)
  /// All connections, indexed by token; the indices of ended ones are reused.
  private var connections: [Connection?] = []
  private var freePlaces: [Int] = []
  /// The link to each peer, indexed by its id; nil without one.
  private var links: [Connection?]
  /// The same links, which `links` owns, without reference counting at every message.
  private let fastLinks: UnsafeMutablePointer<Unmanaged<Connection>?>
  private var endpoints: [Endpoint] = []
  /// Links with something to write.
  private var unwritten: [Connection] = []
  /// How the machines' hosts are linked; nil when all are on one.
  private let hostLinks: HostLinks?
  private var acceptPause = AcceptPause()
  private var isOpen = true

  /// How long a connection may be without a hello, in nanoseconds.
  package static let helloNanosecondsMax: Int64 = 3_000_000_000
  /// How many clients may be connected without a hello, besides the missing peers.
  package static let strangerCountMax = 64
  /// How many connections are accepted in a row before the accepted ones are read.
  private static let acceptCountMax = 16

  /// Starts to listen; dials no peer before ``connect(to:)``.
  ///
  /// - Parameters:
  ///   - hello: This machine's id and run.
  ///   - peers: The machines it shares a channel with, in either direction, ascending.
  ///   - machineCount: How many machines the run has.
  ///   - endpoint: Where to listen; port 0 takes a free one.
  ///   - poller: The owner's poller, which all descriptors are added to.
  ///   - firstToken: The mesh uses this token and those above it.
  ///   - hostLinks: How the machines' hosts are linked; nil when all are on one.
  /// - Throws: ``SystemError`` when the port is in use, or there is no descriptor left.
  package init(
    hello: WireMessage.Hello, peers: [MachineID], machineCount: Int, endpoint: Endpoint,
    poller: Poller, firstToken: UInt64, hostLinks: HostLinks? = nil
  ) throws(SystemError) {
    policy = LinkPolicy(
      hello: hello, peers: peers, machineCount: machineCount, hostLinks: hostLinks)
    self.hostLinks = hostLinks
    self.poller = poller
    self.firstToken = firstToken
    links = Array(repeating: nil, count: machineCount)
    listener = try Listener(hosts: endpoint.hosts, port: endpoint.port)
    port = listener.port
    do throws(SystemError) {
      try listener.add(to: poller, token: firstToken)
    } catch {
      listener.end(in: poller)
      throw error
    }
    // Allocated last: an initializer that throws before has nothing to free.
    fastLinks = .allocate(capacity: machineCount)
    fastLinks.initialize(repeating: nil, count: machineCount)
  }

  deinit {
    close()
    fastLinks.deallocate()
  }

  /// Ends all links and stops listening; the observer hears nothing more.
  ///
  /// A closed mesh has no links and handles no token, since its descriptors' numbers may be reused.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    observer = nil
    for case let connection? in links { unlink(connection, now: 0) }
    _ = policy.takeRedials(now: .max)
    for case let connection? in connections { end(connection) }
    listener.end(in: poller)
  }

  /// Whether there is a link to every peer.
  package var isComplete: Bool { policy.missingPeers.isEmpty }

  /// The peers without a link, ascending.
  package var missingPeers: [MachineID] { policy.missingPeers }

  /// Dials every peer that ``LinkPolicy/dials(_:)`` says; the others dial this machine.
  ///
  /// - Parameter endpoints: Where each machine of the run listens, in id order.
  package func connect(to endpoints: [Endpoint]) {
    self.endpoints = endpoints
    for peer in policy.peers where policy.dials(peer) {
      dial(peer, now: SystemClock.monotonicNanoseconds)
    }
  }

  /// When ``handleTime(now:)`` should be called next, on the monotonic clock; nil when nothing
  /// waits.
  package var nextTime: Int64? {
    var next = policy.nextRedial
    if let end = acceptPause.end { next = min(next ?? .max, end) }
    for case let connection? in connections where connection.peer == nil {
      next = min(next ?? .max, connection.since + Self.helloNanosecondsMax)
    }
    return next
  }

  /// Repeats failed dials that are due, and ends connections without a hello in time.
  package func handleTime(now: Int64) {
    if acceptPause.endIfOver(now: now) {
      listener.setReading(true, in: poller, token: firstToken)
    }
    for peer in policy.takeRedials(now: now) { dial(peer, now: now) }
    for case let connection? in connections
    where connection.peer == nil && connection.since + Self.helloNanosecondsMax <= now {
      giveUp(connection, reason: "it did not say hello in 3 s", now: now)
    }
  }

  /// Enqueues a message on the link to a peer; it leaves at the next ``flush()``.
  @inline(__always)
  package func send(_ message: WireMessage, to peer: MachineID) -> SendOutcome {
    guard let link = fastLinks[peer.index] else { return .noLink }
    return link._withUnsafeGuaranteedRef { link in
      if !link.isUnwritten { listAsUnwritten(link) }
      return message.append(to: link.outgoing) ? .queued : .tooManyBytesWait
    }
  }

  @inline(never)
  private func listAsUnwritten(_ link: Connection) {
    link.isUnwritten = true
    unwritten.append(link)
  }

  /// Enqueues a fragmented message on the link to a peer on another host.
  ///
  /// It leaves from the next ``flush()`` on, behind earlier ones. Without a link it is lost.
  package func enqueue(_ message: [UInt8], to peer: MachineID) -> SendOutcome {
    guard let link = links[peer.index] else { return .noLink }
    if !link.isUnwritten { listAsUnwritten(link) }
    return link.fragments.enqueue(message) ? .queued : .tooManyBytesWait
  }

  /// Whether this machine dials lost links again; true only before the run begins.
  package var linksAgain: Bool {
    get { policy.linksAgain }
    set { policy.linksAgain = newValue }
  }

  /// What became of a message.
  package enum SendOutcome: Hashable, Sendable {
    /// It leaves with the next flush.
    case queued
    /// The peer's link has ended, or never was.
    case noLink
    /// The peer reads too slowly: no more bytes may wait for it.
    case tooManyBytesWait
  }

  /// Writes what waits for all peers, as far as their streams take it.
  package func flush() {
    guard !unwritten.isEmpty else { return }
    let links = unwritten
    unwritten.removeAll(keepingCapacity: true)
    for link in links {
      link.isUnwritten = false
      if connections[link.place] === link { write(link) }
    }
  }

  /// Whether bytes wait that a peer has not taken yet.
  package var hasUnwrittenBytes: Bool {
    links.contains { $0.map { !$0.outgoing.isEmpty } ?? false }
  }

  /// Handles a descriptor that the poller found ready, if its token is one of the mesh's.
  package func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
    guard isOpen else { return }
    if token == firstToken {
      acceptSome()
      return
    }
    guard token > firstToken, token - firstToken <= connections.count,
      let connection = connections[Int(token - firstToken) - 1]
    else { return }
    if isWritable { handleWritable(connection) }
    if isReadable && connections[connection.place] === connection { read(connection) }
  }

  // MARK: Dialling and accepting

  private func dial(_ peer: MachineID, now: Int64) {
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
  private func acceptSome() {
    for _ in 0..<Self.acceptCountMax {
      do throws(SystemError) {
        guard let (descriptor, origin) = try listener.accept() else { return }
        let now = SystemClock.monotonicNanoseconds
        makeRoomForStranger(now: now)
        let connection = Connection(descriptor, role: .accepted, origin: origin, since: now)
        try register(connection)
      } catch {
        observer?.refused(
          origin: "a client", reason: "no connection could be taken: \(error.reason)")
        acceptPause.begin(now: SystemClock.monotonicNanoseconds)
        listener.setReading(false, in: poller, token: firstToken)
        return
      }
    }
  }

  /// Bounds the number of clients without a hello: drops the oldest.
  private func makeRoomForStranger(now: Int64) {
    let strangers = connections.compactMap { $0 }.filter { $0.peer == nil && $0.role == .accepted }
    guard strangers.count >= Self.strangerCountMax + policy.missingPeers.count,
      let oldest = strangers.min(by: { $0.since < $1.since })
    else { return }
    giveUp(oldest, reason: "too many others wait to say hello", now: now)
  }

  private func register(_ connection: Connection) throws(SystemError) {
    let place = freePlaces.popLast() ?? connections.count
    connection.place = place
    if place == connections.count { connections.append(nil) }
    do throws(SystemError) {
      try connection.stream.watch(
        with: poller, token: firstToken + 1 + UInt64(place), isConnecting: connection.isConnecting)
    } catch {
      freePlaces.append(place)
      throw error
    }
    connections[place] = connection
  }

  // MARK: Reading and writing

  private func handleWritable(_ connection: Connection) {
    if connection.isConnecting {
      if let failure = Socket.connectFailure(of: connection.descriptor) {
        giveUp(connection, reason: failure.reason, now: SystemClock.monotonicNanoseconds)
        return
      }
      connection.isConnecting = false
      _ = WireMessage.hello(policy.hello).append(to: connection.outgoing)
    }
    write(connection)
  }

  private func write(_ connection: Connection) {
    do throws(SystemError) {
      try connection.stream.flush { connection.fragments.fill($0) }
    } catch {
      // What a peer sent before it ended can still be read; the end of that reports the lost link.
      if connection.peer == nil {
        giveUp(connection, reason: error.reason, now: SystemClock.monotonicNanoseconds)
      }
    }
  }

  private func read(_ connection: Connection) {
    do throws(FrameError) {
      // A peer that never pauses must not starve the others: 8 reads a turn.
      for _ in 0..<8 {
        let outcome = try readOnce(connection)
        if outcome == .ended {
          lose(connection, reason: nil)
          return
        }
        // The observer may own the descriptor of a control client by now.
        if outcome == .drained || connections[connection.place] !== connection { return }
      }
    } catch {
      lose(connection, reason: error)
    }
  }

  private func readOnce(_ connection: Connection) throws(FrameError) -> FrameReader.Outcome {
    guard let peer = connection.peer, let observer else {
      return try connection.reader.read(from: connection.descriptor, through: buffer.bytes) {
        frame throws(FrameError) in
        if let peer = connection.peer, hostLinks != nil && frame.first == FragmentedMessages.kind {
          try takePiece(frame, from: peer, on: connection)
        } else {
          try takeFirst(WireMessage(frame), from: connection)
        }
      }
    }
    return try connection.reader.read(from: connection.descriptor, through: buffer.bytes) {
      frame throws(FrameError) in
      if hostLinks != nil && frame.first == FragmentedMessages.kind {
        try takePiece(frame, from: peer, on: connection)
      } else {
        try Self.take(WireMessage(frame), from: peer, for: observer)
      }
    }
  }

  @inline(never)
  private func takePiece(
    _ frame: UnsafeRawBufferPointer, from peer: MachineID, on connection: Connection
  ) throws(FrameError) {
    guard let message = try connection.fragments.receive(frame) else { return }
    observer?.arrivedFragmented(from: peer, message)
  }

  /// Handles a frame on a connection that was no link before this read: a hello, or a frame glued
  /// to one.
  private func takeFirst(
    _ message: WireMessage, from connection: Connection
  ) throws(FrameError) {
    if let peer = connection.peer, let observer {
      try Self.take(message, from: peer, for: observer)
    } else {
      switch (message, connection.role) {
      case (.hello(let other), _): try accept(other, from: connection)
      case (.clientHello(let clientHello), .accepted): try admit(clientHello, from: connection)
      case (.refusal(let refusal), .dialled(let peer)):
        connection.refusal = refusal
        throw .broken(reason: "machine \(peer) rejects us: \(refusal)")
      default: throw .malformed
      }
    }
  }

  @inline(__always)
  private static func take(
    _ message: WireMessage, from peer: MachineID, for observer: any MeshObserver
  ) throws(FrameError) {
    switch message {
    case .message(let reading, let amount):
      observer.arrived(from: peer, reading: reading, amount: amount)
    case .marker(let initiator, let number):
      observer.arrivedMarker(from: peer, initiator: initiator, number: number)
    case .hello, .clientHello, .welcome, .refusal:
      throw .malformed
    }
  }

  private func accept(
    _ other: WireMessage.Hello, from connection: Connection
  ) throws(FrameError) {
    if let rejection = policy.rejection(of: other, dialled: connection.role.dialledPeer) {
      try reject(connection, rejection)
    }
    connection.peer = other.id
    connection.reader.byteCountMax =
      hostLinks == nil ? Frame.byteCountMax : FragmentedMessages.frameByteCountMax
    if let hostLinks {
      Socket.endSilence(
        on: connection.descriptor, afterMilliseconds: hostLinks.silenceMillisecondsMax)
    }
    links[other.id.index] = connection
    fastLinks[other.id.index] = Unmanaged.passUnretained(connection)
    policy.linked(to: other.id)
    // It is a link from here on; if the peer has ended meanwhile, the next read reports that.
    if connection.role == .accepted {
      _ = WireMessage.hello(policy.hello).append(to: connection.outgoing)
      write(connection)
    }
    observer?.linked(to: other.id)
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
  private func admit(
    _ clientHello: WireMessage.Hello, from connection: Connection
  ) throws(FrameError) {
    if let rejection = policy.rejection(ofClient: clientHello) { try reject(connection, rejection) }
    _ = WireMessage.welcome.append(to: connection.outgoing)
    // The stream is new and the frame small: one write takes it all.
    try? connection.stream.flush()
    let descriptor = connection.stream.release()
    connections[connection.place] = nil
    freePlaces.append(connection.place)
    observer?.clientArrived(on: descriptor)
  }

  // MARK: Ends

  /// Ends a connection whose stream ended or broke.
  private func lose(_ connection: Connection, reason: FrameError?) {
    let now = SystemClock.monotonicNanoseconds
    guard let peer = connection.peer else {
      giveUp(connection, reason: reason.map { "\($0)" } ?? "it left without a hello", now: now)
      return
    }
    end(connection)
    unlink(connection, now: now)
    observer?.lostLink(to: peer, reason: reason)
  }

  private func unlink(_ connection: Connection, now: Int64) {
    guard let peer = connection.peer else { return }
    links[peer.index] = nil
    fastLinks[peer.index] = nil
    policy.unlinked(from: peer, isDialled: connection.role.dialledPeer != nil, now: now)
  }

  /// Ends a connection that is not a link yet: reports a stranger, dials a peer again.
  private func giveUp(_ connection: Connection, reason: String, now: Int64) {
    end(connection)
    switch connection.role {
    case .accepted:
      observer?.refused(origin: connection.origin, reason: reason)
    case .dialled(let peer):
      if let refusal = connection.refusal {
        observer?.rejected(by: peer, origin: connection.origin, because: refusal)
      } else if connection.isConnecting == false {
        observer?.refused(origin: connection.origin, reason: reason)
      }
      policy.dialFailed(peer, isRejected: connection.refusal != nil, now: now)
    }
  }

  private func end(_ connection: Connection) {
    connection.stream.end()
    connections[connection.place] = nil
    freePlaces.append(connection.place)
  }
}
