import CommandLineKit
import Exploration
import Predicates
import RunRecord
import ScaleModel

extension ExploreOptions {
  /// What is checked: all that the workload claims, or what the call names.
  static func claims(
    _ words: ParsedWords, _ plan: RunPlan, startTotal: Int64?, _ settings: WorldSettings
  ) throws -> WorldClaims {
    let vocabulary = vocabulary(of: plan)
    var predicates: [NamedPredicate] = []
    if case .named(let choice) = plan.workload { predicates = choice.predicates }
    if let conserved = plan.workload.conserved, let start = startTotal,
      settings.lossCountMax + settings.crashCountMax == 0
    {
      let (state, message) = (conserved.stateField, conserved.messageField)
      predicates.append(
        .invariant(
          "conserved",
          "sum(\(state)) + on_the_way(\(message)) == \(start)"))
    }
    let names = words.texts(of: check)
    let (all, claims): (WorldClaims, WorldClaims)
    do throws(ExpressionError) {
      all = try WorldClaims(predicates, in: vocabulary)
      claims = try chosen(names, of: all, in: vocabulary)
    } catch {
      throw UsageError.contradiction("\(check.name): \(error)")
    }
    guard !names.contains("deadlock") || all.tellsDeadlock else {
      throw UsageError.contradiction(
        "\(check.name) deadlock: the workload does not say what waits, so no end is a deadlock; "
          + "choose a condition")
    }
    return claims
  }

  private static func chosen(
    _ names: [String], of all: WorldClaims, in vocabulary: Expression.Vocabulary
  ) throws(ExpressionError) -> WorldClaims {
    if names.isEmpty { return all }
    var claims = all
    claims.conditions = []
    if !names.contains("deadlock") { claims.goals = [] }
    for name in names {
      let property: ViolatedProperty = name == "deadlock" ? .deadlock : .invariant(name)
      if let condition = all.conditions.first(where: { $0.property == property }) {
        claims.conditions.append(condition)
      } else if property != .deadlock {
        claims.conditions.append(
          CheckedCondition(property, try Expression(name, in: vocabulary)))
      }
    }
    return claims
  }
}
