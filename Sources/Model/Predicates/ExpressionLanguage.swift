/// What the words of an expression mean: the part of a language that its grammar leaves open.
///
/// ``ExpressionParser`` calls a language from left to right while it reads, so that the first
/// mistake in a text is the one that is told.
package protocol ExpressionLanguage {
  /// The meaning of a part of an expression: a value or a condition.
  associatedtype Node

  /// Whether operands are computed: `+`, `-`, `*`, calls, and parentheses around them.
  ///
  /// Otherwise an operand is a word or a quoted text, on one side of a comparison.
  var computes: Bool { get }
  /// What an operand is called where one is missing: `an axis or a value`.
  var operandNoun: String { get }
  /// Whether words contain this character.
  func isPartOfWord(_ character: Character) -> Bool

  /// The meaning of a word or a number that begins after `offset` characters.
  mutating func word(_ word: String, at offset: Int) throws(ExpressionError) -> Node
  /// The meaning of a quoted text that begins after `offset` characters.
  mutating func quoted(_ text: String, at offset: Int) throws(ExpressionError) -> Node
  /// Two operands, compared; `end` is the offset behind them.
  mutating func comparison(
    _ left: Node, _ comparison: Comparison, _ right: Node, end: Int
  ) throws(ExpressionError) -> Node

  /// Refuses a value where a condition must stand.
  func demandCondition(_ node: Node) throws(ExpressionError)
  /// A condition that holds when this one does not.
  func not(_ condition: Node) -> Node
  /// A condition that holds when all of these do, two at least.
  func all(_ conditions: [Node]) -> Node
  /// A condition that holds when one of these does, two at least.
  func any(_ conditions: [Node]) -> Node

  /// A sum of one or more terms.
  mutating func sum(_ terms: [SignedTerm<Node>]) throws(ExpressionError) -> Node
  /// A product of two or more factors.
  mutating func product(_ factors: [Node]) throws(ExpressionError) -> Node
  /// Begins the argument of a call whose name begins after `offset` characters.
  mutating func begin(call name: String, at offset: Int) throws(ExpressionError)
  /// Ends the argument of the innermost call; returns the call's meaning.
  mutating func end(
    call name: String, of argument: Node, at offset: Int
  ) throws(ExpressionError) -> Node
}

/// A term of a sum, and whether it is subtracted.
package struct SignedTerm<Node> {
  /// Whether it is negated.
  package let isNegative: Bool
  /// What it says.
  package let node: Node
}

extension SignedTerm: Equatable where Node: Equatable {}
extension SignedTerm: Hashable where Node: Hashable {}
extension SignedTerm: Sendable where Node: Sendable {}

/// A language that does not compute has no sums, products and calls, and is never asked for them.
extension ExpressionLanguage {
  /// Refuses a sum.
  package func sum(_ terms: [SignedTerm<Node>]) throws(ExpressionError) -> Node {
    throw ExpressionError("sums are not possible here", at: 0)
  }
  /// Refuses a product.
  package func product(_ factors: [Node]) throws(ExpressionError) -> Node {
    throw ExpressionError("products are not possible here", at: 0)
  }
  /// Refuses a call.
  package func begin(call name: String, at offset: Int) throws(ExpressionError) {
    throw ExpressionError("calls are not possible here", at: offset)
  }
  /// Refuses the end of a call.
  package func end(
    call name: String, of argument: Node, at offset: Int
  ) throws(ExpressionError) -> Node {
    throw ExpressionError("calls are not possible here", at: offset)
  }
  /// Accepts every node: by its grammar the language joins conditions only.
  package func demandCondition(_ node: Node) {}
}
