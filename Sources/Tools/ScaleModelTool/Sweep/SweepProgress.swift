import Experiments
import ScaleModel
import SystemCalls

/// The progress of a sweep, in a line.
final class SweepProgress {
  /// The state of the sweep.
  struct State {
    let doneCount: Int
    let failedCount: Int
    let underWay: [(run: PlannedRun, startTime: Int64)]
    let waiting: ArraySlice<PlannedRun>
  }

  private let plan: SweepPlan
  private let totalCount: Int
  private let jobCount: Int
  /// The total time of finished runs in virtual time.
  private var virtualNanoseconds: Int64 = 0
  private var virtualCount: Int64 = 0

  init(plan: SweepPlan, totalCount: Int, jobCount: Int) {
    (self.plan, self.totalCount, self.jobCount) = (plan, totalCount, jobCount)
  }

  /// Records how long a run took.
  func finished(_ run: PlannedRun, nanoseconds: Int64) {
    guard !plan.expectation(of: run).isWallTime else { return }
    virtualNanoseconds += nanoseconds
    virtualCount += 1
  }

  /// The fraction done, 0 to 1; a run in wall time counts in part.
  func fraction(_ state: State, now: Int64) -> Double {
    guard totalCount > 0 else { return 1 }
    let parts = state.underWay.map { run, startTime -> Double in
      let expected = plan.expectation(of: run)
      guard expected.isWallTime else { return 0 }
      return min(1, Double(now - startTime) / Double(expected.duration.nanoseconds))
    }
    return (Double(state.doneCount + state.failedCount) + parts.reduce(0, +)) / Double(totalCount)
  }

  /// The text after the bar.
  ///
  /// - Parameters:
  ///   - state: The state of the sweep.
  ///   - now: The monotonic clock, in nanoseconds.
  /// - Returns: Counts, and the remaining time.
  func text(_ state: State, now: Int64) -> String {
    let failed = state.failedCount > 0 ? "  \(state.failedCount) failed" : ""
    return "\(state.doneCount) of \(counted(totalCount, "run"))"
      + "  \(state.underWay.count) at work\(failed)"
      + (remaining(state, now: now).map { "  \($0) left" } ?? "")
  }

  /// Exact for runs in wall time; an estimate, and labelled so, with any run in virtual time; nil
  /// before the first of those has ended.
  private func remaining(_ state: State, now: Int64) -> String? {
    let runs = state.underWay.map(\.run) + state.waiting
    let isEstimate = runs.contains { !plan.expectation(of: $0).isWallTime }
    if isEstimate && virtualCount == 0 { return nil }
    let nanoseconds = RemainingTime.nanoseconds(
      underWay: state.underWay.map { duration(of: $0.run) - (now - $0.startTime) },
      waiting: state.waiting.lazy.map { self.duration(of: $0) }, slotCount: jobCount)
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
