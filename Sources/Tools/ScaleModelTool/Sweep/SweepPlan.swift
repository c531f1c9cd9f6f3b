import CommandLineKit
import Experiments
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats

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
  /// The sweep in the directory that is gone on with; nil for a new one.
  let begun: RecordedSweep?
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
  ///   - isResumed: Whether a sweep that is there is gone on with: its runtime holds when none is
  ///     given, and its runs keep their numbers.
  /// - Throws: `ToolFailure` with the place in the file, or with what would change runs that are
  ///   there.
  init(
    file: String, directory: SweepDirectory, runtime: String?, isResumed: Bool
  ) throws(ToolFailure) {
    (self.file, self.directory) = (file, directory)
    do throws(TextFile.Failure) {
      bytes = try TextFile(path: file).bytes
    } catch {
      throw ToolFailure(unreadableText: error)
    }
    begun = isResumed ? try RecordedSweep.begun(in: directory) : nil
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

  /// What an earlier call left of a run.
  enum Remains {
    /// It finished just as it would be carried out now, and all its files are whole.
    case finished
    /// Nothing, or a run that ended early: it is done without a word.
    case unfinished
    /// It says that it finished, but cannot be used; the text says why.
    case unusable(String)
  }

  /// What is there of a run: its manifest is checked against its journals and snapshots.
  func remains(of run: PlannedRun) -> Remains {
    let place = directory.directory(of: run)
    let manifest: Manifest
    do throws(RunRecordError) {
      manifest = try Manifest.read(from: place)
    } catch {
      if case .missing = error { return .unfinished }
      return .unusable("\(error)")
    }
    guard manifest.status == .finished, let options = try? Self.options(of: run) else {
      return .unfinished
    }
    let planned = RunCommand.manifest(of: options)
    let isSame =
      manifest.seed == run.seed
      && manifest.plan.filledIn(from: planned.plan) == planned.plan
      && manifest.runtime == planned.runtime && manifest.durationNs == planned.durationNs
      && manifest.journal == planned.journal
    guard isSame else {
      return .unusable("'\(place.manifestPath)' tells of another plan or seed")
    }
    return manifest.damage(in: place).map { .unusable("\($0)") } ?? .finished
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
