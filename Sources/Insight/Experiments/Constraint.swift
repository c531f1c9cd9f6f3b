/// Which combinations of the axes' values are run: `die >= 4 && machines != 2`.
package struct Constraint: Hashable, Sendable {
  /// The constraint as the file spells it.
  package let text: String
  let expression: Expression

  /// The syntax tree of a constraint.
  indirect enum Expression: Hashable, Sendable {
    case or(Expression, Expression)
    case and(Expression, Expression)
    case not(Expression)
    case comparison(Operand, Comparison, Operand)
  }

  /// One side of a comparison.
  enum Operand: Hashable, Sendable {
    /// The value of the axis with this name.
    case axis(String)
    case literal(String)
  }

  /// A comparison operator, as it is spelled.
  enum Comparison: String, CaseIterable, Sendable {
    // Longer ones first: the parser takes the first that matches.
    case equal = "=="
    case unequal = "!="
    case atMost = "<="
    case atLeast = ">="
    case less = "<"
    case more = ">"
  }

  /// Two values that have no order.
  struct Incomparable: Error, Hashable {
    let comparison: Comparison
    let values: [String]

    var description: String {
      "'\(values[0])' and '\(values[1])' are not two numbers or two times, so that neither is "
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
    case .or(let left, let right):
      // Both sides are evaluated, so an error on one side shows at once, not with a rarer value.
      let (left, right) = (try value(of: left, parameters), try value(of: right, parameters))
      return left || right
    case .and(let left, let right):
      let (left, right) = (try value(of: left, parameters), try value(of: right, parameters))
      return left && right
    case .not(let inner):
      return try !value(of: inner, parameters)
    case .comparison(let left, let comparison, let right):
      return try compare(text(of: left, parameters), comparison, text(of: right, parameters))
    }
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
    switch comparison {
    case .equal: return sizes.map { $0.0 == $0.1 } ?? (left == right)
    case .unequal: return sizes.map { $0.0 != $0.1 } ?? (left != right)
    case .atMost, .atLeast, .less, .more: break
    }
    guard let sizes else { throw Incomparable(comparison: comparison, values: [left, right]) }
    switch comparison {
    case .atMost: return sizes.0 <= sizes.1
    case .atLeast: return sizes.0 >= sizes.1
    case .less: return sizes.0 < sizes.1
    default: return sizes.0 > sizes.1
    }
  }
}
