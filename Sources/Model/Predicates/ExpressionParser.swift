/// Parses expressions of every language: comparisons joined by `&&` and `||`, negated by `!`, with
/// parentheses; where the language computes, also `+`, `-`, `*` and calls.
package struct ExpressionParser<Language: ExpressionLanguage> {
  private typealias Node = Language.Node

  private var language: Language
  private let characters: [Character]
  private var position = 0
  private var depth = 0

  private static var depthMax: Int { 32 }

  private init(_ text: String, _ language: Language) {
    characters = Array(text)
    self.language = language
  }

  /// Parses a whole condition.
  ///
  /// - Parameters:
  ///   - text: The text as the user spells it.
  ///   - language: What its words mean.
  /// - Returns: The meaning, which is a condition.
  /// - Throws: ``ExpressionError`` for the first mistake, with its position.
  package static func parse(
    _ text: String, in language: Language
  ) throws(ExpressionError) -> Language.Node {
    var parser = Self(text, language)
    do throws(ExpressionError) {
      let node = try parser.alternatives()
      parser.skipSpaces()
      guard parser.isAtEnd else { throw parser.unexpected(parser.joint + " or the end") }
      try parser.language.demandCondition(node)
      return node
    } catch {
      var error = error
      error.text = text
      throw error
    }
  }

  // MARK: Conditions

  private mutating func alternatives() throws(ExpressionError) -> Node {
    let parts = try joined(by: "||") { parser throws(ExpressionError) in
      try parser.conditions()
    }
    return parts.count == 1 ? parts[0] : language.any(parts)
  }

  private mutating func conditions() throws(ExpressionError) -> Node {
    let parts = try joined(by: "&&") { parser throws(ExpressionError) in
      try parser.condition()
    }
    return parts.count == 1 ? parts[0] : language.all(parts)
  }

  /// One part or more: a part that stands alone may be a value, joined ones are conditions.
  private mutating func joined(
    by word: String, _ part: (inout Self) throws(ExpressionError) -> Node
  ) throws(ExpressionError) -> [Node] {
    var parts = [try part(&self)]
    while take(word) {
      if parts.count == 1 { try language.demandCondition(parts[0]) }
      let next = try part(&self)
      try language.demandCondition(next)
      parts.append(next)
    }
    return parts
  }

  private mutating func condition() throws(ExpressionError) -> Node {
    try descend()
    defer { depth -= 1 }
    if take("!") {
      let inner = try condition()
      try language.demandCondition(inner)
      return language.not(inner)
    }
    if !language.computes, take("(") { return try parenthesized() }
    let left = try value()
    guard let comparison = takeComparison() else {
      guard language.computes else { throw unexpected("==, !=, <, <=, > or >=") }
      return left
    }
    let right = try value()
    return try language.comparison(left, comparison, right, end: position)
  }

  /// What follows an opening parenthesis, up to the closing one.
  private mutating func parenthesized() throws(ExpressionError) -> Node {
    let inner = try alternatives()
    guard take(")") else { throw unexpected("')'") }
    return inner
  }

  // MARK: Values

  private mutating func value() throws(ExpressionError) -> Node {
    guard language.computes else { return try operand() }
    let first = try product()
    var terms = [SignedTerm(isNegative: false, node: first)]
    while let sign = ["+", "-"].first(where: { take($0) }) {
      terms.append(SignedTerm(isNegative: sign == "-", node: try product()))
    }
    return terms.count == 1 ? first : try language.sum(terms)
  }

  private mutating func product() throws(ExpressionError) -> Node {
    let first = try operand()
    var factors = [first]
    while take("*") { factors.append(try operand()) }
    return factors.count == 1 ? first : try language.product(factors)
  }

  private mutating func operand() throws(ExpressionError) -> Node {
    skipSpaces()
    if let quote = next, quote == "'" || quote == "\"" { return try quoted(by: quote) }
    guard language.computes else { return try word() }
    if take("(") { return try parenthesized() }
    guard take("-") else { return try word() }
    let sign = position - 1
    skipSpaces()
    // The least integer of 64 bits has no positive counterpart, so a sign belongs to its number.
    if next?.isNumber == true { return try word(negatedAt: sign) }
    try descend()
    defer { depth -= 1 }
    return try language.sum([SignedTerm(isNegative: true, node: try operand())])
  }

  /// A word, a call, or a number, whose sign may be at an offset before it.
  private mutating func word(negatedAt sign: Int? = nil) throws(ExpressionError) -> Node {
    let start = position
    while let character = next, language.isPartOfWord(character) { position += 1 }
    let word = String(characters[start..<position])
    guard !word.isEmpty else { throw unexpected(language.operandNoun) }
    if let sign { return try language.word("-" + word, at: sign) }
    guard language.computes, take("(") else { return try language.word(word, at: start) }
    try language.begin(call: word, at: start)
    return try language.end(call: word, of: try parenthesized(), at: start)
  }

  private mutating func quoted(by quote: Character) throws(ExpressionError) -> Node {
    position += 1
    let start = position
    while let character = next {
      position += 1
      if character == quote {
        return try language.quoted(String(characters[start..<position - 1]), at: start - 1)
      }
    }
    throw ExpressionError("the closing \(quote) is missing", at: position)
  }

  // MARK: Characters

  private var next: Character? { isAtEnd ? nil : characters[position] }

  private var isAtEnd: Bool { position >= characters.count }

  /// What may follow a whole condition.
  private var joint: String { language.computes ? "an operator" : "&&, ||" }

  private mutating func skipSpaces() {
    while let character = next, character.isWhitespace { position += 1 }
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpaces()
    guard characters[position...].starts(with: word) else { return false }
    position += word.count
    return true
  }

  private mutating func takeComparison() -> Comparison? {
    Comparison.allCases.first { take($0.rawValue) }
  }

  private mutating func descend() throws(ExpressionError) {
    depth += 1
    guard depth <= Self.depthMax else {
      throw ExpressionError("nested deeper than \(Self.depthMax) levels", at: position)
    }
  }

  private func unexpected(_ wanted: String) -> ExpressionError {
    ExpressionError(
      next.map { "expected \(wanted), found '\($0)'" } ?? "it ends where \(wanted) was expected",
      at: position)
  }
}
