import CommandLineKit
import Experiments

/// What a sweep came to.
struct SweepOutcome {
  /// Finished before it began.
  var earlierCount = 0
  /// Finished by it.
  var finishedCount = 0
  /// What went wrong, in the order it did.
  var failures: [(run: PlannedRun, failure: ToolFailure)] = []
  /// Whether somebody ended it early.
  var isInterrupted = false
  /// How long it took, in nanoseconds.
  var nanoseconds: Int64 = 0
}
