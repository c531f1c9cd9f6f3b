#if GRPC
  /// A client's connection, without the connection: bytes go in, calls are carried out, bytes come
  /// out.
  final class ServedConnection: Call.Line {
    /// What is the same for all connections of a server.
    struct Terms {
      /// What carries out the calls.
      var router: Router
      /// The most bytes a message may have.
      var messageByteCountMax = MessageStream.byteCountMaxDefault
      /// The token that every call must carry; nil when calls need none.
      var token: String?
      /// The time now, on the monotonic clock.
      var now: () -> Int64
      /// Told of deadlines, each on the monotonic clock.
      var noteDeadline: (Int64) -> Void = { _ in }
    }

    private let terms: Terms
    private let held: HeldBytes
    private let session: HTTP2Session
    private var calls: [Int32: Call] = [:]
    /// No call's deadline is earlier.
    private var nextDeadline = Int64.max
    private let since: Int64
    private var isLeaving = false
    /// Whether the client has begun a call that it may make: with the token, where one is needed.
    private(set) var isTrusted = false
    /// Called when there is something to be sent.
    var onOutput: () -> Void = {}

    /// How many calls a client may break off at once, and how many a second more.
    private static let resetCountMax = (atOnce: 1000, perSecond: 100)
    /// How many bytes may wait on a stream that its client does not read.
    private static let waitingByteCountMax = 8 << 20

    /// Begins a connection.
    ///
    /// - Parameters:
    ///   - terms: What is the same for all connections.
    ///   - held: Counts what all of them hold together.
    init(terms: Terms, held: HeldBytes) {
      self.terms = terms
      self.held = held
      session = HTTP2Session(.server)
      since = terms.now()
    }

    /// Whether any call is being carried out.
    var hasCalls: Bool { !calls.isEmpty }
    /// Whether the connection has anything left to do; when not, it is to be closed.
    var isAlive: Bool { session.isAlive }
    /// Whether bytes wait to leave.
    var hasPending: Bool { session.hasPending }

    /// Takes in what the client sent.
    ///
    /// - Throws: ``HTTP2Error`` when nothing can be made of it.
    func take(_ bytes: UnsafeRawBufferPointer) throws(HTTP2Error) {
      for event in try session.feed(bytes) { take(event) }
      let seconds = (terms.now() - since) / 1_000_000_000
      if session.resetCount > Self.resetCountMax.atOnce + Int(seconds)
        * Self.resetCountMax.perSecond
      {
        session.refuse()
      }
    }

    /// Hands over the bytes that are to leave, so many and one frame at most.
    func takePending(
      upTo byteCount: Int, _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTP2Error) {
      try session.takePending(upTo: byteCount, take)
      for event in session.takeEvents() { self.take(event) }
    }

    /// Ends the calls whose callers do not wait any longer.
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

    /// Ends all calls, and takes no more: the bytes that say so are still to be sent.
    func leave(because status: CallStatus) {
      isLeaving = true
      session.goAway()
      for stream in calls.keys.sorted() { calls[stream]?.finish(status) }
    }

    /// Takes in that the connection is gone.
    func abandon() {
      for stream in calls.keys.sorted() { drop(stream) }
    }

    // MARK: What comes in

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
        if isLeaving { throw CallStatus(.unavailable, "the machine takes no more calls") }
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
        // Whoever opened it may have ended it at once.
        if call.isOver { return handler.end() }
        calls[stream] = call
        nextDeadline = min(nextDeadline, deadline)
        if deadline != .max { terms.noteDeadline(deadline) }
      } catch {
        session.respond(
          on: stream, Self.responseHeaders + [Self.acceptEncoding] + error.trailers, isLast: true)
      }
    }

    /// Forgets a call, and lets whoever carries it out know that nobody waits.
    private func drop(_ stream: Int32) {
      guard let call = calls.removeValue(forKey: stream) else { return }
      held.count -= call.input.heldByteCount
      call.abandon()
    }

    // MARK: What goes out

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
          because: CallStatus(.resourceExhausted, "\(count) bytes wait that nobody takes"))
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

  /// Counts the bytes that all connections hold of messages that are not whole yet.
  final class HeldBytes {
    var count = 0
    /// The most of them: as much as many clients need who send long messages at once.
    static let countMax = 64 << 20
  }
#endif
