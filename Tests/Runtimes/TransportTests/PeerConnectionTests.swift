import LogicalTime
import RunControl
import SystemCalls
import Testing

@testable import Transport

@Suite("A proxy's link to a machine")
struct PeerConnectionTests {
  private let world: MeshWorld
  private let poller: Poller
  private var node: MeshNode { world.nodes[0] }

  init() throws {
    world = try MeshWorld(machineCount: 2, hostLinks: HostLinks(silenceMillisecondsMax: 5000))
    poller = try Poller()
  }

  private func dial(planDigest: UInt64 = 3) throws -> PeerConnection {
    try PeerConnection(
      to: 0, at: world.endpoints[0],
      hello: WireMessage.Hello(id: 1, token: MeshWorld.token, planDigest: planDigest),
      poller: poller, token: 7)
  }

  /// Turns the world and the link until `condition` holds; returns what arrived on the link.
  ///
  /// - Throws: ``FrameError`` when the link is broken.
  private func turn(
    _ link: PeerConnection, until condition: ([PeerConnection.Arrival]) -> Bool
  ) throws -> [PeerConnection.Arrival] {
    var arrivals: [PeerConnection.Arrival] = []
    var failure: FrameError?
    try world.turn {
      link.flush()
      try poller.wait(nanoseconds: 0) { token, isReadable, isWritable in
        #expect(token == 7)
        do throws(FrameError) {
          _ = try link.handle(isReadable: isReadable, isWritable: isWritable) {
            arrivals.append($0)
          }
        } catch {
          failure = error
        }
      }
      return failure != nil || condition(arrivals)
    }
    if let failure { throw failure }
    return arrivals
  }

  @Test("Messages, markers and fragmented messages arrive in order, both ways")
  func bothWays() throws {
    let link = try dial()
    #expect(try turn(link) { !$0.isEmpty } == [.linked])
    #expect(node.heard == [.linked(1)])

    let message = [UInt8](repeating: 5, count: 3_000_000)
    for reading: UInt64 in 1...1000 {
      #expect(link.send(.message(reading: reading, content: .integer(2))))
      #expect(node.mesh.send(.message(reading: reading, content: .integer(3)), to: 1) == .queued)
    }
    #expect(link.send(.marker(initiator: 0, number: 4)))
    #expect(node.mesh.send(.marker(initiator: 1, number: 5), to: 1) == .queued)
    link.enqueue(message)
    #expect(node.mesh.enqueue(message, to: 1) == .queued)
    let arrivals = try turn(link) { arrivals in arrivals.count == 1002 && !node.fragmented.isEmpty }

    #expect(
      arrivals.filter { $0 != .fragmented(message) }
        == (1...1000).map { .message(reading: $0, content: .integer(3)) } + [
          .marker(initiator: 1, number: 5)
        ])
    #expect(arrivals.contains(.fragmented(message)))
    #expect(
      node.arrivals(from: 1)
        == (1...1000).map { .message(from: 1, reading: $0, content: .integer(2)) } + [
          .marker(from: 1, initiator: 0, number: 4)
        ])
    #expect(node.fragmented == [message])
  }

  @Test("A machine that listens nowhere dials whatever its id, and no machine dials it")
  func listensNowhere() throws {
    let world = try MeshWorld(
      machineCount: 2, hostLinks: HostLinks(silenceMillisecondsMax: 5000, diallers: [0]))
    let (nowhere, node) = (world.nodes[0], world.nodes[1])
    node.mesh.connect(to: world.endpoints)
    let link = try PeerConnection(
      to: 1, at: world.endpoints[1],
      hello: WireMessage.Hello(id: 0, token: MeshWorld.token, planDigest: 3), poller: poller,
      token: 7)
    var isLinked = false
    try world.turn {
      try poller.wait(nanoseconds: 0) { _, isReadable, isWritable in
        _ = try? link.handle(isReadable: isReadable, isWritable: isWritable) {
          isLinked = isLinked || $0 == .linked
        }
      }
      return isLinked
    }
    #expect(node.heard == [.linked(0)])
    #expect(nowhere.heard.isEmpty)
  }

  @Test("A proxy whose hello is rejected hears why")
  func rejected() throws {
    #expect(throws: FrameError.broken(reason: "\(Refusal.anotherPlan)")) {
      let link = try dial(planDigest: 4)
      _ = try turn(link) { _ in false }
    }
    try world.linkUp()
    #expect(throws: FrameError.broken(reason: "\(Refusal.linkedAlready)")) {
      let link = try dial()
      _ = try turn(link) { _ in false }
    }
  }

  @Test("Each end of the link hears when the other has ended")
  func ends() throws {
    let link = try dial()
    _ = try turn(link) { !$0.isEmpty }
    link.end()
    try world.turn { node.lostCount == 1 }
    #expect(try !link.handle(isReadable: true, isWritable: true) { _ in })

    let again = try dial()
    _ = try turn(again) { !$0.isEmpty }
    node.mesh.close()
    var isThere = true
    try world.turn {
      isThere = try again.handle(isReadable: true, isWritable: false) { _ in }
      return !isThere
    }
  }
}
