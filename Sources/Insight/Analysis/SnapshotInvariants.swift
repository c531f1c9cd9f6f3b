import Predicates
import RunRecord
import ScaleModel

/// What a run's workload claims of its global states, to be looked at in snapshots.
struct SnapshotInvariants {
  private let expressions: [Expression]
  private let names: FieldNames
  private let conserved: (quantity: ConservedQuantity, total: Int64)?

  /// Prepares the invariants of a run, and what it conserves.
  init(_ run: StoredRun) {
    let plan = run.manifest.plan
    names = run.fields
    expressions = (plan.predicates ?? []).filter { $0.claim == .invariant }
      .compactMap { try? Expression($0.expression, in: run.snapshotVocabulary) }
    conserved = plan.conserved.flatMap { quantity in plan.startTotal.map { (quantity, $0) } }
  }

  /// The verdict's word for a snapshot: vacuous when it is partial, or nothing is claimed.
  func word(for file: SnapshotFile) -> String {
    guard let state = SnapshotState(file, names), !expressions.isEmpty || conserved != nil else {
      return Verdict.vacuousWord
    }
    var readCount = 0
    let hold = expressions.allSatisfy {
      (try? $0.holds(in: state, readCount: &readCount)) ?? false
    }
    return hold && conserves(file) ? Verdict.okWord : Verdict.failedWord
  }

  private func conserves(_ file: SnapshotFile) -> Bool {
    guard let (quantity, total) = conserved else { return true }
    guard let sums = ConservedSums(file, of: quantity) else { return false }
    return sums.total &- sums.byHand == total
  }
}
