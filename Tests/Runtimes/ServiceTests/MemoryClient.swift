#if GRPC
  @testable import Service

  /// A client and a served connection back to back, without socket or clock.
  final class MemoryClient {
    let session = HTTP2Session(.client)
    let served: ServedConnection
    private(set) var answers: [Int32: Answer] = [:]
    /// The time of the server's clock, in nanoseconds.
    var now: Int64 = 0 { didSet { clock.now = now } }
    private let clock: HandClock

    /// The answer received on one stream.
    struct Answer: Equatable {
      var headers: [HTTP2Header] = []
      var trailers: [HTTP2Header] = []
      var body: [UInt8] = []
      var isEnded = false
      /// How the stream was closed; nil while it is open.
      var errorCode: UInt32?

      /// The call's status; nil when none came.
      var status: Int? {
        (headers + trailers).first { $0.name == "grpc-status" }.flatMap { Int($0.value) }
      }

      /// The messages that arrived complete.
      func messages<Message: ProtobufMessage>(_ type: Message.Type) throws -> [Message] {
        var stream = MessageStream()
        stream.append(body)
        var messages: [Message] = []
        while let message = try stream.next() { messages.append(try Message(encoded: message)) }
        return messages
      }
    }

    private final class HandClock {
      var now: Int64 = 0
    }

    init(
      held: HeldBytes = HeldBytes(), token: String? = nil,
      _ register: (inout Router) -> Void
    ) {
      var router = Router()
      register(&router)
      let clock = HandClock()
      self.clock = clock
      let terms = ServedConnection.Terms(
        router: router, token: token, now: { clock.now })
      served = ServedConnection(terms: terms, held: held)
    }

    /// Begins a call.
    func call(_ path: String, _ more: [HTTP2Header] = [], type: String = "application/grpc")
      -> Int32
    {
      session.request(
        [
          HTTP2Header(":method", "POST"), HTTP2Header(":scheme", "http"),
          HTTP2Header(":path", path), HTTP2Header(":authority", "memory"),
          HTTP2Header("content-type", type), HTTP2Header("te", "trailers"),
        ] + more)
    }

    /// Begins a call with one message, and exchanges bytes until both sides are idle.
    func begin(
      _ path: String, _ message: some ProtobufMessage, _ more: [HTTP2Header] = []
    ) throws -> Int32 {
      let stream = call(path, more)
      session.send(MessageStream.framed(message), on: stream)
      session.end(stream)
      try exchange()
      return stream
    }

    /// Carries out a whole call with one message.
    func ask(
      _ path: String, _ message: some ProtobufMessage, _ more: [HTTP2Header] = []
    ) throws -> Answer {
      answer(on: try begin(path, message, more))
    }

    func answer(on stream: Int32) -> Answer { answers[stream] ?? Answer() }

    /// Exchanges bytes, `step` at a time, until both sides are idle.
    func exchange(step: Int = 1 << 16) throws {
      while true {
        var toServer: [UInt8] = []
        try session.takePending(upTo: 1 << 20) { toServer += $0 }
        take(session.takeEvents())
        for start in stride(from: 0, to: toServer.count, by: step) {
          let end = min(start + step, toServer.count)
          try toServer[start..<end].withUnsafeBytes { try served.take($0) }
        }
        var toClient: [UInt8] = []
        try served.takePending(upTo: 1 << 20) { toClient += $0 }
        take(try toClient.withUnsafeBytes { try session.feed($0) })
        if toServer.isEmpty && toClient.isEmpty { return }
      }
    }

    private func take(_ events: [HTTP2Event]) {
      for event in events {
        switch event {
        case .headers(let stream, let headers):
          if answers[stream] == nil {
            answers[stream] = Answer(headers: headers)
          } else {
            answers[stream]?.trailers = headers
          }
        case .data(let stream, let bytes): answers[stream]?.body += bytes
        case .inputEnded(let stream): answers[stream]?.isEnded = true
        case .closed(let stream, let errorCode):
          answers[stream, default: Answer()].errorCode = errorCode
        }
      }
    }
  }
#endif
