import CommandLineKit
import Experiments
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

/// An experiment to carry out: its file, fully checked, and its output directory.
struct SweepPlan {
  /// The experiment file's path, as it was given.
  let file: String
  /// The file's content.
  let bytes: [UInt8]
  let directory: SweepDirectory
  /// The runtime that replaces the file's in all runs; nil keeps the file's.
  let runtime: String?
  let experiment: Experiment
  /// The sweep to resume; nil for a new one.
  let begun: StoredSweep?
  /// The expectations of the runs: one per configuration, in order.
  private let expectations: [Expectation]

  /// What is known of a configuration's runs in advance.
  struct Expectation {
    let runtime: RunOptions.RuntimeWord
    let duration: TimeSpan
    /// The sum over all machines.
    let ticksPerSecond: Int

    /// A run in wall time takes its duration; one in virtual time takes as long as its work.
    var isWallTime: Bool { runtime != .virtual }
  }

  /// Reads the file, and checks each configuration as `scalemodel run` would.
  ///
  /// - Parameters:
  ///   - file: The experiment file.
  ///   - directory: The directory for its runs.
  ///   - runtime: The runtime that replaces the file's; nil for none.
  ///   - isResumed: Whether an existing sweep is resumed: its runtime holds when none is
  ///     given, and its runs keep their numbers.
  /// - Throws: `ToolFailure` with the location in the file, or with the change to existing
  ///   runs.
  init(
    file: String, directory: SweepDirectory, runtime: String?, isResumed: Bool
  ) throws(ToolFailure) {
    (self.file, self.directory) = (file, directory)
    do throws(TextFile.Failure) {
      bytes = try TextFile(path: file).bytes
    } catch {
      throw ToolFailure(unreadableText: error)
    }
    begun = isResumed ? try StoredSweep.begun(in: directory) : nil
    self.runtime = runtime ?? begun?.state.runtime
    do throws(ExperimentError) {
      experiment = try Experiment(
        parsing: bytes, path: file, runtime: self.runtime, continuing: begun?.experiment)
    } catch {
      throw ToolFailure(.malformedInput, "\(error)")
    }
    expectations = try Self.expectations(of: experiment, file: file)
    if let refusal = try refusal { throw refusal }
  }

  /// The expectation of a run.
  func expectation(of run: PlannedRun) -> Expectation { expectations[run.configuration - 1] }

  /// Whether any run may end because a predicate holds.
  var hasPredicate: Bool { experiment.runs.contains { $0.text(of: "until") != nil } }

  /// The words that carry out a run, with its directory.
  func words(of run: PlannedRun) -> [String] {
    ["run"] + run.words + ["--output", directory.directory(of: run).path]
  }

  /// The default number of concurrent runs.
  ///
  /// Machines in wall time mostly sleep: at low tick rates at least eight runs go at once and still
  /// keep their pace, which is measured afterwards.
  func jobCountDefault(of part: SweepPart) -> Int {
    let processorCount = HostFacts.current.cpus
    let wallTime = part.runs.lazy.map { expectation(of: $0) }.filter(\.isWallTime)
    let isNearlyIdle = wallTime.allSatisfy { $0.ticksPerSecond <= Self.idleTicksPerSecondMax }
    return wallTime.isEmpty || !isNearlyIdle ? processorCount : max(8, processorCount)
  }

  private static let idleTicksPerSecondMax = 60

  /// The state of a run's directory.
  enum Remains {
    /// It ended exactly as planned now, and all its files are complete; `hasMissed` says that no
    /// snapshot found the predicate of its `until`.
    case finished(hasMissed: Bool)
    /// Nothing, or a run that ended early: it is redone silently.
    case unfinished
    /// Its manifest says finished, but it cannot be used, for the given reason.
    case unusable(String)
  }

  /// The state of a run's directory: its manifest is checked against its journals and snapshots.
  func remains(of run: PlannedRun) -> Remains {
    let runDirectory = directory.directory(of: run)
    let manifest: Manifest
    do throws(RunRecordError) {
      manifest = try Manifest.read(from: runDirectory)
    } catch {
      if case .missing = error { return .unfinished }
      return .unusable("\(error)")
    }
    guard manifest.endedAsPlanned, let options = try? Self.options(of: run) else {
      return .unfinished
    }
    let planned = RunCommand.manifest(of: options)
    let isSame =
      manifest.seed == run.seed
      && manifest.plan.filledIn(from: planned.plan) == planned.plan
      && manifest.runtime == planned.runtime && manifest.durationNs == planned.durationNs
      && manifest.journal == planned.journal
    guard isSame else {
      return .unusable("'\(runDirectory.manifestPath)' has another plan or seed")
    }
    return manifest.damage(in: runDirectory).map { .unusable("\($0)") }
      ?? .finished(hasMissed: manifest.hasMissed)
  }

  // MARK: Checking

  private static func options(of run: PlannedRun) throws -> RunOptions {
    try RunOptions(RunCommand.command.parse(run.words))
  }

  private static func expectations(
    of experiment: Experiment, file: String
  ) throws(ToolFailure) -> [Expectation] {
    let firsts = experiment.runs.filter { $0.repetition == 1 }
    return try firsts.sorted { $0.configuration < $1.configuration }
      .map { run throws(ToolFailure) in
        do {
          let options = try options(of: run)
          return Expectation(
            runtime: options.runtime, duration: options.plan.duration,
            ticksPerSecond: options.plan.rates.reduce(0, +))
        } catch {
          throw failure(error, in: run, of: experiment, file: file)
        }
      }
  }

  /// A failure for a run's options that names the location in the file rather than the option.
  private static func failure(
    _ error: any Error, in run: PlannedRun, of experiment: Experiment, file: String
  ) -> ToolFailure {
    let parameters = run.parameters.map { "\($0.option.key) \($0.text)" }.joined(separator: ", ")
    let combination = parameters.isEmpty ? "" : "with \(parameters): "
    if case UsageError.malformedValue(let option, let value, let expected)? = error as? UsageError,
      let named = ExperimentOption.all.first(where: { $0.word == option }),
      let location = experiment.location(of: named, word: value)
    {
      let problem = "'\(value)' is not possible; expected \(expected)"
      return ToolFailure(
        .malformedInput,
        "\(ExperimentError(path: file, line: location.line, key: location.key, problem: problem))")
    }
    if let failure = error as? ToolFailure {
      return ToolFailure(failure.exitCode, "'\(file)': \(combination)\(failure.message)")
    }
    // What contradicts the rest comes first in the text.
    if case UsageError.contradiction(let text)? = error as? UsageError,
      let setting = run.settings.first(where: { text.hasPrefix("\($0.option.word) ") }),
      let location = experiment.location(of: setting.option, word: setting.words.first ?? "")
    {
      let error = ExperimentError(
        path: file, line: location.line, key: location.key, problem: combination + text)
      return ToolFailure(.malformedInput, "\(error)")
    }
    return ToolFailure(.malformedInput, "'\(file)': \(combination)\(error)")
  }
}
