#if GRPC
  import Testing

  @testable import Service

  @Suite("A served connection, back to back with a client in memory")
  struct ServedConnectionTests {
    private func balance(_ amount: Int64) -> GetBalanceResponse {
      var response = GetBalanceResponse()
      response.balance = amount
      return response
    }

    private func request(_ account: String) -> GetBalanceRequest {
      var request = GetBalanceRequest()
      request.accountID = account
      return request
    }

    /// A client of a server whose balance is the number of letters in the account's name.
    private func client(token: String? = nil) -> MemoryClient {
      MemoryClient(token: token) { router in
        router.unary(BankMethods.getBalance) { request, call in
          call.answer(balance(Int64(request.accountID.count)))
        }
      }
    }

    private let path = BankMethods.getBalance.path

    @Test("A call is answered with headers, a message and trailers, however bytes are split")
    func unary() throws {
      for step in [1, 5, 1000] {
        let client = client()
        let stream = client.call(path)
        client.session.send(MessageStream.framed(request("abc")), on: stream)
        client.session.end(stream)
        try client.exchange(step: step)
        let answer = client.answer(on: stream)
        #expect(
          answer.headers
            == [
              HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
            ])
        #expect(try answer.messages(GetBalanceResponse.self) == [balance(3)])
        #expect(answer.trailers == [HTTP2Header("grpc-status", "0")])
        #expect(answer.errorCode == 0)
        #expect(!client.served.hasCalls)
      }
    }

    @Test("A hundred calls at once are all answered")
    func many() throws {
      let client = client()
      let streams = (0..<100).map { _ in client.call(path) }
      for (index, stream) in streams.enumerated() {
        let text = String(repeating: "x", count: index)
        client.session.send(MessageStream.framed(request(text)), on: stream)
        client.session.end(stream)
      }
      try client.exchange()
      for (index, stream) in streams.enumerated() {
        let answer = client.answer(on: stream)
        #expect(try answer.messages(GetBalanceResponse.self) == [balance(Int64(index))])
        #expect(answer.status == 0)
      }
    }

    @Test("A message of megabytes passes flow control")
    func long() throws {
      let client = client()
      let text = String(repeating: "x", count: 4 << 20 - 10)
      let answer = try client.ask(path, request(text))
      #expect(try answer.messages(GetBalanceResponse.self) == [balance(Int64(text.count))])
    }

    @Test("A request that is no call, or not ours, is refused with the right status")
    func refusals() throws {
      let client = client()
      let status = { (answer: MemoryClient.Answer) in answer.status }
      #expect(status(try client.ask("/no.such/Method", request(""))) == 12)
      #expect(status(try client.ask(path, request(""), [HTTP2Header("grpc-timeout", "x")])) == 13)
      #expect(
        status(try client.ask(path, request(""), [HTTP2Header("grpc-encoding", "gzip")])) == 12)
      #expect(
        status(try client.ask(path, request(""), [HTTP2Header("grpc-encoding", "identity")])) == 0)
      let long = HTTP2Header("x-long", String(repeating: "a", count: 17 << 10))
      #expect(status(try client.ask(path, request(""), [long])) == 8)
      let web = client.call(path, type: "application/json")
      client.session.end(web)
      try client.exchange()
      #expect(client.answer(on: web).headers.first == HTTP2Header(":status", "415"))
    }

    @Test(
      "A body that is not one message ends the call with the status that says why",
      arguments: [
        ([], 12), ([0, 0, 0], 13), ([0, 0, 0, 0, 5, 1], 13), ([1, 0, 0, 0, 0], 12),
        ([0, 0, 0, 0, 0, 0, 0, 0, 0, 0], 12), ([0, 1, 0, 0, 0], 8),
        ([0, 0, 0, 0, 1, 0x80], 13), ([9, 0, 0, 0, 0], 13), ([0, 0, 0, 0, 0], 0),
      ] as [([UInt8], Int)])
    func bodies(body: [UInt8], status: Int) throws {
      let client = client()
      let stream = client.call(path)
      client.session.send(body, on: stream)
      client.session.end(stream)
      try client.exchange()
      #expect(client.answer(on: stream).status == status)
      #expect(!client.served.hasCalls)
    }

    @Test("A message over the limit is refused when it is announced")
    func tooLong() throws {
      let client = client()
      let stream = client.call(path)
      client.session.send([0, 0, 0x40, 0, 1], on: stream)
      try client.exchange()
      #expect(client.answer(on: stream).status == 8)
      #expect(client.answer(on: stream).errorCode == 0)
    }

    /// The `authorization` headers of a call, and the status it ends with.
    ///
    /// The status is nil where HTTP/2 itself refuses the field, because of its trailing space.
    static let authorizations: [(headers: [String], status: Int?)] = [
      (["Bearer secret"], 0), (["bearer secret"], 0), (["BEARER secret"], 0),
      (["bEaReR   secret"], 0), ([], 16), ([""], 16), (["Bearer"], 16), (["Bearer "], nil),
      (["secret"], 16), (["Bearersecret"], 16), (["Basic secret"], 16), (["Bearer secreT"], 16),
      (["Bearer secre"], 16), (["Bearer secrets"], 16), (["Bearer secretsecret"], 16),
      (["Bearer s\u{E9}cret"], 16), (["Bearer \u{FFFD}"], 16),
      (["Bearer " + String(repeating: "secret", count: 1000)], 16),
      (["Bearer " + String(repeating: "s", count: 20_000)], 8),
      (["Bearer secret", "Bearer secret"], 16), (["Bearer secret", "Bearer wrong"], 16),
      (["Bearer wrong", "Bearer secret"], 16),
    ]

    @Test("A call is served with one header that carries the token", arguments: authorizations)
    func authorization(headers: [String], status: Int?) throws {
      let client = client(token: "secret")
      #expect(!client.served.isTrusted)
      let fields = headers.map { HTTP2Header("authorization", $0) }
      #expect(try client.ask(path, request(""), fields).status == status)
      #expect(client.served.isTrusted == (status == 0))
    }

    @Test("An empty token lets no client in", arguments: ["Bearer", "Bearer x", ""])
    func emptyToken(header: String) throws {
      let fields = [HTTP2Header("authorization", header)]
      #expect(try client(token: "").ask(path, request(""), fields).status == 16)
    }

    @Test("A token with spaces is compared whole")
    func spacedToken() throws {
      let fields = [HTTP2Header("authorization", "bearer open sesame")]
      #expect(try client(token: "open sesame").ask(path, request(""), fields).status == 0)
    }

    /// A call that is answered only when the test says so.
    private final class Waiting {
      var call: AnswerableCall<GetBalanceResponse>?
      var isOver = false
    }

    private func waitingClient(_ waiting: Waiting) -> MemoryClient {
      MemoryClient { router in
        router.unary(BankMethods.getBalance) { _, call in
          waiting.call = call
          call.whenOver { waiting.isOver = true }
        }
      }
    }

    @Test("A call whose deadline passes is ended, and its handler is told")
    func deadline() throws {
      let waiting = Waiting()
      let client = waitingClient(waiting)
      client.now = 1000
      let stream = try client.begin(path, request(""), [HTTP2Header("grpc-timeout", "5u")])
      #expect(client.served.expire(now: 5999) == 6000)
      #expect(!waiting.isOver)
      #expect(client.served.expire(now: 6000) == .max)
      #expect(waiting.isOver)
      waiting.call?.answer(balance(1))
      try client.exchange()
      #expect(client.answer(on: stream).status == 4)
      #expect(client.answer(on: stream).body.isEmpty)
    }

    @Test("A call that is cancelled is over, and an answer to it changes nothing")
    func cancelled() throws {
      let waiting = Waiting()
      let client = waitingClient(waiting)
      let stream = try client.begin(path, request(""))
      client.session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
      try client.exchange()
      #expect(waiting.isOver)
      waiting.call?.answer(balance(1))
      try client.exchange()
      #expect(client.answer(on: stream).status == nil)
      #expect(try client.ask("/no.such/Method", request("")).status == 12)
    }

    @Test("A server that leaves ends the calls under way, and accepts no more")
    func leaving() throws {
      let waiting = Waiting()
      let client = waitingClient(waiting)
      let stream = try client.begin(path, request(""))
      client.served.leave(because: CallStatus(.unavailable, "the run is over"))
      try client.exchange()
      #expect(client.answer(on: stream).status == 14)
      #expect(waiting.isOver)
    }

    @Test("Both sides of a stream may send any number of messages")
    func bidirectional() throws {
      let client = MemoryClient { router in
        router.stream(SnapshotMethods.channel) { call in
          Router.Input(take: { call.send($0) }, endInput: { call.call.finish() })
        }
      }
      let stream = client.call(SnapshotMethods.channel.path)
      var frames: [ChannelFrame] = []
      for number in 1...50 {
        let frame = ChannelFrame(message: ApplicationMessage(amount: Int64(number)))
        frames.append(frame)
        client.session.send(MessageStream.framed(frame), on: stream)
        if number % 7 == 0 { try client.exchange() }
      }
      #expect(try client.answer(on: stream).messages(ChannelFrame.self).count == 49)
      client.session.end(stream)
      try client.exchange()
      #expect(try client.answer(on: stream).messages(ChannelFrame.self) == frames)
      #expect(client.answer(on: stream).status == 0)
    }

    @Test("A client that floods the server with resets is disconnected")
    func resetFlood() throws {
      let waiting = Waiting()
      let client = waitingClient(waiting)
      for _ in 0..<1100 {
        let stream = client.call(path)
        client.session.send(MessageStream.framed(request("")), on: stream)
        try client.exchange()
        client.session.reset(stream, errorCode: HTTP2ErrorCode.cancel)
        try client.exchange()
        if !client.served.isAlive { return }
      }
      Issue.record("A thousand and a hundred calls were broken off, and it was let go on")
    }

    @Test("A program that does not speak HTTP/2 is recognized")
    func otherLanguage() {
      let client = client()
      let words = Array("GET / HTTP/1.1\r\nHost: here\r\n\r\n".utf8)
      #expect(throws: HTTP2Error.notHTTP2) {
        try words.withUnsafeBytes { try client.served.take($0) }
      }
    }

    @Test("Reflection lists the services, and hands out the files that define them")
    func reflection() throws {
      let client = MemoryClient { router in
        ReflectionService(files: [ScaleModelFile.file, HealthMethods.file])
          .register(ReflectionV1.self, in: &router)
      }
      let method = ReflectionMethods<ReflectionV1>.info
      typealias Request = ReflectionRequest<ReflectionV1>
      let stream = client.call(method.path)
      for request in [
        Request(listServices: ""), Request(fileByName: "scalemodel.proto"),
        Request(fileContainingSymbol: "grpc.health.v1.Health.Check"),
        Request(fileContainingSymbol: "no.such.Thing"),
      ] {
        client.session.send(MessageStream.framed(request), on: stream)
      }
      client.session.end(stream)
      try client.exchange()
      let answers = try client.answer(on: stream).messages(ReflectionResponse<ReflectionV1>.self)
      #expect(answers.count == 4)
      #expect(
        answers[0].services?.services.map(\.name) == [
          "scalemodel.v1.BankService", "scalemodel.v1.SnapshotService", "grpc.health.v1.Health",
        ])
      #expect(answers[1].files?.files == [ScaleModelFile.file.descriptor.encoded])
      #expect(answers[2].files?.files == [HealthMethods.file.descriptor.encoded])
      #expect(answers[3].error?.errorCode == 5)
    }
  }
#endif
