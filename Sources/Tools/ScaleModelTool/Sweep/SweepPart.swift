import CommandLineKit
import Experiments
import SystemCalls

/// The consecutive runs of an experiment that one call of `scalemodel sweep` carries out.
struct SweepPart {
  /// The runs, by number.
  let runs: ArraySlice<PlannedRun>
  /// Why they are not all, when the call does not say so; nil otherwise.
  let reason: String?
  /// The option that selects them; empty when they are all.
  let words: [String]

  /// Selects the runs by the options, or else by the variables of a batch scheduler.
  ///
  /// - Throws: `UsageError` when there are no such runs.
  init(
    of experiment: Experiment, only: ClosedRange<Int>?, shard: Shard?
  ) throws(UsageError) {
    let runs = experiment.runs
    if let only {
      guard shard == nil else {
        throw .contradiction("--only and --shard exclude each other; leave one of them out")
      }
      guard only.upperBound <= runs.count else {
        throw .contradiction(
          "--only \(only.upperBound): the experiment has \(runs.count) runs; see --list")
      }
      self.runs = runs[only.lowerBound - 1..<only.upperBound]
      reason = nil
      words = [
        "--only",
        only.count == 1 ? "\(only.lowerBound)" : "\(only.lowerBound)...\(only.upperBound)",
      ]
      return
    }
    var chosen = shard
    if chosen == nil {
      switch Shard.fromArray(ThisProcess.environment) {
      case .success(let part): chosen = part
      case .failure(let failure): throw .contradiction(failure.description)
      }
    }
    self.runs = chosen.map { runs[$0.range(of: runs.count)] } ?? runs[...]
    reason =
      shard == nil ? chosen.map { "part \($0) of the sweep, by SLURM_ARRAY_TASK_ID" } : nil
    words = shard.map { ["--shard", "\($0)"] } ?? []
  }
}
