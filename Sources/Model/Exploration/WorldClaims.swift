import Predicates
import ScaleModel

/// What a workload claims of its global states, as an exploration checks it.
///
/// An invariant must hold in every state. A stable predicate called `deadlocked` must hold in none.
/// Any other stable predicate is a goal: where there are goals, one of them must hold in a state
/// that nothing leads out of.
package struct WorldClaims: Sendable {
  /// What is checked in every state.
  package var conditions: [CheckedCondition] = []
  /// What is checked where nothing can happen any more.
  package var goals: [Expression] = []
  /// Whether they say of some state that it is a deadlock.
  package var tellsDeadlock: Bool {
    !goals.isEmpty || conditions.contains { $0.property == .deadlock }
  }

  /// Parses the predicates of a workload.
  ///
  /// - Throws: `ExpressionError` for one that is no condition of such a run.
  package init(
    _ predicates: [NamedPredicate], in vocabulary: Expression.Vocabulary
  ) throws(ExpressionError) {
    for predicate in predicates {
      let expression = try Expression(predicate.expression, in: vocabulary)
      switch predicate.claim {
      case .invariant:
        conditions.append(CheckedCondition(.invariant(predicate.name), expression))
      case .stable where predicate.name == "deadlocked":
        conditions.append(CheckedCondition(.deadlock, expression, mustHold: false))
      case .stable:
        goals.append(expression)
      }
    }
  }
}
