/// One call, from its headers to its status.
///
/// Whoever carries it out answers now or later; a call that is over takes no more answers, so
/// nobody has to ask.
final class Call {
  /// What hears of the caller.
  struct Handler {
    /// A message came; what is thrown ends the call.
    var take: ([UInt8]) throws(CallStatus) -> Void
    /// No more messages come; what is thrown ends the call.
    var endInput: () throws(CallStatus) -> Void = {}
    /// The call is over, however it ended.
    var end: () -> Void = {}
  }

  /// What carries answers to the caller.
  protocol Line: AnyObject {
    func send(_ message: [UInt8], on call: Call)
    func finish(_ call: Call, _ status: CallStatus)
    /// Breaks the call off: its caller takes nothing, not even a status.
    func breakOff(_ call: Call)
    /// How many bytes wait for the caller to take them.
    func waitingByteCount(of call: Call) -> Int
    /// Lets the caller send nothing more for now.
    func holdInput(of call: Call)
    /// Lets the caller go on sending.
    func resumeInput(of call: Call)
  }

  /// The stream of its connection it travels on.
  let stream: Int32
  /// When the caller does not wait any longer, on the monotonic clock; `Int64.max` for never.
  let deadline: Int64
  /// Whether the call is over.
  private(set) var isOver = false
  /// Why it is over, if it was we who ended it.
  private(set) var ending: CallStatus?
  /// Whether the caller may send nothing more for now.
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

  /// Ends the call of a caller who takes nothing: he learns it when he does.
  func breakOff(because status: CallStatus) {
    if isOver { return }
    isOver = true
    ending = status
    line?.breakOff(self)
    over()
  }

  /// How many bytes wait for the caller to take them.
  var waitingByteCount: Int { isOver ? 0 : line?.waitingByteCount(of: self) ?? 0 }

  /// Lets the caller send nothing more than he has room for already, until ``resumeInput()``.
  func holdInput() {
    if isOver || isInputHeld { return }
    isInputHeld = true
    line?.holdInput(of: self)
  }

  /// Lets the caller go on sending.
  func resumeInput() {
    if isOver || !isInputHeld { return }
    isInputHeld = false
    line?.resumeInput(of: self)
  }

  /// Takes in that the caller has gone, or the connection has.
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

  /// Lets something be done when the call is over, however it ended.
  func whenOver(_ body: @escaping () -> Void) { call.handler?.end = body }

  /// Ends the call without what was asked for.
  func fail(_ status: CallStatus) { call.finish(status) }
}
