#if GRPC
  import Testing

  @testable import Service

  /// Streams on which one side sends more than the other reads.
  @Suite("Channels that are flooded, and channels that are not read")
  struct FlowTests {
    private let path = SnapshotMethods.channel.path

    /// The state of a served `Channel`, and what it received.
    private final class Served {
      var call: AnswerableCall<ChannelFrame>?
      var amounts: [Int64] = []
      var ending: CallStatus?
      /// The number of messages after which it pauses input.
      var countMax = Int.max
    }

    private func client(_ served: Served) -> MemoryClient {
      MemoryClient { router in
        router.stream(SnapshotMethods.channel) { call in
          served.call = call
          return Router.Input(
            take: { frame in
              served.amounts.append(frame.message?.amount ?? 0)
              if served.amounts.count >= served.countMax { call.call.holdInput() }
            },
            end: { served.ending = call.call.ending })
        }
      }
    }

    /// A message of more than two hundred bytes, so that few make many bytes.
    private func frame(_ amount: Int64) -> ChannelFrame {
      let sender = String(repeating: "0", count: 200)
      return ChannelFrame(message: ApplicationMessage(senderID: sender, amount: amount))
    }

    @Test("A sender that outpaces the reader waits, others do not, and nothing is lost")
    func heldInput() throws {
      let served = Served()
      served.countMax = 100
      let client = client(served)
      let stream = client.call(path)
      let sent = (1...10_000).map { Int64($0) }
      for amount in sent { client.session.send(MessageStream.framed(frame(amount)), on: stream) }
      try client.exchange()
      let waitingCount = client.session.waitingByteCount(on: stream)
      #expect(waitingCount > 1 << 20, "Half of two megabytes still wait with the sender")
      #expect(served.amounts.count < 2_000, "No more came than there was room for")

      // The connection itself is free: a parallel call is carried out.
      let other = client.call("/no.such/Method")
      try client.exchange()
      #expect(client.answer(on: other).status == 12)
      #expect(client.session.waitingByteCount(on: stream) == waitingCount)

      served.countMax = .max
      served.call?.call.resumeInput()
      try client.exchange()
      #expect(served.amounts == sent)
    }

    @Test("A client that reads nothing is disconnected when megabytes wait, and is told why")
    func unread() throws {
      let served = Served()
      let client = client(served)
      let stream = client.call(path)
      client.session.send(MessageStream.framed(frame(1)), on: stream)
      try client.exchange()
      client.session.holdInput(of: stream)
      var sentCount = 0
      while served.ending == nil, sentCount < 100_000 {
        served.call?.send(frame(7))
        sentCount += 1
        if sentCount % 1_000 == 0 { try client.exchange() }
      }
      #expect(served.ending?.code == .resourceExhausted)
      #expect(served.call?.call.waitingByteCount == 0)
      try client.exchange()
      #expect(client.answer(on: stream).errorCode == HTTP2ErrorCode.enhanceYourCalm)
      #expect(!client.served.hasCalls)
    }
  }
#endif
