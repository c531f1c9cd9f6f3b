import LogicalTime
import RunControl
import Testing

@testable import Transport

@Suite("A link to a peer in the same loop")
struct LocalLinkTests {
  private let world: MeshWorld
  private let peer = HandPeer()
  private var node: MeshNode { world.nodes[0] }

  init() throws {
    world = try MeshWorld(machineCount: 2, hostLinks: HostLinks(silenceMillisecondsMax: 5000))
  }

  /// A peer played by the test: it records what it hears.
  private final class HandPeer: LocalPeer {
    private(set) var messages: [WireMessage] = []
    private(set) var notes: [[UInt8]] = []

    func arrived(_ message: WireMessage) { messages.append(message) }
    func arrivedFragmented(_ message: [UInt8]) { notes.append(message) }
  }

  @Test("Messages, markers and notes arrive in order, both ways")
  func bothWays() throws {
    let link = try node.mesh.link(1, to: peer)
    #expect(node.heard == [.linked(1)])
    #expect(node.mesh.isComplete)

    let note = [UInt8](repeating: 5, count: 3_000_000)
    for reading: UInt64 in 1...1000 {
      link.send(.message(reading: reading, content: .integer(2)))
      #expect(node.mesh.send(.message(reading: reading, content: .integer(3)), to: 1) == .queued)
    }
    link.send(.marker(initiator: 0, number: 4))
    #expect(node.mesh.send(.marker(initiator: 1, number: 5), to: 1) == .queued)
    link.send(note: note)
    #expect(node.mesh.enqueue(note, to: 1) == .queued)
    #expect(node.mesh.enqueue([7], to: 1) == .queued)
    #expect(peer.messages.isEmpty && peer.notes.isEmpty, "nothing leaves before the flush")
    node.mesh.flush()

    #expect(
      peer.messages
        == (1...1000).map { .message(reading: $0, content: .integer(3)) } + [
          .marker(initiator: 1, number: 5)
        ])
    #expect(peer.notes == [note, [7]])
    #expect(
      node.arrivals(from: 1)
        == (1...1000).map { .message(from: 1, reading: $0, content: .integer(2)) } + [
          .marker(from: 1, initiator: 0, number: 4)
        ])
    #expect(node.fragmented == [note])
    #expect(!node.mesh.hasUnwrittenBytes)
  }

  @Test("What is discarded before the flush does not arrive; notes do")
  func discarded() throws {
    _ = try node.mesh.link(1, to: peer)
    #expect(node.mesh.send(.marker(initiator: 1, number: 5), to: 1) == .queued)
    #expect(node.mesh.enqueue([7], to: 1) == .queued)
    node.mesh.discardUnflushed()
    node.mesh.flush()
    #expect(peer.messages.isEmpty)
    #expect(peer.notes == [[7]])
  }

  @Test("The bound of a link's queue holds before the flush")
  func bounded() throws {
    _ = try node.mesh.link(1, to: peer)
    var outcome = SendOutcome.queued
    var count = 0
    while outcome == .queued && count < 2_000_000 {
      outcome = node.mesh.send(.marker(initiator: 1, number: 5), to: 1)
      count += outcome == .queued ? 1 : 0
    }
    #expect(outcome == .tooManyBytesWait)
    node.mesh.flush()
    #expect(peer.messages.count == count)
  }

  @Test("A peer that listens nowhere is linked whatever its id; a machine that dials is rejected")
  func listensNowhere() throws {
    let world = try MeshWorld(
      machineCount: 2, hostLinks: HostLinks(silenceMillisecondsMax: 5000, diallers: [0]))
    _ = try world.nodes[1].mesh.link(0, to: peer)
    #expect(world.nodes[1].heard == [.linked(0)])
    #expect(throws: FrameError.broken(reason: "\(Refusal.wrongWay)")) {
      try self.world.nodes[1].mesh.link(0, to: peer)
    }
  }

  @Test("A second link of the same peer, and a machine that is no peer, are rejected")
  func rejected() throws {
    _ = try node.mesh.link(1, to: peer)
    #expect(throws: FrameError.broken(reason: "\(Refusal.linkedAlready)")) {
      try node.mesh.link(1, to: HandPeer())
    }
    #expect(throws: FrameError.broken(reason: "\(Refusal.notAPeer)")) {
      try node.mesh.link(7, to: peer)
    }
    #expect(node.heard == [.linked(1)])
  }

  @Test("The machine hears once that the peer has ended, and nothing of it afterwards")
  func ends() throws {
    let link = try node.mesh.link(1, to: peer)
    #expect(node.mesh.send(.marker(initiator: 1, number: 5), to: 1) == .queued)
    link.end()
    link.end()
    link.send(.marker(initiator: 0, number: 4))
    link.send(note: [7])
    #expect(node.heard == [.linked(1), .lost(1, nil)])
    #expect(node.fragmented.isEmpty)
    #expect(node.mesh.send(.marker(initiator: 1, number: 6), to: 1) == .noLink)
    #expect(node.mesh.missingPeers == [1])

    _ = try node.mesh.link(1, to: peer)
    #expect(node.heard.last == .linked(1))
  }

  @Test("A frame that no link carries ends it")
  func malformed() throws {
    let link = try node.mesh.link(1, to: peer)
    link.send(.welcome)
    #expect(node.heard == [.linked(1), .lost(1, .malformed)])
  }

  @Test("A closed mesh hears nothing more, and its peer's end changes nothing")
  func closed() throws {
    let link = try node.mesh.link(1, to: peer)
    node.mesh.close()
    link.send(.marker(initiator: 0, number: 4))
    link.end()
    #expect(node.heard == [.linked(1)])
  }
}
