import CommandLineKit
import Experiments
import ScaleModel
import SystemCalls

/// What `scalemodel sweep` prints at its end.
struct SweepSummary {
  let plan: SweepPlan
  let part: SweepPart
  let outcome: SweepOutcome
  let jobCount: Int

  /// Prints it.
  ///
  /// - Parameter console: Where to.
  /// - Returns: What to tell the shell, when no run failed.
  /// - Throws: `ToolFailure` about the first run that failed.
  func tell(on console: Console) throws(ToolFailure) -> ExitCode {
    let doneCount = outcome.earlierCount + outcome.finishedCount
    if let (run, failure) = outcome.failures.first {
      let others = outcome.failures.count - 1
      throw ToolFailure(
        failure.exitCode,
        "run \(run.directoryName): \(failure.message)"
          + (others > 0 ? " (and \(others) more failed)" : "")
          + "; \(finished(doneCount)); go on with: \(resumeCommand)")
    }
    if outcome.isInterrupted {
      try console.printResult(
        "\(path)\n\n"
          + "interrupted: \(finished(doneCount)); go on with:\n"
          + "\(resumeCommand)\n")
      return .interrupted
    }
    let pacing = PacingReport(plan: plan, part: part)
    try console.printResult("\(path)\n\n\(pacing.text)\(counts)\n\n\(nextCommands)")
    if let warning = pacing.warning { console.warn(warning) }
    return .done
  }

  private var path: String { ShownText.escaped(plan.directory.path) }

  private func finished(_ count: Int) -> String {
    "\(count) of " + counted(part.runs.count, "run is", plural: "runs are") + " finished"
  }

  private var counts: String {
    let earlier = outcome.earlierCount > 0 ? ", \(outcome.earlierCount) of them before" : ""
    let name = ShownText.escaped(plan.experiment.name)
    let noun = part.runs.count == 1 ? "run" : "runs"
    let seconds = (outcome.nanoseconds + 500_000_000) / 1_000_000_000
    return
      "\(part.runs.count) \(noun) of \(name) finished\(earlier) · "
      + "up to \(jobCount) at once · \(SweepProgress.text(seconds: seconds))"
  }

  /// The call that does what is left.
  private var resumeCommand: String {
    let runtime = plan.runtime.map { ["--runtime", $0] } ?? []
    return ShellWords.text(
      ["scalemodel", "sweep", plan.file, "--output", plan.directory.path] + runtime + part.words
        + ["--resume"])
  }

  private var nextCommands: String {
    let path = plan.directory.path
    return ShellWords.text(["analyze", path, "--output", path + "/analysis"]) + "\n"
      + ShellWords.text(["analyze", path, "--notebook", "notebook/\(plan.experiment.name).md"])
      + "\n"
  }
}
