#if GRPC
  /// A client's connection without its socket: bytes go in, calls are carried out, bytes come out.
  final class ServedConnection: Call.Line {
    /// The settings that all connections of a server share.
    struct Terms {
      /// The handlers of the calls.
      var router: Router
      /// The most bytes in a message.
      var messageByteCountMax = MessageStream.byteCountMaxDefault
      /// The token that every call must carry; nil when calls need none.
      var token: String?
      /// The current time, on the monotonic clock.
      var now: () -> Int64
      /// Called with each new deadline, on the monotonic clock.
      var noteDeadline: (Int64) -> Void = { _ in }
    }

    private let terms: Terms
    private let held: HeldBytes
    private let session: HTTP2Session
    private var calls: [Int32: Call] = [:]
    /// A lower bound on the calls' deadlines.
    private var nextDeadline = Int64.max
    private let since: Int64
    private var isLeaving = false
    /// Whether the client has made a permitted call: with the token, where one is needed.
    private(set) var isTrusted = false
    /// Called when output is ready.
    var onOutput: () -> Void = {}

    /// How many calls a client may cancel at once, and how many more per second.
    private static let resetCountMax = (atOnce: 1000, perSecond: 100)
    /// The most bytes that may wait on a stream that its client does not read.
    private static let waitingByteCountMax = 8 << 20

    /// Begins a connection.
    ///
    /// - Parameters:
    ///   - terms: The settings that all connections share.
    ///   - held: Counts the bytes that all of them hold together.
    init(terms: Terms, held: HeldBytes) {
      self.terms = terms
      self.held = held
      session = HTTP2Session(.server)
      since = terms.now()
    }

    /// Whether any call is under way.
    var hasCalls: Bool { !calls.isEmpty }
    /// Whether the connection has anything left to do; if not, close it.
    var isAlive: Bool { session.isAlive }
    /// Whether bytes wait to be sent.
    var hasPending: Bool { session.hasPending }

    /// Receives bytes from the client.
    ///
    /// - Throws: ``HTTP2Error`` after a protocol error.
    func take(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
      for event in try session.feed(bytes) { take(event) }
      let seconds = (terms.now() - since) / 1_000_000_000
      if session.resetCount > Self.resetCountMax.atOnce + Int(seconds)
        * Self.resetCountMax.perSecond
      {
        session.refuse()
      }
    }

    /// Hands over pending bytes: up to so many, and at most one frame beyond.
    func takePending(
      upTo byteCount: Int, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTP2Error) {
      try session.takePending(upTo: byteCount, take)
      for event in session.takeEvents() { self.take(event) }
    }

    /// Ends the calls whose deadlines have passed.
    ///
    /// - Returns: The earliest deadline of the others.
    func expire(now: Int64) -> Int64 {
      if now < nextDeadline { return nextDeadline }
      var next = Int64.max
      for stream in calls.keys.sorted() {
        guard let call = calls[stream] else { continue }
        if call.deadline <= now {
          call.finish(CallStatus(.deadlineExceeded, "the deadline passed first"))
        } else {
          next = min(next, call.deadline)
        }
      }
      nextDeadline = next
      return next
    }

    /// Ends all calls and accepts no more; the closing bytes are still to be sent.
    func leave(because status: CallStatus) {
      isLeaving = true
      session.goAway()
      for stream in calls.keys.sorted() { calls[stream]?.finish(status) }
    }

    /// Handles the loss of the connection.
    func abandon() {
      for stream in calls.keys.sorted() { drop(stream) }
    }

    // MARK: Input

    private func take(_ event: HTTP2Event) {
      switch event {
      case .headers(let stream, let headers):
        if calls[stream] == nil { open(stream, RequestHeaders(headers)) }
      case .data(let stream, let bytes):
        guard let call = calls[stream] else { return }
        attempt(call) { () throws(CallStatus) in try take(bytes, of: call) }
      case .inputEnded(let stream):
        guard let call = calls[stream] else { return }
        attempt(call) { () throws(CallStatus) in
          guard call.input.heldByteCount == 0 else {
            throw CallStatus(.internal, "the call ended inside a message")
          }
          try call.handler?.endInput()
        }
      case .closed(let stream, _):
        drop(stream)
      }
    }

    private func attempt(_ call: Call, _ body: () throws(CallStatus) -> Void) {
      do throws(CallStatus) {
        try body()
      } catch {
        call.finish(error)
      }
    }

    private func take(_ bytes: [UInt8], of call: Call) throws(CallStatus) {
      let before = call.input.heldByteCount
      defer { held.count += call.input.heldByteCount - before }
      call.input.append(bytes)
      while !call.isOver, let message = try call.input.next() { try call.handler?.take(message) }
      guard held.count + call.input.heldByteCount - before <= HeldBytes.countMax else {
        throw CallStatus(.resourceExhausted, "too many long messages are under way; try again")
      }
    }

    private func open(_ stream: Int32, _ headers: RequestHeaders) {
      if let status = headers.httpRefusal {
        session.respond(on: stream, [HTTP2Header(":status", status)], isLast: true)
        return
      }
      do throws(CallStatus) {
        if isLeaving { throw CallStatus(.unavailable, "the machine accepts no more calls") }
        try headers.check(token: terms.token)
        isTrusted = true
        let timeout = try headers.timeoutNanoseconds
        let deadline = timeout.map { terms.now() + $0 } ?? .max
        let call = Call(
          stream: stream, deadline: deadline, messageByteCountMax: terms.messageByteCountMax,
          line: self)
        guard let handler = terms.router.open(headers.path, call) else {
          throw CallStatus(.unimplemented, "there is no method \(headers.path)")
        }
        call.handler = handler
        // The handler may have ended the call at once.
        if call.isOver { return handler.end() }
        calls[stream] = call
        nextDeadline = min(nextDeadline, deadline)
        if deadline != .max { terms.noteDeadline(deadline) }
      } catch {
        session.respond(
          on: stream, Self.responseHeaders + [Self.acceptEncoding] + error.trailers, isLast: true)
      }
    }

    /// Forgets a call, and tells its handler that the caller is gone.
    private func drop(_ stream: Int32) {
      guard let call = calls.removeValue(forKey: stream) else { return }
      held.count -= call.input.heldByteCount
      call.abandon()
    }

    // MARK: Output

    private static let responseHeaders = [
      HTTP2Header(":status", "200"), HTTP2Header("content-type", "application/grpc"),
    ]
    private static let acceptEncoding = HTTP2Header("grpc-accept-encoding", "identity")

    func send(_ message: [UInt8], on call: Call) {
      onOutput()
      if !call.hasAnswered {
        call.hasAnswered = true
        session.respond(on: call.stream, Self.responseHeaders)
      }
      session.send(message, on: call.stream)
      let count = session.waitingByteCount(on: call.stream)
      if count > Self.waitingByteCountMax {
        call.breakOff(
          because: CallStatus(.resourceExhausted, "the client has not read \(count) bytes"))
      }
    }

    func breakOff(_ call: Call) {
      onOutput()
      session.reset(call.stream, errorCode: HTTP2ErrorCode.enhanceYourCalm)
      forget(call)
    }

    func waitingByteCount(of call: Call) -> Int { session.waitingByteCount(on: call.stream) }

    func holdInput(of call: Call) { session.holdInput(of: call.stream) }

    func resumeInput(of call: Call) {
      onOutput()
      session.resumeInput(of: call.stream)
    }

    func finish(_ call: Call, _ status: CallStatus) {
      onOutput()
      if call.hasAnswered {
        session.end(call.stream, trailers: status.trailers)
      } else {
        session.respond(
          on: call.stream, Self.responseHeaders + status.trailers, isLast: true)
      }
      forget(call)
    }

    private func forget(_ call: Call) {
      if calls.removeValue(forKey: call.stream) != nil { held.count -= call.input.heldByteCount }
    }
  }

  /// Counts the bytes of incomplete messages that all connections hold.
  final class HeldBytes {
    var count = 0
    /// The most bytes: enough for many clients that send long messages at once.
    static let countMax = 64 << 20
  }
#endif
