import CommandLineKit
import FoundationEssentials
import RunRecord
import SystemCalls

/// `scalemodel run`: runs a model for a fixed time and tells what came of it.
struct RunCommand {
  static let command = Command(
    name: "scalemodel run", summary: "Run a model for a fixed time; journals and a summary remain.",
    details: """
      While it runs, type 'snapshot' or 'snapshot 2' and Enter to take one.
      Ctrl-C ends the run early and keeps every journal whole; a second one ends it at once.
      The run directory holds run.json and a journal per machine; 'analyze runs/latest' measures it.
      """,
    example: """
      scalemodel run --rates 1,3,6 --duration 60s --seed 7
      analyze runs/latest --check
      """,
    options: RunOptions.shapes)

  let console: Console
  let options: RunOptions

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    options = try RunOptions(words)
  }

  /// Runs the model from the making of its directory to the printing of its summary.
  func run() throws -> ExitCode {
    // Only links that were listed by hand can leave somebody out.
    if case .file = options.plan.topologyChoice, !options.plan.topology.isStronglyConnected {
      console.warn("not every machine can reach every other; snapshots may stay partial")
    }
    // From before the first file on, so that no Ctrl-C leaves a run that says it is running.
    let interrupts = try Self.interruptDescriptor()
    let directory = try makeDirectory()
    var manifest = Self.manifest(of: options)
    try write(manifest, to: directory)
    pointLatest(at: directory)
    let outcome = try execute(in: directory, &manifest, interrupts)
    outcome.describe(in: &manifest)
    do {
      try write(manifest, to: directory)
    } catch {
      // What ended the run says more than what came of that.
      throw outcome.failure ?? error
    }
    try RunSummary(manifest: manifest, outcome: outcome, directory: directory, options: options)
      .print(on: console)
    if let failure = outcome.failure { throw failure }
    return outcome.status == .interrupted ? .interrupted : .done
  }

  /// What the run directory says of a run before it starts.
  static func manifest(of options: RunOptions) -> Manifest {
    var manifest = Manifest(
      plan: options.plan, runtime: options.runtime.rawValue, version: ProgramVersion.current,
      journal: options.hasJournals, host: .current)
    manifest.plan.faults = options.faultWords.isEmpty ? nil : options.faultWords
    return manifest
  }

  /// Carries the plan out in the time that was chosen.
  ///
  /// - Throws: What ended it before it came to an outcome, after writing that into the manifest.
  private func execute(
    in directory: RunDirectory, _ manifest: inout Manifest, _ interrupts: Descriptor
  ) throws -> RunOutcome {
    let display = RunDisplay(console: console, isQuiet: options.isQuiet)
    guard options.runtime == .virtual else {
      return WallExecution(
        display: display, options: options, directory: directory, interrupts: interrupts,
        manifest: manifest
      ).run()
    }
    do {
      return try VirtualExecution(
        display: display, options: options, directory: directory, interrupts: interrupts
      ).run()
    } catch {
      manifest.status = .failed
      manifest.reason = (error as? ToolFailure)?.message ?? "\(error)"
      try? manifest.write(to: directory)
      throw error
    }
  }

  /// Yields a byte for each Ctrl-C from now on.
  static func interruptDescriptor() throws -> Descriptor {
    do throws(SystemError) {
      return try ThisProcess.interruptDescriptor()
    } catch {
      throw ToolFailure(.failed, "Ctrl-C cannot be heeded: \(error)")
    }
  }

  private func makeDirectory() throws -> RunDirectory {
    do throws(RunDirectoryError) {
      guard let path = options.outputPath else {
        return try RunDirectory.create(besideOthersAt: defaultPath)
      }
      let directory = RunDirectory(path: path)
      try directory.create(replaces: options.replacesOutput)
      return directory
    } catch {
      if case .cannotCreate(let cause) = error, cause.isOutOfRoom {
        throw ToolFailure(.inputOutput, "\(error)")
      }
      throw ToolFailure(.cannotCreate, "\(error)")
    }
  }

  /// `runs/<UTC start>-seed<N>`.
  private var defaultPath: String {
    let start = Date.now.formatted(.iso8601).split(separator: ":").joined(separator: "-")
    return "runs/\(start)-seed\(options.plan.seed)"
  }

  private func write(_ manifest: Manifest, to directory: RunDirectory) throws(ToolFailure) {
    do throws(SystemError) {
      try manifest.write(to: directory)
    } catch {
      throw error.isOutOfRoom
        ? ToolFailure(
          .inputOutput,
          "cannot write '\(error.subject)': \(error.reason); make room, or choose another "
            + "directory with --output")
        : ToolFailure(
          .cannotCreate,
          "cannot create '\(error.subject)': \(error.reason); choose another directory with "
            + "--output")
    }
  }

  private func pointLatest(at directory: RunDirectory) {
    do throws(SystemError) {
      try directory.pointLatest()
    } catch {
      console.warn("no link 'latest' beside the run: \(error)")
    }
  }
}
