import LogicalTime

/// Parses a constraint: comparisons of axes with values, joined by `&&` and `||`, negated by `!`,
/// with parentheses.
struct ConstraintParser {
  /// Why a text is no constraint.
  struct Failure: Error, Hashable {
    let problem: String
  }

  private let axes: [Axis]
  private let characters: [Character]
  private var place = 0
  private var depth = 0

  private static let depthMax = 32
  private static let wordCharacters: Set<Character> = ["_", ".", ",", "~", ":", "@", "-"]

  private init(_ text: String, axes: [Axis]) {
    characters = Array(text)
    self.axes = axes
  }

  /// Reads a whole constraint.
  ///
  /// - Parameters:
  ///   - text: The text as the file spells it.
  ///   - axes: The axes that it may name.
  /// - Returns: The constraint.
  /// - Throws: ``Failure`` with the position in the text.
  static func parse(_ text: String, axes: [Axis]) throws(Failure) -> Constraint {
    var parser = ConstraintParser(text, axes: axes)
    let expression = try parser.alternatives()
    parser.skipSpaces()
    guard parser.place == parser.characters.count else {
      throw parser.unexpected("&&, || or the end")
    }
    return Constraint(text: text, expression: expression)
  }

  private mutating func alternatives() throws(Failure) -> Constraint.Expression {
    var left = try conditions()
    while take("||") { left = .or(left, try conditions()) }
    return left
  }

  private mutating func conditions() throws(Failure) -> Constraint.Expression {
    var left = try condition()
    while take("&&") { left = .and(left, try condition()) }
    return left
  }

  private mutating func condition() throws(Failure) -> Constraint.Expression {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthMax else {
      throw failure("nested deeper than \(Self.depthMax) levels")
    }
    if take("!") { return .not(try condition()) }
    guard take("(") else { return try comparison() }
    let inner = try alternatives()
    guard take(")") else { throw unexpected("')'") }
    return inner
  }

  private mutating func comparison() throws(Failure) -> Constraint.Expression {
    let left = try operand()
    guard let comparison = takeComparison() else {
      throw unexpected("==, !=, <, <=, > or >=")
    }
    let right = try operand()
    if case .literal = left, case .literal = right {
      throw failure("a comparison has an axis on one side at least: \(axisNames)")
    }
    return .comparison(left, comparison, right)
  }

  private mutating func takeComparison() -> Constraint.Comparison? {
    Constraint.Comparison.allCases.first { take($0.rawValue) }
  }

  private mutating func operand() throws(Failure) -> Constraint.Operand {
    skipSpaces()
    if let quote = next, quote == "'" || quote == "\"" { return .literal(try quoted(by: quote)) }
    let start = place
    while let character = next, Self.isPartOfWord(character) { place += 1 }
    let word = String(characters[start..<place])
    guard !word.isEmpty else { throw unexpected("an axis or a value") }
    if axes.contains(where: { $0.name == word }) { return .axis(word) }
    let values = axes.flatMap(\.texts)
    if word.first.map({ $0.isNumber || "~.-".contains($0) }) == true || values.contains(word) {
      return .literal(word)
    }
    let nearest = Spelling.nearest(to: word, among: axes.map(\.name) + values)
    let advice =
      nearest.map { "did you mean '\($0)'?" } ?? "the axes are \(axisNames)"
    throw failure("'\(word)' is neither an axis nor a value of one; \(advice)", at: start)
  }

  private mutating func quoted(by quote: Character) throws(Failure) -> String {
    place += 1
    let start = place
    while let character = next {
      place += 1
      if character == quote { return String(characters[start..<place - 1]) }
    }
    throw failure("the closing \(quote) is missing")
  }

  private static func isPartOfWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
      || wordCharacters.contains(character)
  }

  // MARK: Characters

  private var axisNames: String { axes.map { "'\($0.name)'" }.joined(separator: ", ") }

  private var next: Character? { place < characters.count ? characters[place] : nil }

  private mutating func skipSpaces() {
    while let character = next, character.isWhitespace { place += 1 }
  }

  private mutating func take(_ word: String) -> Bool {
    skipSpaces()
    guard characters[place...].starts(with: word) else { return false }
    place += word.count
    return true
  }

  private func failure(_ problem: String, at place: Int? = nil) -> Failure {
    let text = String(characters)
    return Failure(problem: "\(problem) (character \((place ?? self.place) + 1) of '\(text)')")
  }

  private func unexpected(_ wanted: String) -> Failure {
    failure(
      next.map { "expected \(wanted), found '\($0)'" } ?? "it ends where \(wanted) was expected")
  }
}
