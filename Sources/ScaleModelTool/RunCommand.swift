import CommandLineKit
import FoundationEssentials
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

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
    if !options.plan.topology.isStronglyConnected {
      console.warn("not every machine can reach every other; snapshots may stay partial")
    }
    let directory = try makeDirectory()
    var manifest = Manifest(
      plan: options.plan, runtime: options.runtime.rawValue, version: ProgramVersion.current,
      journal: options.hasJournals, host: .current)
    try write(manifest, to: directory)
    pointLatest(at: directory)
    let outcome = try supervise(directory)
    RunEnd(outcome: outcome, plan: options.plan, directory: directory).describe(in: &manifest)
    let failure = failure(of: outcome.ending)
    do {
      try write(manifest, to: directory)
    } catch {
      // What ended the run says more than what came of that.
      throw failure ?? error
    }
    try RunSummary(manifest: manifest, outcome: outcome, directory: directory, options: options)
      .print(on: console)
    if let failure { throw failure }
    return outcome.ending == .interrupted ? .interrupted : .done
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

  private func supervise(_ directory: RunDirectory) throws -> WallRunOutcome {
    let progress = RunProgress(console: console, options: options)
    defer { progress.finish() }
    do throws(WallRunFailure) {
      var wallOptions = WallRunOptions(
        runtime: options.runtime == .threads ? .threads : .processes, directory: directory,
        hasJournals: options.hasJournals, continuesOnFailure: options.continuesOnFailure,
        firstPort: options.firstPort, executablePath: ThisProcess.executablePath)
      wallOptions.readsCommands = true
      return try Supervisor(
        plan: options.plan, options: wallOptions, interrupts: try interruptDescriptor(),
        observer: progress
      ).run()
    } catch {
      return .neverStarted(error, machineCount: options.plan.machineCount)
    }
  }

  private func interruptDescriptor() throws(WallRunFailure) -> Descriptor {
    do throws(SystemError) {
      return try ThisProcess.interruptDescriptor()
    } catch {
      throw .notStarted(error)
    }
  }

  /// Why a run failed, with its exit code; nil for one that did not.
  private func failure(of ending: WallRunEnding) -> ToolFailure? {
    guard case .failed(let failure) = ending else { return nil }
    return ToolFailure(exitCode(of: failure), "\(failure)")
  }

  private func exitCode(of failure: WallRunFailure) -> ExitCode {
    guard case .machineDied(let death) = failure, case .failed(let cause) = death.cause else {
      return .failed
    }
    switch cause {
    case .portInUse, .unreachable: return .unavailable
    case .journalNotCreated: return .cannotCreate
    case .journalNotWritten: return .inputOutput
    case .peerTooSlow, .inboxFull, .system: return .failed
    }
  }
}
