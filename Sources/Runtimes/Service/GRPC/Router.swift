/// Knows what carries out the calls to each method.
struct Router {
  private var openers: [String: (Call) -> Call.Handler] = [:]

  /// How a stream of messages of one type is taken in.
  struct Input<Message: ProtobufMessage> {
    var take: (Message) throws(CallStatus) -> Void
    var endInput: () throws(CallStatus) -> Void = {}
    var end: () -> Void = {}
  }

  /// Begins to carry out a call; nil when there is no such method.
  func open(_ path: String, _ call: Call) -> Call.Handler? { openers[path]?(call) }

  /// Lets calls that stream messages in be carried out by what `open` returns.
  mutating func stream<In, Out>(
    _ method: Method<In, Out>, _ open: @escaping (AnswerableCall<Out>) -> Input<In>
  ) {
    openers[method.path] = { call in
      let input = open(AnswerableCall(call: call))
      return Call.Handler(
        take: { bytes throws(CallStatus) in try input.take(Self.decoded(bytes)) },
        endInput: input.endInput, end: input.end)
    }
  }

  /// Lets calls with one message in be carried out: `body` answers now or later.
  mutating func unary<In, Out>(
    _ method: Method<In, Out>,
    _ body: @escaping (In, AnswerableCall<Out>) throws(CallStatus) -> Void
  ) {
    openers[method.path] = { call in
      var request: In?
      return Call.Handler(
        take: { bytes throws(CallStatus) in
          guard request == nil else {
            throw CallStatus(.unimplemented, "\(method.name) takes one message, not several")
          }
          request = try Self.decoded(bytes)
        },
        endInput: { () throws(CallStatus) in
          guard let request else {
            throw CallStatus(.unimplemented, "\(method.name) takes one message, not none")
          }
          try body(request, AnswerableCall(call: call))
        })
    }
  }

  private static func decoded<Message: ProtobufMessage>(
    _ bytes: [UInt8]
  ) throws(CallStatus) -> Message {
    do throws(ProtobufError) {
      return try Message(encoded: bytes)
    } catch {
      throw CallStatus(.internal, "the request is no \(Message.shape.name): \(error)")
    }
  }
}
