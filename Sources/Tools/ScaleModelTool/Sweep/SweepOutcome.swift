import CommandLineKit
import Experiments

/// The outcome of a sweep.
struct SweepOutcome {
  /// Runs that finished before it began.
  var earlierCount = 0
  /// Runs that it finished.
  var finishedCount = 0
  /// The finished runs whose predicate did not hold in any snapshot, in the order they ended.
  var missed: [PlannedRun] = []
  /// Its failures, in order.
  var failures: [(run: PlannedRun, failure: ToolFailure)] = []
  /// Whether the user ended it early.
  var isInterrupted = false
  /// How long it took, in nanoseconds.
  var nanoseconds: Int64 = 0
}
