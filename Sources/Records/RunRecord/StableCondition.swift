import Predicates
import ScaleModel

/// A stable predicate of a run, ready to be looked for in its snapshots.
package struct StableCondition: Sendable {
  /// The predicate's name.
  package let name: String
  private let expression: Expression
  private let names: FieldNames

  /// Prepares a predicate.
  ///
  /// - Throws: ``ExpressionError`` when it is no condition of such a run.
  package init(
    _ predicate: NamedPredicate, of plan: RunPlan
  ) throws(ExpressionError) {
    name = predicate.name
    names = plan.workload.fields
    expression = try Expression(
      predicate.expression,
      in: Expression.Vocabulary(
        machineCount: plan.machineCount, stateFields: names.state, messageFields: names.message))
  }

  /// Whether a snapshot proves that it holds; a partial one proves nothing, nor does one where it
  /// has no value.
  package func holds(in snapshot: SnapshotFile) -> Bool {
    guard let state = SnapshotState(snapshot, names) else { return false }
    var readCount = 0
    return (try? expression.holds(in: state, readCount: &readCount)) ?? false
  }
}
