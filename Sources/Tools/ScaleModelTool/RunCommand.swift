import CommandLineKit
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import Transport
import WallTime

/// `scalemodel run`: runs a model for a fixed time and reports the results.
struct RunCommand {
  static let command = Command(
    name: "scalemodel run",
    summary: "Run a model for a fixed time; write journals, print a summary.",
    details: """
      While it runs, type 'snapshot' and Enter to take one, or name the machine that begins it and
      how long it may take: 'snapshot 2 20s'. Snapshot 2-1 is machine 2's first. Without a
      time, a snapshot ends as partial 10 s after the plan's delays should have completed it.
      \(CommandInput.help)
      Ctrl-C ends the run early and keeps every journal whole; a second one ends it at once. A run
      ends 10 s after its duration at the latest. Output that a terminal does not read in time is
      left out and counted.
      --from goes on with the plan of the snapshot's run, in virtual or in wall time as that did;
      --duration (that of the plan) counts from its start, and so do the times of the new run. Its
      journals and snapshots begin with those up to the snapshot, which is compared with the
      journals first: one that was changed is refused. Delays, and random draws whose
      state is not in the snapshot ('random'), come from new streams of numbers, which follow from
      the seed and the snapshot's id.
      With --on-failure restore all machines go back to the last complete snapshot when one dies,
      or to the start, once all have begun. Lines that this undoes stay in the journals and count in
      nothing; a client is answered once a complete snapshot covers the answer. One snapshot is
      taken at a time: a planned one waits for one that answers wait for, and is refused beside any
      other.
      --schedule takes a text of actions, one a line and one a second: 'tick 0', 'deliver 0 1',
      'lose 0 1', 'crash 2', 'snapshot 0', 'record 1 0 1' (machine 1, for snapshot 0-1); 'explore'
      writes such texts.
      The run directory holds run.json and a journal per machine; 'analyze' measures the newest run.
      \(WorkloadOptions.notes)
      """,
    example: """
      scalemodel run --rates 1,3,6 --duration 60s --seed 7
      analyze --check
      """,
    options: RunOptions.shapes)

  let console: Console
  let options: RunOptions

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    options = try RunOptions.read(words)
  }

  /// Runs the model, from making its directory to printing its summary.
  func run() throws -> ExitCode {
    // Only an explicit list of links can leave machines unreachable.
    if case .file = options.plan.topologyChoice, !options.plan.topology.isStronglyConnected {
      console.warn("not every machine can reach every other; snapshots may stay partial")
    }
    if options.runtime != .virtual {
      try RunOutput.checkClock(advice: ", or take --runtime virtual, which needs none")
    }
    if let memory = options.memory {
      try memory.check("the run needs")
      if let remark = memory.remark { console.warn(remark) }
    }
    if !options.isQuiet { warnOfLateSnapshot() }
    let served = try servedEndpoint()
    let warnings = options.plan.faultWarnings(
      words: options.faultWords, continuesOnFailure: options.continuesOnFailure)
    for warning in warnings { console.warn(warning) }
    // Installed before the first file is written, so that Ctrl-C leaves no run marked as running.
    let interrupts = try RunOutput.interruptDescriptor()
    let output = try RunOutput(
      console: console, path: options.outputPath, replaces: options.replacesOutput,
      suffix: "seed\(options.plan.seed)")
    let shown = try ShownRun(options, in: output.directory, interrupts: interrupts)
    // Who has ended the run by Ctrl-C does not want its page either.
    var isInterrupted = false
    defer { shown?.close(waitsForViewers: !isInterrupted) }
    let exitCode = try output.carryOut(
      Self.manifest(of: options), plan: options.plan, isQuiet: options.isQuiet,
      isJSON: options.isJSON
    ) { onStart in
      try execute(in: output.hold, interrupts, serving: served, shown, onStart: onStart)
    }
    isInterrupted = exitCode == .interrupted
    return exitCode
  }

  /// Warns beforehand that the run ends before its last snapshot can be complete.
  private func warnOfLateSnapshot() {
    let plan = options.plan
    guard plan.delay != .none, let last = plan.lastSnapshot else { return }
    let estimate = plan.snapshotEstimate(by: last.initiator)
    let remaining = plan.end.since(RunTime(last.time))
    guard remaining < estimate else { return }
    console.warn(
      "the snapshot at \(last.time) needs about \(SnapshotOutlook.text(estimate)), but the run "
        + "ends \(SnapshotOutlook.text(remaining)) later: it will be partial; take an earlier time "
        + "or a longer --duration")
  }

  /// Where machine 0 serves gRPC, with a port; nil when no machine does.
  ///
  /// - Throws: `ToolFailure` when the address is not this host's, or has no free ports.
  private func servedEndpoint() throws(ToolFailure) -> Endpoint? {
    guard var endpoint = options.firstServed else { return nil }
    do throws(SystemError) {
      endpoint = try endpoint.resolved()
      if endpoint.port == 0 {
        endpoint.port = try Listener.freePorts(
          hosts: endpoint.hosts, count: options.plan.machineCount)
      }
    } catch {
      throw ToolFailure(
        .unavailable,
        "\(RunOptions.grpc.name): '\(endpoint.host)' has no free port here: \(error.reason); "
          + "give another address, or a port")
    }
    return endpoint
  }

  /// The manifest of a run before it starts.
  static func manifest(of options: RunOptions) -> Manifest {
    var manifest = Manifest(
      plan: options.plan, runtime: options.runtime.rawValue, version: ProgramVersion.current,
      journal: options.hasJournals, continuesOnFailure: options.continuesOnFailure, host: .current)
    manifest.plan.faults = options.faultWords.isEmpty ? nil : options.faultWords
    manifest.from = options.ancestor?.manifestOrigin
    manifest.interventions = options.schedule?.texts
    manifest.plan.grpc = options.firstServed.map { _ in true }
    return manifest
  }

  /// Carries out the plan in the chosen runtime.
  ///
  /// - Throws: The error that ended it without an outcome.
  private func execute(
    in hold: RunHold, _ interrupts: Descriptor, serving served: Endpoint?, _ shown: ShownRun?,
    onStart: @escaping RunBeginning
  ) throws -> RunOutcome {
    let display = RunDisplay(
      console: console, isQuiet: options.isQuiet, takesCommands: options.runtime != .virtual,
      waits: options.runtime == .virtual)
    if let shown { StandardError.shared.write(shown.words) }
    if let words = options.againWords {
      display.tell("the same: \(ShellWords.text([Installation.name, "run"] + words))\n")
    }
    guard options.runtime == .virtual else {
      var wallOptions = wallOptions(hold)
      wallOptions.firstServiceEndpoint = served
      if options.firstServed?.port == 0, let served {
        display.tell("machine i serves gRPC on port \(served.port) + i: machine 0 on \(served)\n")
      }
      try options.ancestor?.copyHistory(options.origin, to: hold.directory)
      let execution = WallExecution(
        display: display, plan: options.plan, options: wallOptions, interrupts: interrupts,
        ancestor: options.ancestor, onStart: onStart)
      return shown?.follower.map { execution.run(startedBy: $0) } ?? execution.run()
    }
    let execution = VirtualExecution(
      display: display, options: options, hold: hold, interrupts: interrupts, onStart: onStart)
    return try shown?.player.map { try execution.run(playedBy: $0) } ?? execution.run()
  }

  private func wallOptions(_ hold: RunHold) -> WallRunOptions {
    var wallOptions = WallRunOptions(
      runtime: options.runtime == .threads ? .threads : .processes, directory: hold.directory,
      hasJournals: options.hasJournals, continuesOnFailure: options.continuesOnFailure,
      firstPort: options.firstPort, executablePath: ThisProcess.executablePath)
    wallOptions.hold = hold
    wallOptions.readsCommands = options.readsCommands
    wallOptions.tellsEvents = options.isVerbose
    wallOptions.condition = options.condition
    wallOptions.resumption = options.resumption
    wallOptions.catalog = WorkloadOptions.catalog
    wallOptions.makeService = GRPCSupport.makeService
    return wallOptions
  }
}
