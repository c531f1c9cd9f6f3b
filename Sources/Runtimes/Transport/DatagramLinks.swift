import LogicalTime
import RunControl
import ScaleModel
import Snapshots
import SystemCalls

/// The links of one machine over UDP: one socket for all peers, each frame a datagram of its own.
///
/// The system may lose, double and reorder datagrams; nothing is sent again but a hello.
///
/// A datagram is the sender's id in 4 bytes, the run's token in 16 bytes, and one frame without its
/// length. A datagram that has another token, comes from an address where that sender does not
/// listen, or has no valid frame is dropped and reported, and the run goes on.
///
/// There is no connection that a peer's death would end. A machine learns of the death from its
/// supervisor, and calls ``end(with:)``.
package final class DatagramLinks: MachineLinks {
  /// The port it listens on.
  package let port: UInt16
  /// Hears of everything that happens on the links.
  package var observer: (any MeshObserver)?

  private var policy: LinkPolicy
  private let socket: Descriptor
  private let poller: Poller
  private let token: UInt64
  private let received = ReadBuffer(byteCount: 1 << 16)
  /// The header of every datagram, and behind it the frame that leaves.
  private let leaving = ReadBuffer(byteCount: Socket.datagramByteCountMax)
  /// Where each machine listens, indexed by id; empty before ``connect(to:)``, nil where unknown.
  private var addresses: [DatagramAddress?] = []
  /// Whether each machine is dead, indexed by id.
  private var isDead: [Bool]
  /// The frames that wait, and their targets in the same order.
  private let waiting = OutgoingQueue()
  private var targets: [MachineID] = []
  private var isOpen = true

  private static let headerByteCount = 4 + 16
  /// The most bytes of a frame.
  package static let frameByteCountMax = Socket.datagramByteCountMax - headerByteCount
  /// How many datagrams are read in a row before others get their turn.
  private static let readCountMax = 256
  /// How many datagrams are read, at most, when a peer is dead: more than the system holds.
  private static let lastReadCountMax = 4096

  /// Makes the socket; says no hello before ``connect(to:)``.
  ///
  /// - Parameters:
  ///   - hello: This machine's id and run.
  ///   - peers: The machines it shares a channel with, in either direction, ascending.
  ///   - machineCount: How many machines the run has.
  ///   - endpoint: Where to listen; port 0 takes a free one.
  ///   - poller: The owner's poller.
  ///   - token: The socket's token in the poller.
  /// - Throws: ``SystemError`` when the port is in use, or there is no descriptor left.
  package init(
    hello: WireMessage.Hello, peers: [MachineID], machineCount: Int, endpoint: Endpoint,
    poller: Poller, token: UInt64
  ) throws(SystemError) {
    policy = LinkPolicy(hello: hello, peers: peers, machineCount: machineCount, hostLinks: nil)
    isDead = Array(repeating: false, count: machineCount)
    (self.poller, self.token) = (poller, token)
    (socket, port) = try Socket.bindDatagrams(host: endpoint.host, port: endpoint.port)
    do throws(SystemError) {
      try poller.add(socket, token: token)
    } catch {
      socket.end()
      throw error
    }
    let header = leaving.bytes
    header.storeBytes(of: hello.id.number.bigEndian, as: UInt32.self)
    header.storeBytes(of: hello.token.high.bigEndian, toByteOffset: 4, as: UInt64.self)
    header.storeBytes(of: hello.token.low.bigEndian, toByteOffset: 12, as: UInt64.self)
  }

  deinit {
    close()
  }

  /// Ends all links; the observer hears nothing more.
  package func close() {
    guard isOpen else { return }
    isOpen = false
    observer = nil
    poller.remove(socket)
    socket.end()
  }

  // MARK: Hellos

  /// Whether lost links are made again; without effect, as no link is lost before the run begins.
  package var linksAgain: Bool {
    get { policy.linksAgain }
    set { policy.linksAgain = newValue }
  }

  /// When the next hello is due.
  package var nextTime: MonotonicInstant { policy.nextRedial }

  /// Says hello to every peer that ``LinkPolicy/dials(_:)`` says, again and again until it answers.
  package func connect(to endpoints: [Endpoint]) {
    addresses = endpoints.map { try? DatagramAddress(host: $0.host, port: $0.port) }
    for peer in policy.peers where policy.dials(peer) {
      sayHello(to: peer, now: .now)
    }
  }

  /// Repeats the hellos that are due.
  package func handleTime(now: MonotonicInstant) {
    for peer in policy.takeRedials(now: now)
    where !policy.isLinked[peer.index] && !isDead[peer.index] {
      sayHello(to: peer, now: now)
    }
  }

  private func sayHello(to peer: MachineID, now: MonotonicInstant) {
    sendNow(.hello(policy.hello), to: peer)
    policy.repeatDial(of: peer, now: now)
  }

  private func link(_ peer: MachineID) {
    guard !policy.isLinked[peer.index], !isDead[peer.index] else { return }
    policy.linked(to: peer)
    observer?.linked(to: peer)
  }

  /// Ends the link to a dead peer, after reading the datagrams that the system holds from it.
  package func end(with peer: MachineID) {
    guard isOpen, policy.isLinked[peer.index] else { return }
    read(countMax: Self.lastReadCountMax)
    policy.unlinked(from: peer, isDialled: false, now: .now)
    isDead[peer.index] = true
    observer?.lostLink(to: peer, reason: nil)
  }

  // MARK: Writing

  /// Enqueues a frame for a peer; it leaves at the next ``flush()``.
  package func send(_ message: WireMessage, to peer: MachineID) -> SendOutcome {
    guard policy.isLinked[peer.index] else { return .noLink }
    let byteCount = message.byteCount
    guard byteCount <= Self.frameByteCountMax else { return .tooLong(byteCount: byteCount) }
    guard message.append(to: waiting) else { return .tooManyBytesWait }
    targets.append(peer)
    return .queued
  }

  /// Reports no link: runs over UDP are on one host.
  package func enqueue(_ message: [UInt8], to peer: MachineID) -> SendOutcome { .noLink }

  /// Rejects the peer: foreign machines have a channel over TCP.
  package func link(
    _ peer: MachineID, to receiver: any LocalPeer
  ) throws(FrameError) -> LocalLink {
    throw .broken(reason: "\(Refusal.notAPeer)")
  }

  /// Sends what waits; what the system has no room for is lost.
  package func flush() {
    var index = 0
    waiting.takeFrames { frame in
      sendNow(frame, to: targets[index])
      index += 1
    }
    targets.removeAll(keepingCapacity: true)
  }

  /// Discards what waits.
  package func discardUnflushed() {
    waiting.removeAll()
    targets.removeAll()
  }

  private func sendNow(_ message: WireMessage, to peer: MachineID) {
    let queue = OutgoingQueue()
    _ = message.append(to: queue)
    queue.takeFrames { sendNow($0, to: peer) }
  }

  private func sendNow(_ frame: UnsafeRawBufferPointer, to peer: MachineID) {
    guard isOpen, addresses.indices.contains(peer.index), let address = addresses[peer.index]
    else { return }
    let header = Self.headerByteCount
    UnsafeMutableRawBufferPointer(rebasing: leaving.bytes[header...]).copyMemory(from: frame)
    Socket.sendDatagram(
      UnsafeRawBufferPointer(rebasing: leaving.bytes[..<(header + frame.count)]), to: address,
      on: socket)
  }

  // MARK: Reading

  /// Reads the socket, if the token is its own.
  package func handle(token: UInt64, isReadable: Bool, isWritable: Bool) {
    if token == self.token && isReadable { read(countMax: Self.readCountMax) }
  }

  private func read(countMax: Int) {
    for _ in 0..<countMax {
      guard isOpen,
        // An error here tells that a datagram sent before could not be delivered: it is lost.
        let (count, origin) = try? Socket.receiveDatagram(from: socket, into: received.bytes)
      else { return }
      let datagram = UnsafeRawBufferPointer(rebasing: received.bytes[..<count])
      if let reason = take(datagram, from: origin) {
        observer?.refused(origin: origin.text, reason: reason)
      }
    }
  }

  /// Handles a datagram; returns why it is refused, nil when it is not.
  private func take(
    _ datagram: UnsafeRawBufferPointer, from origin: DatagramAddress
  ) -> String? {
    // Without addresses this machine does not know its peers yet; their hellos come again.
    guard let observer, !addresses.isEmpty else { return nil }
    let header = Self.headerByteCount
    guard datagram.count > header else { return "\(FrameError.malformed)" }
    let token = RunToken(
      high: UInt64(bigEndian: datagram.loadUnaligned(fromByteOffset: 4, as: UInt64.self)),
      low: UInt64(bigEndian: datagram.loadUnaligned(fromByteOffset: 12, as: UInt64.self)))
    guard token == policy.hello.token else { return "it has another run's token" }
    let id = Int(UInt32(bigEndian: datagram.loadUnaligned(as: UInt32.self)))
    guard id < addresses.count, let address = addresses[id], address.isSame(as: origin) else {
      return "machine \(id) does not listen there"
    }
    let peer = MachineID(id)
    do throws(FrameError) {
      let frame = UnsafeRawBufferPointer(rebasing: datagram[header...])
      return try take(WireMessage(frame), from: peer, for: observer)
    } catch {
      return "\(error)"
    }
  }

  private func take(
    _ message: WireMessage, from peer: MachineID, for observer: any MeshObserver
  ) throws(FrameError) -> String? {
    switch message {
    case .message(let reading, let content) where policy.isLinked[peer.index]:
      observer.arrived(from: peer, reading: reading, content: content)
    case .roundMessage(let round, let reading, let content) where policy.isLinked[peer.index]:
      observer.arrived(from: peer, of: round, reading: reading, content: content)
    case .marker(let initiator, let number) where policy.isLinked[peer.index]:
      observer.arrivedMarker(from: peer, initiator: initiator, number: number)
    case .hello where isDead[peer.index]: break
    case .hello(let other) where other.id == peer:
      if !policy.isLinked[peer.index], let rejection = policy.rejection(of: other, dialled: nil) {
        return rejection.reason
      }
      sendNow(.welcome, to: peer)
      link(peer)
    case .welcome where policy.peers.contains(peer):
      link(peer)
    case .message, .roundMessage, .marker:
      // There is no link: the peer is dead, and sent the datagram before.
      break
    case .hello, .clientHello, .welcome, .refusal:
      throw .malformed
    }
    return nil
  }
}
