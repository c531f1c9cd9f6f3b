import Experiments

/// The output of `scalemodel sweep --json`.
struct SweepReport: Encodable {
  /// The sweep's directory.
  let sweep: String
  let experiment: String
  /// How many runs this call covers.
  let runs: Int
  /// How many of them are finished, including those of earlier calls.
  let finished: Int
  let finishedBefore: Int
  let interrupted: Bool
  let failed: [Failure]
  /// The finished runs whose `until` did not hold in any snapshot; nil in a sweep without one.
  let notHeld: [String]?
  let jobs: Int
  let seconds: Double
  /// The results of the runs; empty while some are missing.
  let configurations: [SweepFigures.Configuration]
  /// The largest error of any machine in wall time, by magnitude; nil in virtual time.
  let tickRateErrorPPM: Double?

  /// A run that failed, with the reason.
  struct Failure: Encodable {
    let run: String
    let problem: String
  }

  enum CodingKeys: String, CodingKey {
    case sweep, experiment, runs, finished, interrupted, failed, jobs, seconds, configurations
    case finishedBefore = "finished_before"
    case notHeld = "not_held"
    case tickRateErrorPPM = "tick_rate_error_ppm"
  }

  init(
    plan: SweepPlan, part: SweepPart, outcome: SweepOutcome, jobCount: Int, figures: SweepFigures?
  ) {
    sweep = plan.directory.path
    experiment = plan.experiment.name
    runs = part.runs.count
    finished = outcome.earlierCount + outcome.finishedCount
    finishedBefore = outcome.earlierCount
    interrupted = outcome.isInterrupted
    failed = outcome.failures.map {
      Failure(run: $0.run.directoryName, problem: $0.failure.message)
    }
    notHeld =
      plan.hasPredicate ? outcome.missed.sorted { $0.number < $1.number }.map(\.directoryName) : nil
    jobs = jobCount
    seconds = Double(outcome.nanoseconds) / 1e9
    configurations = figures?.configurations ?? []
    tickRateErrorPPM = figures?.pacing.worstError
  }
}
