import LogicalTime
import ScaleModel

/// The words of a predicate, with their types.
struct PredicateLanguage: ExpressionLanguage {
  /// A part of an expression, with its type and the offset where it begins.
  struct Node: Hashable {
    let node: Expression.Node
    let type: ValueType
    let offset: Int
  }

  /// The type of a value.
  enum ValueType: Hashable {
    case number
    case condition
    /// One of these words.
    case word([String])
    case text
    case nothing
    /// A word that the text gives: bare, or in quotes.
    case literal(String, isBare: Bool)
  }

  /// What bare words may name.
  private enum Scope {
    case run
    /// Inside a figure over all machines: the machine's own fields as well.
    case machine
    /// Inside `on_the_way`: the fields of messages.
    case message
    /// Inside `queue(…)` and the like: the number of a machine.
    case number
  }

  let computes = true
  let operandNoun = "a field, a number or a word"

  private let vocabulary: Expression.Vocabulary
  private var scopes: [Scope] = []
  private var scope: Scope { scopes.last ?? .run }

  init(_ vocabulary: Expression.Vocabulary) {
    self.vocabulary = vocabulary
  }

  func isPartOfWord(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "."
  }

  // MARK: Words

  func word(_ word: String, at offset: Int) throws(ExpressionError) -> Node {
    if word.first.map({ $0 == "-" || $0.isNumber }) == true {
      guard let number = Int64(word) else {
        let isLong = word.allSatisfy { $0 == "-" || $0.isNumber }
        throw ExpressionError(
          "'\(word)' " + (isLong ? "does not fit in 64 bits" : "is no whole number"), at: offset)
      }
      return Node(node: .constant(.integer(number)), type: .number, offset: offset)
    }
    if scope == .number {
      throw ExpressionError("expected the number of a machine, found '\(word)'", at: offset)
    }
    if scope == .message { return try messageField(word, at: offset) }
    if scope == .machine, let own = own(word) {
      try checkIsTold(word, at: offset)
      return Node(node: own.node, type: own.type, offset: offset)
    }
    let (node, type): (Expression.Node, ValueType) =
      switch word {
      case "true": (.constant(.boolean(true)), .condition)
      case "false": (.constant(.boolean(false)), .condition)
      case "nothing": (.constant(.nothing), .nothing)
      case "machines": (.constant(.integer(Int64(vocabulary.machineCount))), .number)
      case "messages_on_the_way": (.messageCountOnTheWay, .number)
      default: (.constant(.text(word)), .literal(word, isBare: true))
      }
    return Node(node: node, type: type, offset: offset)
  }

  func quoted(_ text: String, at offset: Int) -> Node {
    Node(
      node: .constant(.text(text)), type: .literal(text, isBare: false), offset: offset)
  }

  /// What a word says of the machine that a figure is over; nil when it says nothing of it.
  private func own(_ word: String) -> (node: Expression.Node, type: ValueType)? {
    if word == "machine" { return (.machine, .number) }
    return reading(word).map { (.reading($0.reading, machine: nil), $0.type) }
  }

  private func reading(_ word: String) -> (reading: Expression.Reading, type: ValueType)? {
    switch word {
    case "queue": return (.queue, .number)
    case "clock": return (.clock, .number)
    case "owed": return (.owed, .number)
    default:
      guard let field = vocabulary.stateFields.firstIndex(where: { $0.name == word }) else {
        return nil
      }
      return (.field(field), Self.type(of: vocabulary.stateFields[field].kind))
    }
  }

  private func checkIsTold(_ word: String, at offset: Int) throws(ExpressionError) {
    guard let lack = vocabulary.lacks.first(where: { $0.word == word }) else { return }
    throw ExpressionError("'\(word)' is not known: \(lack.reason)", at: offset)
  }

  private static func type(of kind: FieldKind) -> ValueType {
    switch kind {
    case .integer, .machine: .number
    case .boolean: .condition
    case .word(let words): .word(words)
    case .text: .text
    }
  }

  private func messageField(_ word: String, at offset: Int) throws(ExpressionError) -> Node {
    let fields = vocabulary.messageFields
    guard let field = fields.firstIndex(where: { $0.name == word }) else {
      throw unknown(
        word, at: offset, "no field of messages", candidates: fields.map(\.name))
    }
    guard Self.type(of: fields[field].kind) == .number else {
      throw ExpressionError("'\(word)' is no number, so that it has no sum", at: offset)
    }
    return Node(node: .sumOnTheWay(field: field), type: .number, offset: offset)
  }

  // MARK: Calls

  mutating func begin(call name: String, at offset: Int) throws(ExpressionError) {
    if scope == .number || scope == .message {
      throw ExpressionError(
        "'\(name)(' cannot stand here: expected "
          + (scope == .number ? "the number of a machine" : "a field of messages"), at: offset)
    }
    if Expression.Aggregate(rawValue: name) != nil {
      guard scope == .run else {
        throw ExpressionError(
          "'\(name)(' is over all machines; it cannot be inside another such figure", at: offset)
      }
      scopes.append(.machine)
    } else if name == "on_the_way" {
      scopes.append(.message)
    } else if reading(name) != nil {
      try checkIsTold(name, at: offset)
      scopes.append(.number)
    } else {
      throw unknown(name, at: offset, "no field or function", candidates: names)
    }
  }

  mutating func end(
    call name: String, of argument: Node, at offset: Int
  ) throws(ExpressionError) -> Node {
    scopes.removeLast()
    if let aggregate = Expression.Aggregate(rawValue: name) {
      try aggregate.isOfConditions ? demandCondition(argument) : demandNumber(argument)
      return Node(
        node: .aggregate(aggregate, argument.node),
        type: aggregate.isCondition ? .condition : .number, offset: offset)
    }
    if name == "on_the_way" {
      guard case .sumOnTheWay = argument.node else {
        throw ExpressionError("on_the_way takes one field of messages", at: argument.offset)
      }
      return Node(node: argument.node, type: .number, offset: offset)
    }
    guard case .constant(.integer(let number)) = argument.node, let machine = Int(exactly: number),
      let reading = reading(name)
    else {
      throw ExpressionError("expected the number of a machine", at: argument.offset)
    }
    guard 0..<vocabulary.machineCount ~= machine else {
      throw ExpressionError(
        "there is no machine \(machine): the machines are 0 to \(vocabulary.machineCount - 1)",
        at: argument.offset)
    }
    return Node(
      node: .reading(reading.reading, machine: machine), type: reading.type, offset: offset)
  }

  // MARK: Conditions and sums

  func not(_ condition: Node) -> Node {
    Node(node: .not(condition.node), type: .condition, offset: condition.offset)
  }

  func all(_ conditions: [Node]) -> Node {
    Node(
      node: .all(conditions.map(\.node)), type: .condition, offset: conditions.first?.offset ?? 0)
  }

  func any(_ conditions: [Node]) -> Node {
    Node(
      node: .any(conditions.map(\.node)), type: .condition, offset: conditions.first?.offset ?? 0)
  }

  func sum(_ terms: [SignedTerm<Node>]) throws(ExpressionError) -> Node {
    for term in terms { try demandNumber(term.node) }
    return Node(
      node: .sum(terms.map { SignedTerm(isNegative: $0.isNegative, node: $0.node.node) }),
      type: .number, offset: terms.first?.node.offset ?? 0)
  }

  func product(_ factors: [Node]) throws(ExpressionError) -> Node {
    for factor in factors { try demandNumber(factor) }
    return Node(
      node: .product(factors.map(\.node)), type: .number, offset: factors.first?.offset ?? 0)
  }

  // MARK: Names

  /// All names that a call may have.
  private var names: [String] {
    ["queue", "clock", "owed", "on_the_way"] + Expression.Aggregate.allCases.map(\.rawValue)
      + vocabulary.stateFields.map(\.name)
  }

  /// The error for a bare word that nothing gives a meaning to.
  func unknown(_ word: String, at offset: Int) -> ExpressionError {
    if reading(word) != nil {
      return ExpressionError(
        "'\(word)' is of one machine; write \(word)(0), or a figure over all machines such as "
          + "max(…), count(…) or any(…)", at: offset)
    }
    if word == "machine" {
      return ExpressionError(
        "'machine' is possible only inside a figure over all machines, such as count(…)",
        at: offset)
    }
    let own = scope == .machine ? ["machine"] : []
    return unknown(
      word, at: offset, "no field, number or condition",
      candidates: own + names + ["machines", "messages_on_the_way", "true", "false", "nothing"])
  }

  private func unknown(
    _ word: String, at offset: Int, _ lack: String, candidates: [String]
  ) -> ExpressionError {
    let advice =
      Spelling.nearest(to: word, among: candidates).map { "did you mean '\($0)'?" }
      ?? (candidates.isEmpty ? "there are none" : "there are \(Self.list(candidates))")
    return ExpressionError("'\(word)' is \(lack); \(advice)", at: offset)
  }

  /// Words as an error lists them.
  static func list(_ words: [String]) -> String {
    words.map { "'\($0)'" }.joined(separator: ", ")
  }
}
