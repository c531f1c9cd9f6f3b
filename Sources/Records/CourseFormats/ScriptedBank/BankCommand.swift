/// A command of a bank script.
enum BankCommand: Hashable, Sendable {
  case startMaster
  case killAll
  case createNode(id: Int64, money: Int64)
  case send(amount: Int64, from: Int64, to: Int64)
  /// Receives the head of a channel; without a sender, of a random non-empty one.
  case receive(receiver: Int64, sender: Int64?)
  case receiveAll
  case beginSnapshot(id: Int64)
  case collectState
  case printSnapshot

  /// Parses a line; nil when it has no words.
  ///
  /// Words are separated by spaces and tabs; a carriage return at the end belongs to the newline.
  ///
  /// - Throws: Why it is not a command.
  init?(parsing line: ArraySlice<UInt8>) throws(BankScriptError.Problem) {
    var words = LineWords(line)
    guard let first = words.next() else { return nil }
    guard let verb = Verb(first) else { throw .unknownCommand(Self.shown(first)) }
    let numberCount = words.count
    guard verb.numberCount.contains(numberCount) else {
      throw .wrongWordCount(usage: verb.usage, found: numberCount + 1)
    }
    func next() -> ArraySlice<UInt8> { words.next() ?? [] }
    switch verb {
    case .startMaster: self = .startMaster
    case .killAll: self = .killAll
    case .createNode:
      self = .createNode(id: try Self.number(next()), money: try Self.money(next()))
    case .send:
      let (from, to, amount) = (next(), next(), next())
      self = .send(
        amount: try Self.money(amount), from: try Self.number(from), to: try Self.number(to))
    case .receive:
      self = .receive(
        receiver: try Self.number(next()),
        sender: numberCount == 2 ? try Self.number(next()) : nil)
    case .receiveAll: self = .receiveAll
    case .beginSnapshot: self = .beginSnapshot(id: try Self.number(next()))
    case .collectState: self = .collectState
    case .printSnapshot: self = .printSnapshot
    }
  }

  /// The first word of a line.
  enum Verb: String, CaseIterable, Sendable {
    case startMaster = "StartMaster"
    case killAll = "KillAll"
    case createNode = "CreateNode"
    case send = "Send"
    case receive = "Receive"
    case receiveAll = "ReceiveAll"
    case beginSnapshot = "BeginSnapshot"
    case collectState = "CollectState"
    case printSnapshot = "PrintSnapshot"

    /// The verb that a word is; nil for none.
    init?(_ word: ArraySlice<UInt8>) {
      guard let verb = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(word) }) else {
        return nil
      }
      self = verb
    }

    /// How many numbers follow it.
    var numberCount: ClosedRange<Int> {
      switch self {
      case .startMaster, .killAll, .receiveAll, .collectState, .printSnapshot: 0...0
      case .beginSnapshot: 1...1
      case .receive: 1...2
      case .createNode: 2...2
      case .send: 3...3
      }
    }

    /// The correct form of the whole line.
    var usage: String {
      switch self {
      case .startMaster, .killAll, .receiveAll, .collectState, .printSnapshot: rawValue
      case .beginSnapshot: "BeginSnapshot ID"
      case .receive: "Receive RECEIVER [SENDER]"
      case .createNode: "CreateNode ID MONEY"
      case .send: "Send FROM TO AMOUNT"
      }
    }
  }

  /// The number a word writes: digits with an optional minus.
  private static func number(_ word: ArraySlice<UInt8>) throws(BankScriptError.Problem) -> Int64 {
    let isNegative = word.first == UInt8(ascii: "-")
    let digits = isNegative ? word.dropFirst() : word
    guard !digits.isEmpty else { throw .notANumber(shown(word)) }
    var number: Int64 = 0
    var overflows = false
    for byte in digits {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
        throw .notANumber(shown(word))
      }
      let digit = Int64(byte &- UInt8(ascii: "0"))
      let (tenfold, first) = number.multipliedReportingOverflow(by: 10)
      let (sum, second) = tenfold.addingReportingOverflow(isNegative ? -digit : digit)
      overflows = overflows || first || second
      number = sum
    }
    guard !overflows else { throw .numberTooLarge(shown(word)) }
    return number
  }

  private static func money(_ word: ArraySlice<UInt8>) throws(BankScriptError.Problem) -> Int64 {
    let money = try number(word)
    guard money >= 0 else { throw .negativeMoney(money) }
    return money
  }

  /// The word as errors show it, shortened if needed.
  private static func shown(_ word: ArraySlice<UInt8>) -> String {
    String(String(decoding: word.prefix(200), as: UTF8.self).prefix(40))
  }
}

/// The words of a line, one after the other; nothing is allocated for them.
private struct LineWords {
  private let line: ArraySlice<UInt8>
  /// Where the rest of the line begins.
  private var position: Int

  init(_ line: ArraySlice<UInt8>) { (self.line, position) = (line, line.startIndex) }

  /// How many words there are left.
  var count: Int {
    var (words, count) = (self, 0)
    while words.next() != nil { count += 1 }
    return count
  }

  /// Removes and returns the next word; nil when there is none.
  mutating func next() -> ArraySlice<UInt8>? {
    while position < line.endIndex, Self.separates(line[position]) { position += 1 }
    let start = position
    while position < line.endIndex, !Self.separates(line[position]) { position += 1 }
    return start < position ? line[start..<position] : nil
  }

  private static func separates(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
  }
}
