import CommandLineKit
import Experiments
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// The output of `scalemodel sweep` at its end.
struct SweepSummary {
  let plan: SweepPlan
  let part: SweepPart
  let outcome: SweepOutcome
  let jobCount: Int
  /// Whether only the sweep's directory is printed.
  let isQuiet: Bool
  let isJSON: Bool

  /// Prints it.
  ///
  /// - Parameters:
  ///   - console: The console.
  ///   - isInterrupted: Whether the user has interrupted the figures.
  /// - Returns: The exit code, when no run failed.
  /// - Throws: `ToolFailure` about the first run that failed.
  func tell(
    on console: Console, isInterrupted: () -> Bool
  ) throws(ToolFailure) -> ExitCode {
    let isDone = outcome.failures.isEmpty && !outcome.isInterrupted
    let figures =
      isDone && !isQuiet ? SweepFigures(plan: plan, part: part, isInterrupted: isInterrupted) : nil
    if isJSON {
      let report = SweepReport(
        plan: plan, part: part, outcome: outcome, jobCount: jobCount, figures: figures)
      try console.printResult(json: JSONText.encode(report))
    } else if isQuiet {
      try console.printResult(path + "\n")
    }
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
      if !isQuiet && !isJSON {
        try console.printResult(
          "\(path)\n\n"
            + "interrupted: \(finished(doneCount)); go on with:\n"
            + "\(resumeCommand)\n")
      }
      return .interrupted
    }
    if let figures, !isJSON {
      try console.printResult(
        "\(path)\n\n\(figures.text)\(figures.pacing.text)\(counts)\n\n\(nextCommands)")
    }
    for warning in [figures?.warning, missedWarning].compactMap(\.self) { console.warn(warning) }
    return .done
  }

  private var path: String { ShownText.escaped(plan.directory.path) }

  private func finished(_ count: Int) -> String {
    "\(count) of " + counted(part.runs.count, "run is", plural: "runs are") + " finished"
  }

  /// Which runs went on to their ends because their predicates did not hold; nil for none.
  private var missedWarning: String? {
    let missed = outcome.missed.sorted { $0.number < $1.number }
    guard let first = missed.first else { return nil }
    let names = Set(missed.compactMap { $0.text(of: "until") }).sorted().joined(separator: ", ")
    return "\(names) did not hold in any snapshot of \(missed.count) of "
      + counted(part.runs.count, "run") + " (\(first.directoryName)"
      + (missed.count > 1 ? ", …" : "") + "); take a longer duration"
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

  /// The command that does the remaining runs.
  private var resumeCommand: String {
    let runtime = plan.runtime.map { ["--runtime", $0] } ?? []
    return ShellWords.text(
      [Installation.name, "sweep", plan.file, "--output", plan.directory.path] + runtime
        + part.words
        + ["--resume"])
  }

  /// The suggested path of a new page: beside the sweep when the notebook has a page of that name,
  /// or when the runs are only a part of the experiment's or use another runtime.
  private var pagePath: String {
    let name = plan.experiment.name + ".md"
    let isWhole = part.runs.count == plan.experiment.runs.count && plan.runtime == nil
    let page = "notebook/" + name
    return isWhole && !FileSystem.exists(page) ? page : "\(plan.directory.path)/\(name)"
  }

  private var nextCommands: String {
    let path = plan.directory.path
    return ShellWords.text(["analyze", path, "--output", path + "/analysis"]) + "\n"
      + ShellWords.text(["analyze", path, "--notebook", pagePath]) + "\n"
  }
}
