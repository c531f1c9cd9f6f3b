import LogicalTime
import RunControl
import ScaleModel
import SystemCalls
import Testing

@testable import Transport

/// Links over UDP: hellos, strangers, and what datagrams cannot do.
@Suite("Links over UDP")
struct DatagramLinksTests {
  /// One machine, which records what it hears.
  private final class Node: MeshObserver {
    let links: DatagramLinks
    private let poller: Poller
    var messages: [(from: MachineID, reading: UInt64)] = []
    private(set) var markers: [UInt32] = []
    private(set) var linked: [MachineID] = []
    private(set) var lost: [MachineID] = []
    var refusals: [String] = []

    init(_ id: MachineID, of machineCount: Int, port: UInt16 = 0) throws {
      poller = try Poller()
      links = try DatagramLinks(
        hello: .init(id: id, token: MeshWorld.token, planDigest: 3),
        peers: (0..<machineCount).map { MachineID($0) }.filter { $0 != id },
        machineCount: machineCount, endpoint: Endpoint(host: "127.0.0.1", port: port),
        poller: poller, token: 16)
      links.observer = self
    }

    deinit { links.close() }

    func turn() {
      links.flush()
      _ = try? poller.wait(nanoseconds: 200_000) { token, isReadable, isWritable in
        links.handle(token: token, isReadable: isReadable, isWritable: isWritable)
      }
      links.handleTime(now: .now)
    }

    func arrived(from peer: MachineID, reading: UInt64, content: MessageContent) {
      messages.append((peer, reading))
    }
    func arrivedMarker(from peer: MachineID, initiator: MachineID, number: UInt32) {
      markers.append(number)
    }
    func linked(to peer: MachineID) { linked.append(peer) }
    func lostLink(to peer: MachineID, reason: FrameError?) { lost.append(peer) }
    func refused(origin: String, reason: String) { refusals.append(reason) }
  }

  /// A socket that the test sends datagrams from.
  private final class Stranger {
    let socket: Descriptor
    let port: UInt16
    init() throws { (socket, port) = try Socket.bindDatagrams(host: "127.0.0.1", port: 0) }
    deinit { socket.end() }
    func send(_ bytes: [UInt8], to node: Node) throws {
      let address = try DatagramAddress(host: "127.0.0.1", port: node.links.port)
      let isSent = bytes.withUnsafeBytes { Socket.sendDatagram($0, to: address, on: socket) }
      #expect(isSent)
    }
  }

  private static func turn(_ nodes: [Node], until condition: () -> Bool) throws {
    let deadline = SystemClock.monotonicNanoseconds + 60_000_000_000
    while !condition() {
      try #require(SystemClock.monotonicNanoseconds < deadline, "It never came to that")
      for node in nodes { node.turn() }
    }
  }

  /// Machines that are linked to each other.
  private static func linked(_ count: Int) throws -> [Node] {
    let nodes = try (0..<count).map { try Node(MachineID($0), of: count) }
    connect(nodes, ports: nodes.map(\.links.port))
    try turn(nodes) { nodes.allSatisfy { $0.linked.count == count - 1 } }
    return nodes
  }

  private static func connect(_ nodes: [Node], ports: [UInt16]) {
    let endpoints = ports.map { Endpoint(host: "127.0.0.1", port: $0) }
    for node in nodes { node.links.connect(to: endpoints) }
  }

  /// A datagram: a header, and a frame without its length.
  private static func datagram(
    _ frame: [UInt8], from id: UInt8, token: RunToken = MeshWorld.token
  ) -> [UInt8] {
    let words = [token.high, token.low].flatMap { word in
      withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
    return [0, 0, 0, id] + words + frame
  }

  private static let message: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 7]

  @Test("All machines link, and each frame arrives once")
  func frames() throws {
    let nodes = try Self.linked(3)
    #expect(nodes[0].linked.sorted() == [1, 2])
    for reading in 1...50 as ClosedRange<UInt64> {
      #expect(nodes[0].links.send(.message(reading: reading, content: .none), to: 1) == .queued)
    }
    #expect(nodes[0].links.send(.marker(initiator: 0, number: 4), to: 2) == .queued)
    #expect(nodes[1].messages.isEmpty, "Nothing leaves before the flush")
    try Self.turn(nodes) { nodes[1].messages.count == 50 && !nodes[2].markers.isEmpty }
    #expect(nodes[1].messages.map(\.reading).sorted() == Array(1...50))
    #expect(nodes[2].markers == [4] && nodes[2].messages.isEmpty)
    #expect(nodes.allSatisfy { $0.refusals.isEmpty && $0.lost.isEmpty })
  }

  @Test("A machine whose peers start later says hello until they answer")
  func lateStart() throws {
    let early = try Node(0, of: 2)
    let late = try Node(1, of: 2)
    Self.connect([early], ports: [early.links.port, late.links.port])
    for _ in 0..<3 { early.turn() }
    late.turn()
    #expect(early.linked.isEmpty && late.linked.isEmpty)
    Self.connect([late], ports: [early.links.port, late.links.port])
    try Self.turn([early, late]) { early.linked == [1] && late.linked == [0] }
    #expect(early.refusals.isEmpty && late.refusals.isEmpty)
  }

  @Test(
    "A stranger's datagram is refused with the reason, and the links stay",
    arguments: [
      ([], "it sent a malformed frame"),
      (Array("GET / HTTP/1.1".utf8), "it sent a malformed frame"),
      (
        [UInt8](repeating: 7, count: 65_507), "it has another run's token"
      ),
      (
        datagram(message, from: 1, token: RunToken(high: 1, low: 3)), "it has another run's token"
      ),
      // A replay of what machine 1 sent, from elsewhere.
      (datagram(message, from: 1), "machine 1 does not listen there"),
      (datagram(message, from: 9), "machine 9 does not listen there"),
    ] as [([UInt8], String)])
  func strangers(bytes: [UInt8], reason: String) throws {
    let nodes = try Self.linked(2)
    let stranger = try Stranger()
    try stranger.send(bytes, to: nodes[0])
    try Self.turn(nodes) { !nodes[0].refusals.isEmpty }
    #expect(nodes[0].refusals == [reason])
    #expect(nodes[0].messages.isEmpty && nodes[0].lost.isEmpty)
    #expect(nodes[1].links.send(.message(reading: 8, content: .none), to: 0) == .queued)
    try Self.turn(nodes) { nodes[0].messages.count == 1 }
  }

  @Test("What a peer sends twice arrives twice, a hello too, and rubbish from it is refused")
  func replays() throws {
    let node = try Node(0, of: 2)
    let peer = try Stranger()
    Self.connect([node], ports: [node.links.port, peer.port])
    let hello = try Self.datagram(Array(HandmadePeer.hello(id: 1).dropFirst(4)), from: 1)
    for _ in 0..<3 { try peer.send(hello, to: node) }
    try Self.turn([node]) { node.linked == [1] }
    for _ in 0..<2 { try peer.send(Self.datagram(Self.message, from: 1), to: node) }
    try peer.send(Self.datagram([42], from: 1), to: node)
    try peer.send(hello, to: node)
    try Self.turn([node]) { node.messages.count == 2 && !node.refusals.isEmpty }
    #expect(node.messages.map(\.reading) == [7, 7])
    #expect(node.refusals == ["it sent a malformed frame"])
    #expect(node.linked == [1] && node.lost.isEmpty)
  }

  @Test(
    "A hello of another machine, plan or run makes no link",
    arguments: [
      (
        1, MeshWorld.token, 4,
        "machine 1 runs another plan; give every machine the same cluster file"
      ),
      (1, RunToken(high: 9, low: 9), 3, "it has another run's token"),
      (0, MeshWorld.token, 3, "it sent a malformed frame"),
    ] as [(Int, RunToken, UInt64, String)])
  func hellos(id: Int, token: RunToken, digest: UInt64, reason: String) throws {
    let node = try Node(0, of: 2)
    let peer = try Stranger()
    Self.connect([node], ports: [node.links.port, peer.port])
    let hello = try HandmadePeer.hello(id: MachineID(id), token: token, planDigest: digest)
    try peer.send(Self.datagram(Array(hello.dropFirst(4)), from: 1), to: node)
    try Self.turn([node]) { !node.refusals.isEmpty }
    #expect(node.refusals == [reason] && node.linked.isEmpty)
    #expect(node.links.send(.marker(initiator: 0, number: 1), to: 1) == .noLink)
  }

  @Test("A dead peer's last words arrive, then its link ends; it never comes back")
  func death() throws {
    let nodes = try Self.linked(2)
    #expect(nodes[1].links.send(.message(reading: 5, content: .none), to: 0) == .queued)
    nodes[1].links.flush()
    nodes[0].links.end(with: 1)
    #expect(nodes[0].messages.map(\.reading) == [5])
    #expect(nodes[0].lost == [1])
    #expect(nodes[0].links.send(.marker(initiator: 0, number: 1), to: 1) == .noLink)
    #expect(nodes[1].links.send(.message(reading: 6, content: .none), to: 0) == .queued)
    nodes[0].links.end(with: 1)
    for _ in 0..<3 { for node in nodes { node.turn() } }
    #expect(nodes[0].lost == [1] && nodes[0].messages.count == 1)
  }

  @Test("A frame that fits no datagram is not sent; the longest that fits is")
  func size() throws {
    let nodes = try Self.linked(2)
    let max = DatagramLinks.frameByteCountMax
    func message(_ byteCount: Int) -> WireMessage {
      // 9 bytes before the values, 1 for their number, 3 before each text.
      let rest = byteCount - 9 - 1 - 3 - 60_000 - 3
      return .message(
        reading: 1,
        content: .values([60_000, rest].map { .text(String(repeating: "x", count: $0)) }))
    }
    #expect(nodes[0].links.send(message(max + 1), to: 1) == .tooLong(byteCount: max + 1))
    #expect(nodes[0].links.send(message(max), to: 1) == .queued)
    try Self.turn(nodes) { !nodes[1].messages.isEmpty }
    #expect(nodes[1].refusals.isEmpty)
  }

  @Test("A peer that does not read costs its sender nothing, and what is lost is lost")
  func slowReader() throws {
    let nodes = try Self.linked(2)
    let count = 20_000
    for reading in 1...count {
      #expect(
        nodes[0].links.send(.message(reading: UInt64(reading), content: .none), to: 1) == .queued)
      if reading % 100 == 0 { nodes[0].links.flush() }
    }
    // The reader's buffer never holds so many; the first of them it does.
    try Self.turn([nodes[1]]) { !nodes[1].messages.isEmpty }
    for _ in 0..<200 { nodes[1].turn() }
    #expect(nodes[1].messages.count < count)
    #expect(nodes[0].links.send(.message(reading: 1, content: .none), to: 1) == .queued)
  }

  @Test("A port that another program has is refused, and so is a host that is elsewhere")
  func ports() throws {
    let taken = try Stranger()
    let inUse = #expect(throws: SystemError.self) { try Node(0, of: 2, port: taken.port) }
    #expect(inUse?.isAddressInUse == true)
    let elsewhere = #expect(throws: SystemError.self) {
      try Socket.bindDatagrams(host: "192.0.2.1", port: 0)
    }
    #expect(elsewhere?.isAddressElsewhere == true)
  }

  @Test("What is discarded does not leave, and a closed socket handles nothing")
  func discarded() throws {
    let nodes = try Self.linked(2)
    #expect(nodes[0].links.send(.message(reading: 1, content: .none), to: 1) == .queued)
    nodes[0].links.discardUnflushed()
    #expect(nodes[0].links.send(.message(reading: 2, content: .none), to: 1) == .queued)
    try Self.turn(nodes) { !nodes[1].messages.isEmpty }
    #expect(nodes[1].messages.map(\.reading) == [2])
    nodes[1].links.close()
    nodes[1].links.handle(token: 16, isReadable: true, isWritable: true)
    nodes[1].links.flush()
    #expect(nodes[1].messages.count == 1)
  }
}
