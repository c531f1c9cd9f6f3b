import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import SystemCalls

/// The links of one machine: one TCP connection to each peer, both ways, FIFO; to a peer in the
/// same loop a ``LocalLink``.
///
/// A connection becomes a link once both sides have said hello with the run's token. A stranger,
/// which says anything else, is rejected, and the run goes on. ``LinkPolicy`` decides; the mesh
/// dials, accepts, reads and writes. It never waits: its owner's loop tells it when a descriptor is
/// ready (``handle``) and when to write what has gathered (``flush()``).
package final class Mesh: MachineLinks {
  /// The port it listens on.
  package let port: UInt16
  /// Hears of everything that happens on the links; it owns the mesh, so it must ``close()`` it.
  package var observer: (any MeshObserver)?

  var policy: LinkPolicy
  let poller: Poller
  var listener: Listener
  private let firstToken: UInt64
  private let buffer = ReadBuffer(byteCount: 1 << 18)
  var connections: Slots<Connection>
  /// The link to each peer, indexed by its id; nil without one.
  var links: [Link?]
  /// The same links, which `links` owns, without reference counting at every message.
  let fastLinks: UnsafeMutablePointer<Unmanaged<Link>?>
  private(set) var endpoints: [Endpoint] = []
  /// Links with something to write.
  private var unwritten: [Link] = []
  /// How the machines' hosts are linked; nil when all are on one.
  let hostLinks: HostLinks?
  let frameByteCountMax: Int
  private var isOpen = true

  /// How long a connection may take until its hello is here.
  package static let helloTimeout = TimeSpan.seconds(3)
  /// How many clients may be connected without a hello, besides the missing peers.
  package static let strangerCountMax = 64

  /// Starts to listen; dials no peer before ``connect(to:)``.
  ///
  /// - Parameters:
  ///   - hello: This machine's id and run.
  ///   - peers: The machines it shares a channel with, in either direction, ascending.
  ///   - machineCount: How many machines the run has.
  ///   - endpoint: Where to listen; port 0 takes a free one.
  ///   - poller: The owner's poller, which all descriptors are added to.
  ///   - firstToken: The mesh uses this token and those above it.
  ///   - frameByteCountMax: The most bytes of a message, marker or fragment.
  ///   - hostLinks: How the machines' hosts are linked; nil when all are on one.
  /// - Throws: ``SystemError`` when the port is in use, or there is no descriptor left.
  package init(
    hello: WireMessage.Hello, peers: [MachineID], machineCount: Int, endpoint: Endpoint,
    poller: Poller, firstToken: UInt64, frameByteCountMax: Int = Frame.byteCountMax,
    hostLinks: HostLinks? = nil
  ) throws(SystemError) {
    policy = LinkPolicy(
      hello: hello, peers: peers, machineCount: machineCount, hostLinks: hostLinks)
    self.hostLinks = hostLinks
    self.frameByteCountMax =
      hostLinks == nil
      ? frameByteCountMax : max(frameByteCountMax, FragmentedMessages.frameByteCountMax)
    self.poller = poller
    self.firstToken = firstToken
    links = Array(repeating: nil, count: machineCount)
    connections = Slots(firstToken: firstToken + 1)
    listener = try Listener(hosts: endpoint.hosts, port: endpoint.port)
    port = listener.port
    try listener.watch(with: poller, token: firstToken)
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
    for case let peer? in links.map({ $0?.peer }) { unlink(peer, isDialled: false, now: .now) }
    _ = policy.takeRedials(now: .never)
    for connection in connections.all { end(connection) }
    listener.end()
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
      dial(peer, now: .now)
    }
  }

  /// When ``handleTime(now:)`` should be called next.
  package var nextTime: MonotonicInstant {
    var next = min(policy.nextRedial, listener.nextTime)
    for connection in connections.all { next = min(next, helloDeadline(of: connection)) }
    return next
  }

  /// Repeats failed dials that are due, and ends connections whose hello did not come in time.
  package func handleTime(now: MonotonicInstant) {
    listener.resumeIfDue()
    for peer in policy.takeRedials(now: now) { dial(peer, now: now) }
    for connection in connections.all where helloDeadline(of: connection) <= now {
      // A machine that got no processor for long has not read yet what came in time.
      if !connection.isConnecting { read(connection) }
      if helloDeadline(of: connection) <= now {
        giveUp(connection, reason: "it did not say hello in 3 s", now: now)
      }
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
  private func listAsUnwritten(_ link: Link) {
    link.isUnwritten = true
    unwritten.append(link)
  }

  /// Enqueues a fragmented message on a link, for the supervisor of the peer.
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

  /// Writes what waits for all peers, as far as their streams take it.
  package func flush() {
    guard !unwritten.isEmpty else { return }
    let links = unwritten
    unwritten.removeAll(keepingCapacity: true)
    for link in links {
      link.isUnwritten = false
      write(link)
    }
  }

  /// Discards the messages and markers since the last ``flush()``, but no fragmented messages.
  package func discardUnflushed() {
    for link in links { link?.outgoing.removeNew() }
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
    guard let connection = connections[token] else { return }
    if isWritable { handleWritable(connection) }
    if isReadable && connection.stream.isOpen { read(connection) }
  }

  // MARK: Reading and writing

  private func handleWritable(_ connection: Connection) {
    if connection.isConnecting {
      if let failure = Socket.connectFailure(of: connection.descriptor) {
        giveUp(connection, reason: failure.reason, now: .now)
        return
      }
      connection.isConnecting = false
      _ = WireMessage.hello(policy.hello).append(to: connection.outgoing)
    }
    write(connection)
  }

  func write(_ link: Link) {
    do throws(SystemError) {
      try link.write()
    } catch {
      // What a peer sent before it ended can still be read; the end of that reports the lost link.
      if link.peer == nil, let connection = link as? Connection {
        giveUp(connection, reason: error.reason, now: .now)
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
        if outcome == .drained || !connection.stream.isOpen { return }
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
          try takeFragment(frame, from: peer, on: connection)
        } else {
          try takeFirst(WireMessage(frame), from: connection)
        }
      }
    }
    return try connection.reader.read(from: connection.descriptor, through: buffer.bytes) {
      frame throws(FrameError) in
      if hostLinks != nil && frame.first == FragmentedMessages.kind {
        try takeFragment(frame, from: peer, on: connection)
      } else {
        try Self.take(WireMessage(frame), from: peer, for: observer)
      }
    }
  }

  @inline(never)
  private func takeFragment(
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
    // The stream of a control client is handed over: what came behind its hello is discarded.
    guard connection.stream.isOpen else { return }
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
  static func take(
    _ message: WireMessage, from peer: MachineID, for observer: any MeshObserver
  ) throws(FrameError) {
    switch message {
    case .message(let reading, let content):
      observer.arrived(from: peer, reading: reading, content: content)
    case .roundMessage(let round, let reading, let content):
      observer.arrived(from: peer, of: round, reading: reading, content: content)
    case .marker(let initiator, let number):
      observer.arrivedMarker(from: peer, initiator: initiator, number: number)
    case .hello, .clientHello, .welcome, .refusal:
      throw .malformed
    }
  }

  // MARK: Ends

  /// Changes nothing: a link to a dead peer ends by itself.
  package func end(with peer: MachineID) {}

  /// Ends a connection whose stream ended or broke.
  private func lose(_ connection: Connection, reason: FrameError?) {
    let now = MonotonicInstant.now
    guard let peer = connection.peer else {
      giveUp(connection, reason: reason.map { "\($0)" } ?? "it left without a hello", now: now)
      return
    }
    end(connection)
    unlink(peer, isDialled: connection.role.dialledPeer != nil, now: now)
    observer?.lostLink(to: peer, reason: reason)
  }

  /// Ends a connection that is not a link yet: reports a stranger, dials a peer again.
  func giveUp(_ connection: Connection, reason: String, now: MonotonicInstant) {
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
    connections.remove(connection.stream)
  }
}
