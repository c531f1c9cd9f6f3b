import Experiments
import ScaleModel
import SystemCalls

/// How far a sweep has come, in a line.
final class SweepProgress {
  /// Where it stands.
  struct State {
    let doneCount: Int
    let failedCount: Int
    let underWay: [(run: PlannedRun, startTime: Int64)]
    let waiting: ArraySlice<PlannedRun>
  }

  private let plan: SweepPlan
  private let totalCount: Int
  private let jobCount: Int
  /// What runs in virtual time took so far.
  private var virtualNanoseconds: Int64 = 0
  private var virtualCount: Int64 = 0

  init(plan: SweepPlan, totalCount: Int, jobCount: Int) {
    (self.plan, self.totalCount, self.jobCount) = (plan, totalCount, jobCount)
  }

  /// Learns how long a run took.
  func finished(_ run: PlannedRun, nanoseconds: Int64) {
    guard !plan.expectation(of: run).isWallTime else { return }
    virtualNanoseconds += nanoseconds
    virtualCount += 1
  }

  /// How much of it is done, 0 to 1; of a run in wall time the part that is over counts.
  func fraction(_ state: State, now: Int64) -> Double {
    guard totalCount > 0 else { return 1 }
    let parts = state.underWay.map { run, startTime -> Double in
      let expected = plan.expectation(of: run)
      guard expected.isWallTime else { return 0 }
      return min(1, Double(now - startTime) / Double(expected.duration.nanoseconds))
    }
    return (Double(state.doneCount + state.failedCount) + parts.reduce(0, +)) / Double(totalCount)
  }

  /// What stands behind the bar.
  ///
  /// - Parameters:
  ///   - state: Where the sweep stands.
  ///   - now: The monotonic clock, in nanoseconds.
  /// - Returns: Counts, and the time that is left.
  func text(_ state: State, now: Int64) -> String {
    let failed = state.failedCount > 0 ? "  \(state.failedCount) failed" : ""
    return "\(state.doneCount) of \(counted(totalCount, "run"))"
      + "  \(state.underWay.count) at work\(failed)"
      + (remaining(state, now: now).map { "  \($0) left" } ?? "")
  }

  /// Known in advance for runs in wall time; an estimate, and called so, once one is in virtual
  /// time, and nil before the first of those has ended.
  private func remaining(_ state: State, now: Int64) -> String? {
    let runs = state.underWay.map(\.run) + state.waiting
    let isEstimate = runs.contains { !plan.expectation(of: $0).isWallTime }
    if isEstimate && virtualCount == 0 { return nil }
    let nanoseconds = RemainingTime.nanoseconds(
      underWay: state.underWay.map { duration(of: $0.run) - (now - $0.startTime) },
      waiting: state.waiting.lazy.map { self.duration(of: $0) }, placeCount: jobCount)
    return (isEstimate ? "about " : "")
      + Self.text(seconds: (nanoseconds + 999_999_999) / 1_000_000_000)
  }

  private func duration(of run: PlannedRun) -> Int64 {
    let expected = plan.expectation(of: run)
    guard !expected.isWallTime else { return expected.duration.nanoseconds }
    return virtualCount > 0 ? virtualNanoseconds / virtualCount : 0
  }

  /// `45s`, `3m05s`, `2h00m`.
  static func text(seconds: Int64) -> String {
    func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3600 { return "\(seconds / 60)m\(two(seconds % 60))s" }
    return "\(seconds / 3600)h\(two(seconds / 60 % 60))m"
  }
}
