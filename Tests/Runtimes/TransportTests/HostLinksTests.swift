import LogicalTime
import RunControl
import ScaleModel
import SystemCalls
import Testing

@testable import Transport

/// What only meshes between hosts do: refusals with a reason, clients, notes, links made again.
@Suite("A mesh between hosts")
struct HostLinksTests {
  private let world: MeshWorld
  private var node: MeshNode { world.nodes[0] }

  init() throws {
    world = try MeshWorld(machineCount: 2, hostLinks: HostLinks(silenceMillisecondsMax: 5000))
  }

  /// The first frame that machine 0 answers to these bytes on a new connection.
  private func answer(to words: [UInt8]) throws -> WireMessage? {
    let stranger = try HandmadePeer(dialling: node)
    try stranger.send(words)
    var heard: [UInt8] = []
    try world.turn {
      heard += stranger.heard()
      return heard.count >= 13
    }
    return try heard.dropFirst(4).prefix(9).withUnsafeBytes { try WireMessage($0) }
  }

  private func clientHello(
    _ id: MachineID, token: RunToken = MeshWorld.token, planDigest: UInt64 = 3
  ) throws -> [UInt8] {
    try Bytes.frame(.clientHello(.init(id: id, token: token, planDigest: planDigest)))
  }

  @Test("The sender of a wrong hello is told the reason")
  func refusals() throws {
    let wrongToken = RunToken(high: 0, low: 0)
    #expect(
      try answer(to: HandmadePeer.hello(id: 1, token: wrongToken)) == .refusal(.wrongToken))
    #expect(try answer(to: HandmadePeer.hello(id: 1, planDigest: 4)) == .refusal(.anotherPlan))
    #expect(try answer(to: HandmadePeer.hello(id: 2)) == .refusal(.notAPeer))
    try world.linkUp()
    #expect(try answer(to: HandmadePeer.hello(id: 1)) == .refusal(.linkedAlready))
    #expect(try answer(to: clientHello(0, token: wrongToken)) == .refusal(.wrongToken))
    #expect(try answer(to: clientHello(1)) == .refusal(.wrongMachine))
    #expect(try answer(to: clientHello(0, planDigest: 9)) == .refusal(.anotherPlan))
  }

  @Test("A client with the token is admitted, and its connection handed to the observer")
  func welcome() throws {
    #expect(try answer(to: clientHello(0)) == .welcome)
    #expect(node.clientCount == 1)
    // Its index is free again, and links are still made.
    try world.linkUp()
  }

  @Test("What follows a client's hello before its welcome is discarded")
  func helloTwice() throws {
    #expect(try answer(to: clientHello(0) + clientHello(0)) == .welcome)
    #expect(node.clientCount == 1)
    #expect(try answer(to: clientHello(0) + HandmadePeer.hello(id: 1)) == .welcome)
    #expect(node.clientCount == 2 && node.refusals == [])
    try world.linkUp()
  }

  @Test("A mesh on one host rejects clients")
  func noClients() throws {
    let local = try MeshWorld(machineCount: 2)
    let stranger = try HandmadePeer(dialling: local.nodes[0])
    try stranger.send(try clientHello(0))
    try local.turn { stranger.isEnded }
    #expect(local.nodes[0].clientCount == 0)
    let reason = "it is a control client, and a run on one host accepts none here"
    #expect(local.nodes[0].refusals == [reason])
  }

  @Test("A peer whose hello is rejected hears why, and dials again until it is accepted")
  func strangerIsRejected() throws {
    let other = try MeshNode(
      id: 1, peers: [0], machineCount: 2, token: RunToken(high: 9, low: 9),
      hostLinks: HostLinks(silenceMillisecondsMax: 5000))
    defer { other.mesh.close() }
    other.mesh.connect(to: world.endpoints)
    try world.turn {
      _ = other.turn(now: .now)
      return !other.rejections.isEmpty
    }
    #expect(other.rejections == [.wrongToken])
    #expect(other.refusals == [])
    #expect(other.mesh.nextTime != .never)
  }

  @Test("Fragmented messages arrive whole and delay no message for long")
  func fragmentedMessages() throws {
    try world.linkUp()
    // More than the socket takes at once.
    let message = [UInt8](repeating: 7, count: 40_000_000) + [1]
    #expect(world.nodes[0].mesh.enqueue(message, to: 1) == .queued)
    world.nodes[0].mesh.flush()
    #expect(world.nodes[0].mesh.send(.message(reading: 4, content: .none), to: 1) == .queued)
    let other = world.nodes[1]
    try world.turn { !other.arrivals(from: 0).isEmpty }
    #expect(other.fragmented.count == 0, "the message has overtaken the fragmented one")
    try world.turn { !other.fragmented.isEmpty }
    let isWhole = other.fragmented == [message]
    #expect(isWhole)
  }

  @Test("Before the start a link that ends is made again; afterwards it is not")
  func linksAgain() throws {
    for node in world.nodes { node.mesh.linksAgain = true }
    try world.linkUp()
    // A second hello on a link is malformed, and ends it.
    #expect(world.nodes[0].mesh.send(.hello(world.nodes[0].mesh.policy.hello), to: 1) == .queued)
    try world.turn { world.nodes[1].lostCount == 1 }
    try world.turn { world.nodes.allSatisfy(\.mesh.isComplete) }
    for node in world.nodes { node.mesh.linksAgain = false }
    #expect(world.nodes[0].mesh.send(.hello(world.nodes[0].mesh.policy.hello), to: 1) == .queued)
    try world.turn { world.nodes[1].lostCount == 2 }
    #expect(world.nodes[1].mesh.nextTime == .never)
  }
}
