import LogicalTime

/// What may stand where, and what may be compared with what.
extension PredicateLanguage {
  func demandCondition(_ node: Node) throws(ExpressionError) {
    if node.type == .condition { return }
    throw misplaced(node, wanted: "a condition")
  }

  func demandNumber(_ node: Node) throws(ExpressionError) {
    if node.type == .number { return }
    throw misplaced(node, wanted: "a number")
  }

  private func misplaced(_ node: Node, wanted: String) -> ExpressionError {
    if case .literal(let word, isBare: true) = node.type { return unknown(word, at: node.offset) }
    let remedy =
      switch (wanted, node.type) {
      case ("a condition", _): "; compare it with something"
      case (_, .condition): "; count(…) counts the machines where a condition holds"
      default: ""
      }
    return ExpressionError("expected \(wanted), found \(noun(of: node))\(remedy)", at: node.offset)
  }

  func comparison(
    _ left: Node, _ comparison: Comparison, _ right: Node, end: Int
  ) throws(ExpressionError) -> Node {
    switch (left.type, right.type) {
    case (.number, .number): break
    case (.literal(let word, let isBare), .literal):
      throw isBare
        ? unknown(word, at: left.offset)
        : ExpressionError("a comparison needs a field on one side at least", at: left.offset)
    case (.word(let words), .literal(let word, _)):
      try check(word, isOneOf: words, at: right.offset)
      try check(comparison, of: left, right)
    case (.literal(let word, _), .word(let words)):
      try check(word, isOneOf: words, at: left.offset)
      try check(comparison, of: left, right)
    case (.condition, .condition), (.word, .word), (.text, .word), (.word, .text), (.text, .text),
      (.text, .literal), (.literal, .text):
      try check(comparison, of: left, right)
    case (.literal(let word, isBare: true), _): throw unknown(word, at: left.offset)
    case (_, .literal(let word, isBare: true)): throw unknown(word, at: right.offset)
    case (.nothing, _), (_, .nothing): try check(comparison, of: left, right)
    default:
      throw ExpressionError(
        "\(noun(of: left)) and \(noun(of: right)) cannot be compared", at: left.offset)
    }
    return Node(
      node: .comparison(left.node, comparison, right.node), type: .condition, offset: left.offset)
  }

  private func check(
    _ word: String, isOneOf words: [String], at offset: Int
  ) throws(ExpressionError) {
    if words.contains(word) { return }
    let advice =
      Spelling.nearest(to: word, among: words).map { "did you mean '\($0)'?" }
      ?? "the words are \(Self.list(words))"
    throw ExpressionError("'\(word)' is no word of this field; \(advice)", at: offset)
  }

  private func check(
    _ comparison: Comparison, of left: Node, _ right: Node
  ) throws(ExpressionError) {
    if comparison.isEquality { return }
    let node = left.type == .number ? right : left
    throw ExpressionError(
      "\(noun(of: node)) has no order; compare with == or !=", at: node.offset)
  }

  /// What a part is, with its article.
  private func noun(of node: Node) -> String {
    switch node.type {
    case .number: "a number"
    case .condition: "a condition"
    case .word, .literal: "a word"
    case .text: "a text"
    case .nothing: "nothing"
    }
  }
}
