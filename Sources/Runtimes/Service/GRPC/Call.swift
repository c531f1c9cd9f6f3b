/// One call, from its headers to its status.
///
/// Its handler answers now or later; a call that is over ignores further answers, so the handler
/// need not check.
final class Call {
  /// The handler's callbacks for what the caller does.
  struct Handler {
    /// Called with each message; a thrown status ends the call.
    var take: ([UInt8]) throws(CallStatus) -> Void
    /// Called when no more messages come; a thrown status ends the call.
    var endInput: () throws(CallStatus) -> Void = {}
    /// The call is over, however it ended.
    var end: () -> Void = {}
  }

  /// Carries answers to the caller.
  protocol Line: AnyObject {
    func send(_ message: [UInt8], on call: Call)
    func finish(_ call: Call, _ status: CallStatus)
    /// Breaks the call off: its caller reads nothing, not even a status.
    func breakOff(_ call: Call)
    /// How many bytes wait for the caller to read them.
    func waitingByteCount(of call: Call) -> Int
    /// Pauses the caller's input.
    func holdInput(of call: Call)
    /// Resumes the caller's input.
    func resumeInput(of call: Call)
  }

  /// The stream of its connection it travels on.
  let stream: Int32
  /// The caller's deadline, on the monotonic clock; `Int64.max` for never.
  let deadline: Int64
  /// Whether the call is over.
  private(set) var isOver = false
  /// The status with which this side ended it; nil otherwise.
  private(set) var ending: CallStatus?
  /// Whether the caller's input is paused.
  private(set) var isInputHeld = false
  var handler: Handler?
  var input: MessageStream
  /// Whether the response's headers have been sent.
  var hasAnswered = false
  private weak var line: (any Line)?

  init(stream: Int32, deadline: Int64, messageByteCountMax: Int, line: any Line) {
    self.stream = stream
    self.deadline = deadline
    self.line = line
    input = MessageStream(byteCountMax: messageByteCountMax)
  }

  /// Sends a message to the caller.
  func send(_ message: some ProtobufMessage) {
    if !isOver { line?.send(MessageStream.framed(message), on: self) }
  }

  /// Ends the call.
  func finish(_ status: CallStatus = .ok) {
    if isOver { return }
    isOver = true
    ending = status
    line?.finish(self, status)
    over()
  }

  /// Ends the call of a caller that does not read; it sees the status when it reads again.
  func breakOff(because status: CallStatus) {
    if isOver { return }
    isOver = true
    ending = status
    line?.breakOff(self)
    over()
  }

  /// How many bytes wait for the caller to read them.
  var waitingByteCount: Int { isOver ? 0 : line?.waitingByteCount(of: self) ?? 0 }

  /// Pauses the caller's input, beyond its flow-control window, until ``resumeInput()``.
  func holdInput() {
    if isOver || isInputHeld { return }
    isInputHeld = true
    line?.holdInput(of: self)
  }

  /// Resumes the caller's input.
  func resumeInput() {
    if isOver || !isInputHeld { return }
    isInputHeld = false
    line?.resumeInput(of: self)
  }

  /// Marks the call as over because the caller or the connection is gone.
  func abandon() {
    if isOver { return }
    isOver = true
    over()
  }

  private func over() {
    let handler = handler
    self.handler = nil
    handler?.end()
  }
}

/// A call whose answers are messages of one type.
struct AnswerableCall<Output: ProtobufMessage> {
  let call: Call

  /// Sends a message; more may follow.
  func send(_ message: Output) { call.send(message) }

  /// Sends the last message, and ends the call.
  func answer(_ message: Output) {
    call.send(message)
    call.finish()
  }

  /// Calls `body` when the call is over, however it ended.
  func whenOver(_ body: @escaping () -> Void) { call.handler?.end = body }

  /// Ends the call with a status and no answer.
  func fail(_ status: CallStatus) { call.finish(status) }
}
