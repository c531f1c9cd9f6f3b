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
    let words = line.split { byte in
      byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
    }
    guard let first = words.first else { return nil }
    guard let verb = Verb(rawValue: String(decoding: first, as: UTF8.self)) else {
      throw .unknownCommand(Self.shown(first))
    }
    guard verb.numberCount.contains(words.count - 1) else {
      throw .wrongWordCount(usage: verb.usage, found: words.count)
    }
    switch verb {
    case .startMaster: self = .startMaster
    case .killAll: self = .killAll
    case .createNode:
      self = .createNode(id: try Self.number(words[1]), money: try Self.money(words[2]))
    case .send:
      self = .send(
        amount: try Self.money(words[3]), from: try Self.number(words[1]),
        to: try Self.number(words[2]))
    case .receive:
      self = .receive(
        receiver: try Self.number(words[1]),
        sender: words.count == 3 ? try Self.number(words[2]) : nil)
    case .receiveAll: self = .receiveAll
    case .beginSnapshot: self = .beginSnapshot(id: try Self.number(words[1]))
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
