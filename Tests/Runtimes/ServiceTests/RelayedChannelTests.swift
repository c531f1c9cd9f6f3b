#if GRPC
  import LogicalTime
  import ScaleModel
  import RunControl
  import TestSupport
  import Testing

  @testable import Service

  /// Two programs, each with a `Channel` to the other through ours: two streams of one client.
  @Suite("Relaying between two machines that are other programs")
  struct RelayedChannelTests {
    private let pair: RelayedChannel
    private let client: MemoryClient
    private let time = Time()
    private let streams: [Int32]

    private final class Time {
      var now: MonotonicInstant = 0
    }

    init() throws { try self.init(delay: .none) }

    private init(delay: Delay) throws {
      let plan = RunPlan(
        rates: [1, 1, 1], duration: .seconds(60), dieSides: 10, seed: 1, topologyChoice: .complete,
        topology: Topology(completeWith: 3), delay: delay,
        workload: .bank(Bank(balance: 0, transferProbability: 0)))
      let pair = RelayedChannel(2, 0, plan: plan)
      let time = time
      self.pair = pair
      let client = MemoryClient { router in
        router.stream(SnapshotMethods.channel) { call in
          var index: Int?
          return Router.Input(
            take: { frame throws(CallStatus) in
              if let index {
                try pair.take(frame, from: index, now: time.now)
              } else {
                index = try pair.open(AccountName.machine(frame.hello?.processID ?? "") ?? 9, call)
              }
            },
            endInput: { call.fail(CallStatus(.ok)) },
            end: { if let index { pair.close(index) } })
        }
      }
      self.client = client
      streams = [0, 2].map { _ in client.call(SnapshotMethods.channel.path) }
    }

    private func hello(_ index: Int) throws {
      var frame = ChannelFrame()
      frame.hello = Hello(processID: "\([0, 2][index])", peerID: "\([2, 0][index])")
      try send(frame, on: index)
    }

    private func send(_ frame: ChannelFrame, on index: Int) throws {
      client.session.send(MessageStream.framed(frame), on: streams[index])
      try client.exchange()
    }

    private func message(_ amount: Int64, from sender: String = "0") -> ChannelFrame {
      ChannelFrame(message: ApplicationMessage(senderID: sender, logicalClock: 5, amount: amount))
    }

    private func marker() -> ChannelFrame {
      ChannelFrame(marker: MarkerMessage(snapshotID: "1-1", senderID: "0"))
    }

    /// The frames received on a `Channel`, after its hello.
    private func heard(_ index: Int) throws -> [ChannelFrame] {
      let frames = try client.answer(on: streams[index]).messages(ChannelFrame.self)
      return Array(frames.dropFirst())
    }

    @Test("Both get hello when both are connected; each receives the other's messages in order")
    func inOrder() throws {
      try hello(0)
      #expect(!pair.isOpen)
      #expect(client.answer(on: streams[0]).body.isEmpty)
      try hello(1)
      #expect(pair.isOpen)
      let sent = [message(1), marker(), message(2), message(3)]
      for frame in sent { try send(frame, on: 0) }
      try send(message(9), on: 1)
      #expect(try heard(1) == sent)
      #expect(try heard(0) == [message(9)])
    }

    @Test("A message's delay is that of its channel, and a marker keeps its position")
    func delay() throws {
      let tests = try Self(delay: .uniform(.seconds(1), .seconds(2)))
      try tests.hello(0)
      try tests.hello(1)
      let sent = [tests.message(1), tests.message(2), tests.marker(), tests.message(3)]
      for frame in sent { try tests.send(frame, on: 0) }
      #expect(try tests.heard(1).isEmpty)
      let first = tests.pair.nextTime
      #expect((1_000_000_000...2_000_000_000).contains(first))
      tests.pair.handleTime(now: first - 1)
      #expect(tests.pair.nextTime == first)
      while tests.pair.nextTime != .never { tests.pair.handleTime(now: tests.pair.nextTime) }
      try tests.client.exchange()
      #expect(try tests.heard(1) == sent)
    }

    @Test("Messages in flight when their sender leaves still arrive, and nothing after them")
    func senderGone() throws {
      let tests = try Self(delay: .constant(.seconds(1)))
      try tests.hello(0)
      try tests.hello(1)
      try tests.send(tests.message(4), on: 0)
      tests.client.session.end(tests.streams[0])
      try tests.client.exchange()
      #expect(tests.client.answer(on: tests.streams[1]).status == nil)
      tests.pair.handleTime(now: 1_000_000_000)
      try tests.client.exchange()
      #expect(try tests.heard(1) == [tests.message(4)])
      #expect(tests.client.answer(on: tests.streams[1]).status == 14)
    }

    @Test("A frame is refused before the peer is connected, or when its kind is not due")
    func refused() throws {
      try hello(0)
      try send(message(1), on: 0)
      #expect(client.answer(on: streams[0]).status == 9)
      try hello(1)
      #expect(!pair.isOpen, "The first has gone, and may come again")
      let again = client.call(SnapshotMethods.channel.path)
      var frame = ChannelFrame()
      frame.hello = Hello(processID: "0", peerID: "2")
      client.session.send(MessageStream.framed(frame), on: again)
      try client.exchange()
      #expect(pair.isOpen)
      frame = ChannelFrame()
      frame.begins = RunBegins()
      try send(frame, on: 1)
      #expect(client.answer(on: streams[1]).status == 3)
      #expect(client.answer(on: again).status == 14)
    }

    @Test("A sender that outpaces its peer is paused; later all frames arrive in order")
    func flood() throws {
      try hello(0)
      try hello(1)
      client.session.holdInput(of: streams[1])
      let amounts = (1...15_000).map { Int64($0) }
      let sender = String(repeating: "0", count: 200)
      for amount in amounts {
        let bytes = MessageStream.framed(message(amount, from: sender))
        client.session.send(bytes, on: streams[0])
      }
      try client.exchange()
      var waitingCount = client.session.waitingByteCount(on: streams[0])
      #expect(waitingCount > 1 << 20)
      client.session.resumeInput(of: streams[1])
      try client.exchange()
      while waitingCount > 0 {
        pair.flush()
        try client.exchange()
        let count = client.session.waitingByteCount(on: streams[0])
        try #require(count < waitingCount, "No sender goes on")
        waitingCount = count
      }
      #expect(try heard(1).compactMap(\.message?.amount) == amounts)
    }
  }
#endif
