import LogicalTime
import RunControl
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Transport

/// Machines with a mesh each, on loopback and free ports, all driven by the test in one thread.
final class MeshWorld {
  static let token = RunToken(high: 1, low: 2)
  private(set) var nodes: [MeshNode]
  /// How far the meshes' time is ahead of the clock, in nanoseconds.
  var skewNanoseconds: Int64 = 0

  /// Makes `machineCount` machines that are all peers; none dials yet.
  init(machineCount: Int, host: String = "127.0.0.1", hostLinks: HostLinks? = nil) throws {
    // Strangers write to streams that the mesh has ended.
    ThisProcess.ignoreWriteSignals()
    _ = ThisProcess.raiseOpenFileLimit(to: 2000)
    let ids = (0..<machineCount).map { MachineID($0) }
    nodes = try ids.map { id in
      try MeshNode(
        id: id, peers: ids.filter { $0 != id }, machineCount: machineCount, host: host,
        hostLinks: hostLinks)
    }
  }

  /// Makes one machine; the test plays its peers.
  init(id: MachineID, peers: [MachineID], machineCount: Int) throws {
    ThisProcess.ignoreWriteSignals()
    _ = ThisProcess.raiseOpenFileLimit(to: 2000)
    nodes = [try MeshNode(id: id, peers: peers, machineCount: machineCount)]
  }

  deinit {
    for node in nodes { node.mesh.close() }
  }

  var endpoints: [Endpoint] { nodes.map { Endpoint(host: "127.0.0.1", port: $0.mesh.port) } }

  /// Lets all machines dial, and turns until each has a link to every other.
  func linkUp() throws {
    for node in nodes { node.mesh.connect(to: endpoints) }
    try turn { self.nodes.allSatisfy(\.mesh.isComplete) }
  }

  /// Lets every machine write, read and handle the time repeatedly until `condition` holds.
  ///
  /// After a minute, far more than any test takes, the test fails instead of hanging.
  func turn(until condition: () throws -> Bool) throws {
    let deadline = SystemClock.monotonicNanoseconds + 60_000_000_000
    while try !condition() {
      try #require(SystemClock.monotonicNanoseconds < deadline, "It never came to that")
      turnOnce()
    }
  }

  /// Turns until no descriptor has been ready for a while.
  func settle() {
    var idleCount = 0
    while idleCount < 3 { idleCount = turnOnce() == 0 ? idleCount + 1 : 0 }
  }

  /// Turns every machine once; returns how many descriptors were ready.
  @discardableResult
  private func turnOnce() -> Int {
    nodes.reduce(0) { count, node in
      count + node.turn(now: .now + skewNanoseconds)
    }
  }
}

/// One machine of a mesh, which records what it hears.
final class MeshNode: MeshObserver {
  enum Heard: Hashable {
    case message(from: MachineID, reading: UInt64, content: MessageContent)
    case marker(from: MachineID, initiator: MachineID, number: UInt32)
    case linked(MachineID)
    case lost(MachineID, FrameError?)
    case refused(String)
  }

  let mesh: Mesh
  private let poller: Poller
  var heard: [Heard] = []
  private(set) var fragmented: [[UInt8]] = []
  private(set) var rejections: [Refusal] = []
  private(set) var clientCount = 0

  init(
    id: MachineID, peers: [MachineID], machineCount: Int, token: RunToken = MeshWorld.token,
    host: String = "127.0.0.1", hostLinks: HostLinks? = nil
  ) throws {
    poller = try Poller()
    mesh = try Mesh(
      hello: WireMessage.Hello(id: id, token: token, planDigest: 3), peers: peers,
      machineCount: machineCount, endpoint: Endpoint(host: host, port: 0), poller: poller,
      firstToken: 16,
      hostLinks: hostLinks)
    mesh.observer = self
  }

  func turn(now: MonotonicInstant) -> Int {
    mesh.flush()
    let count = try? poller.wait(nanoseconds: 200_000) { token, isReadable, isWritable in
      mesh.handle(token: token, isReadable: isReadable, isWritable: isWritable)
    }
    mesh.handleTime(now: now)
    return count ?? 0
  }

  /// What arrived on the channel from one peer, in order.
  func arrivals(from peer: MachineID) -> [Heard] {
    heard.filter { heard in
      switch heard {
      case .message(let source, _, _), .marker(let source, _, _): source == peer
      case .linked, .lost, .refused: false
      }
    }
  }

  /// How many links have ended.
  var lostCount: Int { heard.count { if case .lost = $0 { true } else { false } } }

  var refusals: [String] {
    heard.compactMap { if case .refused(let reason) = $0 { reason } else { nil } }
  }

  func arrived(from peer: MachineID, reading: UInt64, content: MessageContent) {
    heard.append(.message(from: peer, reading: reading, content: content))
  }
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {
    heard.append(.marker(from: peer, initiator: initiator, number: number))
  }
  func linked(to peer: MachineID) { heard.append(.linked(peer)) }
  func lostLink(to peer: MachineID, reason: FrameError?) { heard.append(.lost(peer, reason)) }
  func refused(origin: String, reason: String) { heard.append(.refused(reason)) }
  func rejected(by peer: MachineID, origin: String, because refusal: Refusal) {
    rejections.append(refusal)
  }
  func arrivedFragmented(from peer: MachineID, _ message: [UInt8]) { fragmented.append(message) }
  func clientArrived(on descriptor: Descriptor) {
    clientCount += 1
    descriptor.end()
  }
}

/// A TCP connection that the test drives byte by byte, as a stranger or a peer.
final class HandmadePeer {
  let descriptor: Descriptor

  /// Dials a machine.
  init(dialling node: MeshNode) throws {
    descriptor = try Socket.connect(host: "127.0.0.1", port: node.mesh.port)
  }

  /// Plays the side that accepted a connection.
  init(_ descriptor: Descriptor) {
    self.descriptor = descriptor
  }

  deinit {
    descriptor.end()
  }

  static func hello(
    id: MachineID, token: RunToken = MeshWorld.token, planDigest: UInt64 = 3
  ) throws -> [UInt8] {
    try Bytes.frame(.hello(.init(id: id, token: token, planDigest: planDigest)))
  }

  func send(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try descriptor.writeAll($0) }
  }

  /// Ends this side's stream; the other side can still send.
  func endSending() {
    shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// Makes the end of this connection a reset.
  func resetAtEnd() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// What the other side has sent since the last call.
  func heard() -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
    guard case .bytes(let count)? = progress else { return [] }
    return Array(chunk[..<count])
  }

  /// Whether the other side has ended the connection; discards what it sent.
  var isEnded: Bool {
    let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 1)
    defer { chunk.deallocate() }
    while true {
      switch try? descriptor.readAvailable(into: chunk) {
      case .bytes: continue
      case .wouldBlock: return false
      case .ended, nil: return true
      }
    }
  }
}
