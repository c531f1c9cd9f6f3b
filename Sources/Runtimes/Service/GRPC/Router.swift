/// Maps each method to its handler.
struct Router {
  private var openers: [String: (Call) -> Call.Handler] = [:]

  /// The callbacks for a stream of messages of one type.
  struct Input<Message: ProtobufMessage> {
    var take: (Message) throws(CallStatus) -> Void
    var endInput: () throws(CallStatus) -> Void = {}
    var end: () -> Void = {}
  }

  /// Starts a call; nil when the method is unknown.
  func open(_ path: String, _ call: Call) -> Call.Handler? { openers[path]?(call) }

  /// Registers a client-streaming method; `open` returns the handler of a call.
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

  /// Registers a method with one message in; `body` answers now or later.
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
