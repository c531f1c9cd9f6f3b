import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls
import Testing

@testable import Transport

/// What machines may rely on when a mesh carries their messages.
@Suite("A mesh of machines")
struct MeshTests {
  @Test("Every machine is linked with every other, once", arguments: [2, 3, 8])
  func fullMesh(machineCount: Int) throws {
    let world = try MeshWorld(machineCount: machineCount)
    #expect(world.nodes.map(\.mesh.missingPeers.count) == world.nodes.map { _ in machineCount - 1 })
    try world.linkUp()
    world.settle()
    for (index, node) in world.nodes.enumerated() {
      let peers = (0..<machineCount).filter { $0 != index }.map { MachineID($0) }
      #expect(Set(node.heard) == Set(peers.map { .linked($0) }) && node.heard.count == peers.count)
      #expect(node.mesh.isComplete && node.mesh.missingPeers.isEmpty)
      #expect(node.mesh.nextTime == .never, "Nothing is waited for any more")
    }
  }

  @Test("A machine without peers is complete at once")
  func noPeers() throws {
    let world = try MeshWorld(machineCount: 1)
    try world.linkUp()
    #expect(world.nodes[0].mesh.isComplete && world.nodes[0].heard.isEmpty)
  }

  @Test(
    "Each channel delivers everything in order: messages, money and markers, in random batches",
    arguments: [(2, 1), (3, 2), (3, 3), (8, 4)] as [(Int, UInt64)])
  func channelsAreFIFO(machineCount: Int, seed: UInt64) throws {
    let world = try MeshWorld(machineCount: machineCount)
    try world.linkUp()
    for node in world.nodes { node.heard = [] }
    var random = SplitMix64(state: seed)
    var sent: [ChannelID: [MeshNode.Heard]] = [:]
    for number in 0..<300 as Range<UInt32> {
      let source = MachineID(Int(random.draw(below: UInt64(machineCount))))
      let distance = 1 + Int(random.draw(below: UInt64(machineCount - 1)))
      let target = MachineID((source.index + distance) % machineCount)
      for _ in 0..<random.draw(below: 40) {
        let (message, heard) = randomMessage(from: source, number: number, &random)
        #expect(world.nodes[source.index].mesh.send(message, to: target) == .queued)
        sent[ChannelID(from: source, to: target), default: []].append(heard)
      }
      if random.draw(below: 4) == 0 { world.nodes[source.index].mesh.flush() }
      if random.draw(below: 8) == 0 { _ = world.nodes[target.index].turn(now: 0) }
    }
    let total = sent.values.reduce(0) { $0 + $1.count }
    try world.turn { world.nodes.reduce(0) { $0 + $1.heard.count } >= total }
    world.settle()
    for source in world.nodes.indices.map({ MachineID($0) }) {
      for target in world.nodes.indices.map({ MachineID($0) }) where target != source {
        let expected = sent[ChannelID(from: source, to: target)] ?? []
        #expect(world.nodes[target.index].arrivals(from: source) == expected)
        #expect(!expected.isEmpty)
      }
    }
  }

  private func randomMessage(
    from source: MachineID, number: UInt32, _ random: inout SplitMix64
  ) -> (WireMessage, MeshNode.Heard) {
    let reading = random.draw(below: 1 << 63)
    let amount = Int64(bitPattern: random.next())
    switch random.draw(below: 3) {
    case 0:
      return (
        .message(reading: reading, content: .none),
        .message(from: source, reading: reading, content: .none)
      )
    case 1:
      return (
        .message(reading: reading, content: .integer(amount)),
        .message(from: source, reading: reading, content: .integer(amount))
      )
    default:
      return (
        .marker(initiator: 7, number: number), .marker(from: source, initiator: 7, number: number)
      )
    }
  }

  @Test("When a machine ends, the others receive all it sent, then hear of its end, and go on")
  func orderlyEnd() throws {
    let world = try MeshWorld(machineCount: 3)
    try world.linkUp()
    for node in world.nodes { node.heard = [] }
    let leaving = world.nodes[2].mesh
    for reading in 1...1000 as ClosedRange<UInt64> {
      for peer in [0, 1] as [MachineID] {
        #expect(leaving.send(.message(reading: reading, content: .none), to: peer) == .queued)
      }
    }
    leaving.flush()
    leaving.close()
    for node in world.nodes[..<2] {
      try world.turn { node.heard.contains(.lost(2, nil)) }
      #expect(node.heard.count == 1001 && node.heard.last == .lost(2, nil))
      #expect(node.mesh.missingPeers == [2] && !node.mesh.isComplete)
      #expect(node.mesh.send(.message(reading: 1, content: .none), to: 2) == .noLink)
    }
    #expect(leaving.send(.message(reading: 1, content: .none), to: 0) == .noLink)
    #expect(world.nodes[0].mesh.send(.message(reading: 5, content: .none), to: 1) == .queued)
    try world.turn {
      world.nodes[1].heard.contains(.message(from: 0, reading: 5, content: .none))
    }
  }

  @Test("A closed mesh does nothing more, and may be closed again")
  func closed() throws {
    let world = try MeshWorld(machineCount: 2)
    try world.linkUp()
    let mesh = world.nodes[1].mesh
    mesh.close()
    mesh.close()
    mesh.handleTime(now: .never)
    mesh.handle(token: 16, isReadable: true, isWritable: true)
    mesh.flush()
    #expect(mesh.nextTime == .never && mesh.missingPeers == [0])
  }

  @Test(
    "A mesh ignores tokens that are not its own",
    arguments: [0, 15, 18, 1000, .max] as [UInt64])
  func foreignTokens(token: UInt64) throws {
    let world = try MeshWorld(machineCount: 2)
    try world.linkUp()
    let heard = world.nodes.map(\.heard)
    world.nodes[0].mesh.handle(token: token, isReadable: true, isWritable: true)
    #expect(world.nodes.map(\.heard) == heard)
  }

  @Test("A port in use is an error")
  func portInUse() throws {
    let world = try MeshWorld(machineCount: 1)
    let error = #expect(throws: SystemError.self) {
      try Mesh(
        hello: .init(id: 0, token: MeshWorld.token, planDigest: 0), peers: [], machineCount: 1,
        endpoint: world.endpoints[0], poller: try Poller(), firstToken: 1)
    }
    #expect(error?.isAddressInUse == true)
    #expect(error?.subject == "127.0.0.1:\(world.nodes[0].mesh.port)")
  }

  @Test("A peer that does not read is reported at the bound; once it reads, everything arrives")
  func slowPeer() throws {
    let world = try MeshWorld(id: 0, peers: [1], machineCount: 2)
    let mesh = world.nodes[0].mesh
    let peer = try HandmadePeer(dialling: world.nodes[0])
    try peer.send(try HandmadePeer.hello(id: 1))
    try world.turn { mesh.isComplete }
    var sentCount: UInt64 = 0
    while mesh.send(.message(reading: sentCount, content: .integer(0)), to: 1) == .queued {
      sentCount += 1
      if sentCount % 65_536 == 0 { mesh.flush() }
    }
    #expect(mesh.send(.message(reading: 0, content: .integer(0)), to: 1) == .tooManyBytesWait)
    #expect(mesh.hasUnwrittenBytes)
    #expect(Int(sentCount) * 21 >= OutgoingQueue.byteCountMax - 21)

    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    let reader = FrameReader(byteCountMax: Frame.byteCountMax)
    var received: UInt64 = 0
    var isInOrder = true
    try world.turn {
      while try reader.read(
        from: peer.descriptor, through: buffer,
        { frame throws(FrameError) in
          guard case .message(let reading, _) = try WireMessage(frame) else { return }
          if reading != received { isInOrder = false }
          received += 1
        }) == .more
      {}
      return received == sentCount
    }
    #expect(isInOrder && !mesh.hasUnwrittenBytes)
    #expect(mesh.send(.message(reading: 0, content: .integer(0)), to: 1) == .queued)
    #expect(world.nodes[0].heard == [.linked(1)])
  }
}
