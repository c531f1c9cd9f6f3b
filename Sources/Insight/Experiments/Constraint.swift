import Predicates

/// Which combinations of the axes' values are run: `die >= 4 && machines != 2`.
package struct Constraint: Hashable, Sendable {
  /// The constraint as the file spells it.
  package let text: String
  let expression: Expression

  /// The syntax tree of a constraint.
  indirect enum Expression: Hashable, Sendable {
    case any([Expression])
    case all([Expression])
    case not(Expression)
    case comparison(Operand, Comparison, Operand)
    /// One side of a comparison, while it is parsed.
    case operand(Operand)
  }

  /// One side of a comparison.
  enum Operand: Hashable, Sendable {
    /// The value of the axis with this name.
    case axis(String)
    case literal(String)

    /// Whether it is an axis.
    var isAxis: Bool { if case .axis = self { true } else { false } }
  }

  /// Parses a constraint.
  ///
  /// - Parameters:
  ///   - text: The text as the file spells it.
  ///   - axes: The axes that it may name.
  /// - Throws: ``ExpressionError`` with the position in the text.
  init(_ text: String, axes: [Axis]) throws(ExpressionError) {
    self.text = text
    expression = try ExpressionParser.parse(text, in: ConstraintLanguage(axes: axes))
  }

  /// Two values that have no order.
  struct Incomparable: Error, Hashable {
    let comparison: Comparison
    let values: [String]

    var description: String {
      "'\(values[0])' and '\(values[1])' are not both numbers or both times, so neither is "
        + "less; compare them with == or !="
    }
  }

  /// Whether a combination is run.
  ///
  /// - Parameter parameters: The axes' values, one per axis.
  /// - Returns: What the expression says of them.
  /// - Throws: ``Incomparable`` when a comparison makes no sense for these values.
  func holds(for parameters: [Setting]) throws(Incomparable) -> Bool {
    try Self.value(of: expression, parameters)
  }

  private static func value(
    of expression: Expression, _ parameters: [Setting]
  ) throws(Incomparable) -> Bool {
    switch expression {
    case .any(let parts): return try values(of: parts, parameters).contains(true)
    case .all(let parts): return try !values(of: parts, parameters).contains(false)
    case .not(let inner): return try !value(of: inner, parameters)
    case .comparison(let left, let comparison, let right):
      return try compare(text(of: left, parameters), comparison, text(of: right, parameters))
    case .operand: return false
    }
  }

  /// The values of all parts, so that an error of one shows at once, not with a rarer value.
  private static func values(
    of parts: [Expression], _ parameters: [Setting]
  ) throws(Incomparable) -> [Bool] {
    try parts.map { part throws(Incomparable) in try value(of: part, parameters) }
  }

  private static func text(of operand: Operand, _ parameters: [Setting]) -> String {
    switch operand {
    case .literal(let text): text
    case .axis(let name): parameters.first { $0.option.key == name }?.text ?? ""
    }
  }

  private static func compare(
    _ left: String, _ comparison: Comparison, _ right: String
  ) throws(Incomparable) -> Bool {
    let (one, other) = (Quantity(left), Quantity(right))
    let sizes =
      one.isCommensurable(with: other) ? (one.magnitude ?? 0, other.magnitude ?? 0) : nil
    if let sizes { return comparison.holds(sizes.0, sizes.1) }
    guard comparison.isEquality else {
      throw Incomparable(comparison: comparison, values: [left, right])
    }
    return comparison.holds(left, right)
  }
}
