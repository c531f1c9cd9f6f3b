import LogicalTime
import RunControl
import SystemCalls
import Testing

@testable import Transport

/// Machines with a mesh each, on loopback and free ports, all turned by hand in one thread.
final class MeshWorld {
  static let token = RunToken(high: 1, low: 2)
  private(set) var nodes: [MeshNode]
  /// How much later than on the clock it is for the meshes.
  var skewNanoseconds: Int64 = 0

  /// Makes a full mesh of so many machines; nobody is dialled yet.
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

  /// Makes one machine; those it is to be linked with are played by the test.
  init(id: MachineID, peers: [MachineID], machineCount: Int) throws {
    ThisProcess.ignoreWriteSignals()
    _ = ThisProcess.raiseOpenFileLimit(to: 2000)
    nodes = [try MeshNode(id: id, peers: peers, machineCount: machineCount)]
  }

  deinit {
    for node in nodes { node.mesh.close() }
  }

  var endpoints: [Endpoint] { nodes.map { Endpoint(host: "127.0.0.1", port: $0.mesh.port) } }

  /// Lets all machines dial, and turns until each is linked with every other.
  func linkUp() throws {
    for node in nodes { node.mesh.connect(to: endpoints) }
    try turn { self.nodes.allSatisfy(\.mesh.isComplete) }
  }

  /// Lets every machine write, read and look at the clock, again and again, until `condition` holds.
  ///
  /// A minute is far more than any of it takes; a test that would hang fails instead.
  func turn(until condition: () throws -> Bool) throws {
    let deadline = SystemClock.monotonicNanoseconds + 60_000_000_000
    while try !condition() {
      try #require(SystemClock.monotonicNanoseconds < deadline, "It never came to that")
      turnOnce()
    }
  }

  /// Turns until nothing has happened for a while.
  func settle() {
    var idleCount = 0
    while idleCount < 3 { idleCount = turnOnce() == 0 ? idleCount + 1 : 0 }
  }

  /// Turns every machine once; returns how many descriptors were ready.
  @discardableResult
  private func turnOnce() -> Int {
    nodes.reduce(0) { count, node in
      count + node.turn(now: SystemClock.monotonicNanoseconds + skewNanoseconds)
    }
  }
}

/// One machine of a mesh, which remembers what it heard.
final class MeshNode: MeshObserver {
  enum Heard: Hashable {
    case message(from: MachineID, reading: UInt64, amount: Int64?)
    case marker(from: MachineID, initiator: MachineID, number: UInt32)
    case linked(MachineID)
    case lost(MachineID, FrameError?)
    case refused(String)
  }

  let mesh: Mesh
  private let poller: Poller
  var heard: [Heard] = []
  private(set) var letters: [[UInt8]] = []
  private(set) var turnedAway: [Refusal] = []
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

  func turn(now: Int64) -> Int {
    mesh.flush()
    let count = try? poller.wait(nanoseconds: 200_000) { token, isReadable, isWritable in
      mesh.handle(token: token, isReadable: isReadable, isWritable: isWritable)
    }
    mesh.handleTime(now: now)
    return count ?? 0
  }

  /// What came on the channel from one peer, in the order it came.
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

  func arrived(from peer: MachineID, reading: UInt64, amount: Int64?) {
    heard.append(.message(from: peer, reading: reading, amount: amount))
  }
  func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {
    heard.append(.marker(from: peer, initiator: initiator, number: number))
  }
  func linked(to peer: MachineID) { heard.append(.linked(peer)) }
  func lostLink(to peer: MachineID, reason: FrameError?) { heard.append(.lost(peer, reason)) }
  func refused(origin: String, reason: String) { heard.append(.refused(reason)) }
  func turnedAway(by peer: MachineID, origin: String, because refusal: Refusal) {
    turnedAway.append(refusal)
  }
  func arrivedLetter(from peer: MachineID, _ letter: [UInt8]) { letters.append(letter) }
  func clientArrived(on descriptor: Descriptor) {
    clientCount += 1
    descriptor.end()
  }
}

/// A TCP connection in the test's own hands: a stranger, or a peer played byte by byte.
final class HandmadePeer {
  let descriptor: Descriptor

  /// Dials a machine.
  init(dialling node: MeshNode) throws {
    descriptor = try Socket.connect(host: "127.0.0.1", port: node.mesh.port)
  }

  /// Plays the other side of a connection that was accepted.
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

  /// Says that nothing more will come.
  func endSending() {
    shutdown(descriptor.number, Int32(SHUT_WR))
  }

  /// Makes the end of this connection an abrupt one.
  func resetAtEnd() {
    var option = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor.number, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
  }

  /// What the other side has said since.
  func heard() -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 4096)
    let progress = try? chunk.withUnsafeMutableBytes { try descriptor.readAvailable(into: $0) }
    guard case .bytes(let count)? = progress else { return [] }
    return Array(chunk[..<count])
  }

  /// Whether the other side has ended the connection; what it sent is thrown away.
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
