import CommandLineKit
import Experiments
import RunRecord
import ScaleModel
import SystemCalls

/// An experiment that is to be carried out: its file, checked to the last value, and where to.
struct SweepPlan {
  /// The experiment file's path, as it was given.
  let file: String
  /// What is in it.
  let bytes: [UInt8]
  let directory: SweepDirectory
  /// The runtime all runs have instead of the file's; nil for the file's.
  let runtime: String?
  let experiment: Experiment
  /// What to expect of a run: one per configuration, in order.
  private let expectations: [Expectation]

  /// What is known of a configuration's runs before the first one.
  struct Expectation {
    let runtime: RunOptions.RuntimeWord
    let duration: TimeSpan
    /// Of all machines together.
    let ticksPerSecond: Int

    /// A run in wall time takes as long as it says; one in virtual time as long as it takes.
    var isWallTime: Bool { runtime != .virtual }
  }

  /// Reads the file, and checks each configuration as `scalemodel run` would.
  ///
  /// - Parameters:
  ///   - file: The experiment file.
  ///   - directory: Where its runs go.
  ///   - runtime: What takes the place of the file's runtime; nil for nothing.
  ///   - isResumed: Whether the runtime of a sweep that is there holds when none is given.
  /// - Throws: `ToolFailure` with the place in the file.
  init(
    file: String, directory: SweepDirectory, runtime: String?, isResumed: Bool
  ) throws(ToolFailure) {
    (self.file, self.directory) = (file, directory)
    do throws(TextFile.Failure) {
      bytes = try TextFile(path: file).bytes
    } catch {
      throw ToolFailure(unreadableText: error)
    }
    let begun: SweepState? = isResumed ? try? JSONText.decode(fileAt: directory.statePath) : nil
    self.runtime = runtime ?? begun?.runtime
    do throws(ExperimentError) {
      experiment = try Experiment(parsing: bytes, path: file, runtime: self.runtime)
    } catch {
      throw ToolFailure(.malformedInput, "\(error)")
    }
    expectations = try Self.expectations(of: experiment, file: file)
  }

  /// What to expect of a run.
  func expectation(of run: PlannedRun) -> Expectation { expectations[run.configuration - 1] }

  /// The words that carry out a run, its directory included.
  func words(of run: PlannedRun) -> [String] {
    ["run"] + run.words + ["--output", directory.directory(of: run).path]
  }

  /// How many runs to carry out at once when nobody says.
  ///
  /// Machines in wall time mostly sleep: runs of at most so many ticks a second are carried out
  /// eight at once, and still keep their pace, which is measured afterwards.
  func jobCountDefault(of part: SweepPart) -> Int {
    let processorCount = HostFacts.current.cpus
    let wallTime = part.runs.lazy.map { expectation(of: $0) }.filter(\.isWallTime)
    let isNearlyIdle = wallTime.allSatisfy { $0.ticksPerSecond <= Self.idleTicksPerSecondMax }
    return wallTime.isEmpty || !isNearlyIdle ? processorCount : max(8, processorCount)
  }

  private static let idleTicksPerSecondMax = 60

  /// Whether a run is there, finished, and just as it would be carried out now.
  func isFinished(_ run: PlannedRun) -> Bool {
    guard let manifest = try? Manifest.read(from: directory.directory(of: run)),
      manifest.status == .finished, manifest.seed == run.seed,
      let options = try? Self.options(of: run)
    else { return false }
    let planned = RunCommand.manifest(of: options)
    return manifest.plan.filledIn(from: planned.plan) == planned.plan
      && manifest.runtime == planned.runtime
      && manifest.durationNs == planned.durationNs && manifest.journal == planned.journal
  }

  // MARK: Checking

  private static func options(of run: PlannedRun) throws -> RunOptions {
    try RunOptions(RunCommand.command.parse(run.words))
  }

  private static func expectations(
    of experiment: Experiment, file: String
  ) throws(ToolFailure) -> [Expectation] {
    var expectations: [Expectation] = []
    for run in experiment.runs where run.repetition == 1 {
      do {
        let options = try options(of: run)
        expectations.append(
          Expectation(
            runtime: options.runtime, duration: options.plan.duration,
            ticksPerSecond: options.plan.rates.reduce(0, +)))
      } catch {
        throw failure(error, in: run, of: experiment, file: file)
      }
    }
    return expectations
  }

  /// What is wrong with a run's options, told by the place in the file rather than by the option.
  private static func failure(
    _ error: any Error, in run: PlannedRun, of experiment: Experiment, file: String
  ) -> ToolFailure {
    let parameters = run.parameters.map { "\($0.option.key) \($0.text)" }.joined(separator: ", ")
    let combination = parameters.isEmpty ? "" : "with \(parameters): "
    if case UsageError.malformedValue(let option, let value, let expected)? = error as? UsageError,
      let named = ExperimentOption.all.first(where: { $0.word == option }),
      let place = experiment.place(of: named, word: value)
    {
      let problem = "'\(value)' is not possible; expected \(expected)"
      return ToolFailure(
        .malformedInput,
        "\(ExperimentError(path: file, line: place.line, key: place.key, problem: problem))")
    }
    if let failure = error as? ToolFailure {
      return ToolFailure(failure.exitCode, "'\(file)': \(combination)\(failure.message)")
    }
    return ToolFailure(.malformedInput, "'\(file)': \(combination)\(error)")
  }
}
