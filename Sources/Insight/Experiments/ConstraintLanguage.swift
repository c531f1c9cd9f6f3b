import LogicalTime
import Predicates

/// The words of a constraint: axes, and values that may need quotes.
struct ConstraintLanguage: ExpressionLanguage {
  /// The axes that a constraint may name.
  let axes: [Axis]

  let computes = false
  let operandNoun = "an axis or a value"

  private static let wordCharacters: Set<Character> = ["_", ".", ",", "~", ":", "@", "-"]

  func isPartOfWord(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
      || Self.wordCharacters.contains(character)
  }

  func word(_ word: String, at offset: Int) throws(ExpressionError) -> Constraint.Expression {
    if axes.contains(where: { $0.name == word }) { return .operand(.axis(word)) }
    let values = axes.flatMap(\.texts)
    if word.first.map({ $0.isNumber || "~.-".contains($0) }) == true || values.contains(word) {
      return .operand(.literal(word))
    }
    let nearest = Spelling.nearest(to: word, among: axes.map(\.name) + values)
    let advice = nearest.map { "did you mean '\($0)'?" } ?? "the axes are \(axisNames)"
    throw ExpressionError(
      "'\(word)' is neither an axis nor a value of one; \(advice)", at: offset)
  }

  func quoted(_ text: String, at offset: Int) -> Constraint.Expression { .operand(.literal(text)) }

  func comparison(
    _ left: Constraint.Expression, _ comparison: Comparison, _ right: Constraint.Expression,
    end: Int
  ) throws(ExpressionError) -> Constraint.Expression {
    guard case .operand(let left) = left, case .operand(let right) = right,
      left.isAxis || right.isAxis
    else {
      throw ExpressionError(
        "a comparison needs an axis on one side at least: \(axisNames)", at: end)
    }
    return .comparison(left, comparison, right)
  }

  func not(_ condition: Constraint.Expression) -> Constraint.Expression { .not(condition) }
  func all(_ conditions: [Constraint.Expression]) -> Constraint.Expression { .all(conditions) }
  func any(_ conditions: [Constraint.Expression]) -> Constraint.Expression { .any(conditions) }

  private var axisNames: String { axes.map { "'\($0.name)'" }.joined(separator: ", ") }
}
