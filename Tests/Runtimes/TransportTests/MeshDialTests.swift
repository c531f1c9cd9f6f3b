import LogicalTime
import RunControl
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Transport

/// The test plays the peer that a machine dials, and misbehaves at first.
@Suite("Dialling a peer")
final class MeshDialTests {
  private let world: MeshWorld
  private let listener: Descriptor
  private let port: UInt16
  private var node: MeshNode { world.nodes[0] }

  /// Machine 2 of three dials machine 0 and machine 1, both at the test's own port.
  init() throws {
    world = try MeshWorld(id: 2, peers: [0], machineCount: 3)
    (listener, port) = try Socket.listen(host: "127.0.0.1", port: 0)
  }

  deinit {
    listener.end()
  }

  private func connect(port: UInt16? = nil) {
    node.mesh.connect(
      to: [0, 1, 2].map { _ in Endpoint(host: "127.0.0.1", port: port ?? self.port) })
  }

  /// Accepts the next connection that the machine makes.
  private func accept() throws -> HandmadePeer {
    var accepted: HandmadePeer?
    try world.turn {
      accepted = try Socket.accept(from: listener).map { HandmadePeer($0.descriptor) }
      return accepted != nil
    }
    return try #require(accepted)
  }

  @Test("The machine that dials says hello first, and is linked by the answer")
  func answered() throws {
    connect()
    let peer = try accept()
    let expected = try HandmadePeer.hello(id: 2)
    var received: [UInt8] = []
    try world.turn {
      received += try Bytes.available(peer.descriptor)
      return received.count >= expected.count
    }
    #expect(received == expected && node.heard.isEmpty)
    try peer.send(try HandmadePeer.hello(id: 0) + Bytes.frame(.marker(initiator: 0, number: 9)))
    try world.turn { node.heard.count == 2 }
    #expect(node.heard == [.linked(0), .marker(from: 0, initiator: 0, number: 9)])
    #expect(node.mesh.isComplete && node.mesh.nextTime == .never)
  }

  @Test(
    "A peer that answers wrongly is rejected and dialled again",
    arguments: [
      ([255, 255, 255, 255], "it announced a frame of 4294967295 bytes (at most 33)"),
      (Array("SSH-2.0-OpenSSH\r\n".utf8), "it announced a frame of 1397966893 bytes (at most 33)"),
      ((try? HandmadePeer.hello(id: 1)) ?? [], "machine 1 is not one of our peers"),
      (
        (try? HandmadePeer.hello(id: 0, token: RunToken(high: 9, low: 9))) ?? [],
        "it has another run's token"
      ),
    ] as [([UInt8], String)])
  func wrongAnswer(words: [UInt8], reason: String) throws {
    connect()
    let wrong = try accept()
    try wrong.send(words)
    try world.turn { !node.refusals.isEmpty }
    #expect(node.refusals == [reason])
    let right = try accept()
    try right.send(try HandmadePeer.hello(id: 0))
    try world.turn { node.heard.last == .linked(0) }
  }

  @Test("A machine that answers for another is rejected")
  func answersForAnother() throws {
    let world = try MeshWorld(id: 2, peers: [0, 1], machineCount: 3)
    let node = world.nodes[0]
    node.mesh.connect(to: [0, 1, 2].map { _ in Endpoint(host: "127.0.0.1", port: port) })
    // Machine 0 is dialled first, so its connection is the first to be accepted.
    var peers: [HandmadePeer] = []
    try world.turn {
      peers += try Socket.accept(from: listener).map { [HandmadePeer($0.descriptor)] } ?? []
      return peers.count == 2
    }
    try peers[0].send(try HandmadePeer.hello(id: 1))
    try world.turn { !node.refusals.isEmpty }
    #expect(node.refusals == ["machine 1 answers for machine 0"])
  }

  @Test("A peer that ends the connection at once is dialled again")
  func endsAtOnce() throws {
    connect()
    for _ in 0..<3 { _ = try accept() }
    let peer = try accept()
    try peer.send(try HandmadePeer.hello(id: 0))
    try world.turn { node.mesh.isComplete }
    #expect(node.heard.last == .linked(0))
  }

  @Test("Where links may begin again, a peer that does not answer in time is dialled again")
  func silent() throws {
    node.mesh.linksAgain = true
    connect()
    let silent = try accept()
    world.settle()
    let deadline = node.mesh.nextTime
    node.mesh.handleTime(now: deadline - 1)
    #expect(node.refusals.isEmpty && !silent.isEnded)
    node.mesh.handleTime(now: deadline)
    #expect(node.refusals == ["it did not say hello in 3 s"])
    world.skewNanoseconds = Mesh.helloTimeout.nanoseconds
    let peer = try accept()
    try peer.send(try HandmadePeer.hello(id: 0))
    try world.turn { node.heard.last == .linked(0) }
  }

  @Test("On one host a peer that gets no processor may answer late")
  func late() throws {
    connect()
    let peer = try accept()
    world.settle()
    #expect(node.mesh.nextTime == .never)
    node.mesh.handleTime(now: .now + Mesh.helloTimeout + Mesh.helloTimeout)
    try peer.send(try HandmadePeer.hello(id: 0))
    try world.turn { node.mesh.isComplete }
    #expect(node.refusals.isEmpty)
  }

  @Test("A port without a listener is dialled repeatedly, and no refusal is reported")
  func noListener() throws {
    let (gone, port) = try Socket.listen(host: "127.0.0.1", port: 0)
    gone.end()
    connect(port: port)
    // Each dial, and each wait for the next one, has a `nextTime` of its own.
    var times = Set<MonotonicInstant>()
    try world.turn {
      if node.mesh.nextTime != .never { times.insert(node.mesh.nextTime) }
      return times.count >= 6
    }
    #expect(node.heard.isEmpty && node.mesh.missingPeers == [0])
  }
}
