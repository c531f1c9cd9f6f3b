import CommandLineKit
import LogicalTime
import Predicates
import RunRecord
import ScaleModel

/// The option `--until`.
extension RunOptions {
  /// The snapshots that go on until the predicate of `--until` holds; nil without that option.
  ///
  /// - Throws: `UsageError` when the workload has no stable predicate of that name.
  static func chain(
    _ words: ParsedWords, _ workload: RunPlan.WorkloadChoice
  ) throws(UsageError) -> SnapshotChain? {
    guard let name = try words.value(of: until) else { return nil }
    let predicates =
      if case .named(let choice) = workload { choice.predicates } else { [NamedPredicate]() }
    let stable = predicates.filter { $0.claim == .stable }
    if let predicate = stable.first(where: { $0.name == name }) {
      let pause = try words.value(of: snapshotEvery) ?? SnapshotChain.defaultPause
      return SnapshotChain(until: predicate, pause: pause)
    }
    let names = stable.map(\.name)
    if predicates.contains(where: { $0.name == name }) {
      throw .contradiction(
        "--until \(name): it is an invariant, which holds always; "
          + (names.isEmpty
            ? "\(workload.name) has no stable predicate"
            : "the stable predicates of \(workload.name) are \(names.joined(separator: ", "))"))
    }
    guard !names.isEmpty else {
      throw .contradiction("--until \(name): workload \(workload.name) has no stable predicate")
    }
    let nearest = Spelling.nearest(to: name, among: names)
    throw .contradiction(
      "--until \(name): \(workload.name) has no such stable predicate; "
        + (nearest.map { "did you mean '\($0)'?" } ?? "it has \(names.joined(separator: ", "))"))
  }

  /// The condition of a plan's chain of snapshots; nil without one.
  ///
  /// - Throws: `UsageError` when the workload's predicate is no condition.
  static func condition(of plan: RunPlan) throws(UsageError) -> StableCondition? {
    guard let predicate = plan.snapshots.chain?.predicate else { return nil }
    do throws(ExpressionError) {
      return try StableCondition(predicate, of: plan)
    } catch {
      throw .contradiction(
        "--until \(predicate.name): the workload says '\(predicate.expression)', but \(error)")
    }
  }
}
