import LogicalTime
import RunControl
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Transport

/// A mesh rejects and reports every stranger, and the run goes on.
@Suite("Strangers at a mesh")
struct MeshStrangerTests {
  /// Machine 1 of three; the test plays its peers 0 and 2.
  private let world: MeshWorld
  private var node: MeshNode { world.nodes[0] }

  init() throws {
    world = try MeshWorld(id: 1, peers: [0, 2], machineCount: 3)
  }

  /// What a stranger says first, and the reason for its rejection.
  struct Row: Sendable, CustomTestStringConvertible {
    let words: [UInt8]
    var endsSending = false
    let reason: String
    var testDescription: String { reason }
  }

  static let rows: [Row] = [
    Row(words: [], endsSending: true, reason: "it left without a hello"),
    Row(
      words: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8),
      reason: "it announced a frame of 1195725856 bytes (at most 33)"),
    Row(
      words: [255, 255, 255, 255],
      reason: "it announced a frame of 4294967295 bytes (at most 33)"),
    Row(words: [0, 0, 0, 34], reason: "it announced a frame of 34 bytes (at most 33)"),
    Row(
      words: Bytes.frame([UInt8](repeating: 0, count: 33)),
      reason: "it sent a malformed frame"),
    Row(words: Bytes.frame([]), reason: "it sent a malformed frame"),
    Row(
      words: [0, 0, 0, 33, 4, 0x53], endsSending: true,
      reason: "it ended inside a frame, after 6 bytes"),
    Row(words: [0, 0], endsSending: true, reason: "it ended inside a frame, after 2 bytes"),
    Row(
      words: Bytes.frame([1, 0, 0, 0, 0, 0, 0, 0, 1]),
      reason: "it sent a malformed frame"),
    Row(
      words: hello(2, token: RunToken(high: 1, low: 3)), reason: "it has another run's token"),
    Row(
      words: hello(2, token: RunToken(high: 0, low: 0)), reason: "it has another run's token"),
    Row(
      words: hello(2, planDigest: 4),
      reason: "machine 2 runs another plan; give every machine the same cluster file"),
    Row(words: hello(1), reason: "machine 1 is not one of our peers"),
    Row(words: hello(3), reason: "machine 3 is not one of our peers"),
    Row(
      words: hello(MachineID(Int(UInt32.max))), reason: "machine 4294967295 is not one of our peers"
    ),
    Row(words: hello(0), reason: "machine 0 dials, but we dial it"),
  ]

  private static func hello(
    _ id: MachineID, token: RunToken = MeshWorld.token, planDigest: UInt64 = 3
  ) -> [UInt8] {
    (try? HandmadePeer.hello(id: id, token: token, planDigest: planDigest)) ?? []
  }

  /// Plays peer 2: dials, says hello, and becomes a link.
  private func linkPeer() throws -> HandmadePeer {
    let peer = try HandmadePeer(dialling: node)
    try peer.send(try HandmadePeer.hello(id: 2))
    try world.turn { node.heard.contains(.linked(2)) }
    return peer
  }

  @Test("A stranger is rejected with the reason, before and after links are made", arguments: rows)
  func rejected(row: Row) throws {
    for hasLink in [false, true] {
      node.heard = []
      let peer = hasLink ? try linkPeer() : nil
      let stranger = try HandmadePeer(dialling: node)
      try stranger.send(row.words)
      if row.endsSending { stranger.endSending() }
      try world.turn { !node.refusals.isEmpty }
      #expect(node.refusals == [row.reason])
      try world.turn { stranger.isEnded }
      guard let peer else { continue }
      try peer.send(try Bytes.frame(.message(reading: 8, content: .none)))
      try world.turn { node.heard.last == .message(from: 2, reading: 8, content: .none) }
      #expect(!peer.isEnded)
    }
  }

  @Test(
    "A client that stays silent or stops inside its hello is dropped", arguments: [0, 1, 4, 36])
  func silence(byteCount: Int) throws {
    let stranger = try HandmadePeer(dialling: node)
    try stranger.send(Array(try HandmadePeer.hello(id: 2).prefix(byteCount)))
    try world.turn { node.mesh.nextTime != .never }
    world.settle()
    #expect(node.refusals.isEmpty && !stranger.isEnded)
    let deadline = node.mesh.nextTime
    node.mesh.handleTime(now: deadline - 1)
    #expect(node.refusals.isEmpty)
    node.mesh.handleTime(now: deadline)
    #expect(node.refusals == ["it did not say hello in 3 s"])
    #expect(node.mesh.nextTime == .never)
    try world.turn { stranger.isEnded }
  }

  @Test("A hello that came in time counts, however late it is read")
  func readLate() throws {
    let peer = try HandmadePeer(dialling: node)
    try world.turn { node.mesh.nextTime != .never }
    try peer.send(try HandmadePeer.hello(id: 2))
    node.mesh.handleTime(now: node.mesh.nextTime)
    #expect(node.heard == [.linked(2)])
    #expect(node.mesh.nextTime == .never)
  }

  @Test("A hello may arrive a byte at a time, and a frame glued to it is delivered")
  func slowHello() throws {
    let peer = try HandmadePeer(dialling: node)
    let bytes =
      try HandmadePeer.hello(id: 2) + Bytes.frame(.message(reading: 5, content: .integer(-1)))
    for byte in bytes.dropLast() {
      try peer.send([byte])
      world.settle()
    }
    try peer.send(Array(bytes.suffix(1)))
    try world.turn { node.heard.count == 2 }
    #expect(node.heard == [.linked(2), .message(from: 2, reading: 5, content: .integer(-1))])
    // Our hello is the answer.
    #expect(try Bytes.available(peer.descriptor) == HandmadePeer.hello(id: 1))
  }

  @Test("A second connection of a linked peer is rejected, and the link stays")
  func secondConnection() throws {
    let peer = try linkPeer()
    let impostor = try HandmadePeer(dialling: node)
    try impostor.send(try HandmadePeer.hello(id: 2))
    try world.turn { impostor.isEnded }
    #expect(node.heard == [.linked(2), .refused("machine 2 is linked already")])
    #expect(!peer.isEnded && node.mesh.missingPeers == [0])
  }

  /// What a peer sends on its link, and the reason for the link's end.
  static let breaches: [(words: [UInt8], error: FrameError)] = [
    ([255, 255, 255, 255], .tooLong(announcedByteCount: 4_294_967_295, byteCountMax: 64)),
    ([0, 0, 0, 65], .tooLong(announcedByteCount: 65, byteCountMax: 64)),
    (Bytes.frame([]), .malformed),
    (Bytes.frame([UInt8](repeating: 7, count: 64)), .malformed),
    (hello(2), .malformed),
    ([0, 0, 0, 9, 1], .truncated(heldByteCount: 5)),
  ]

  @Test(
    "A peer that sends a malformed frame loses its link", arguments: breaches.indices)
  func breach(index: Int) throws {
    let breach = Self.breaches[index]
    let peer = try linkPeer()
    try peer.send(try Bytes.frame(.message(reading: 8, content: .none)) + breach.words)
    peer.endSending()
    try world.turn { node.heard.count == 3 }
    #expect(
      node.heard == [
        .linked(2), .message(from: 2, reading: 8, content: .none), .lost(2, breach.error),
      ])
    #expect(node.mesh.missingPeers == [0, 2])
    try world.turn { peer.isEnded }
  }

  @Test("A peer that is gone by the time its hello is read counts as a lost link")
  func goneAfterHello() throws {
    do {
      let peer = try HandmadePeer(dialling: node)
      try peer.send(try HandmadePeer.hello(id: 2))
      peer.resetAtEnd()
    }
    try world.turn { node.heard.count >= 2 || !node.refusals.isEmpty }
    #expect(node.heard.first == .linked(2))
    guard case .lost(2, _)? = node.heard.last else {
      Issue.record("The link was never lost: \(node.heard)")
      return
    }
    #expect(node.mesh.missingPeers == [0, 2])
    node.heard = []
    _ = try linkPeer()
    #expect(node.mesh.missingPeers == [0])
  }

  @Test("In a flood of strangers a peer is linked at its first try, and few strangers stay")
  func flood() throws {
    var strangers = try (0..<200).map { _ in try HandmadePeer(dialling: node) }
    let peer = try HandmadePeer(dialling: node)
    try peer.send(try HandmadePeer.hello(id: 2))
    strangers += try (0..<200).map { _ in try HandmadePeer(dialling: node) }
    try world.turn { node.heard.contains(.linked(2)) && node.refusals.count >= 300 }
    world.settle()
    #expect(Set(node.refusals) == ["too many others wait to say hello"])
    // The kernel may tell the last ones a moment later that they are disconnected.
    try world.turn { strangers.count { !$0.isEnded } == 400 - node.refusals.count }
    let waitingCount = 400 - node.refusals.count
    #expect(1...(Mesh.strangerCountMax + 2) ~= waitingCount)
    #expect(!peer.isEnded)
    try peer.send(try Bytes.frame(.message(reading: 1, content: .none)))
    try world.turn { node.heard.last == .message(from: 2, reading: 1, content: .none) }
  }

  @Test("A thousand strangers in a row leave no connection behind")
  func thousandStrangers() throws {
    for round in 1...1000 {
      let stranger = try HandmadePeer(dialling: node)
      try stranger.send([9, 9, 9, 9])
      try world.turn { node.refusals.count == round }
    }
    #expect(node.mesh.nextTime == .never)
  }
}
