import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// `scalemodel machine`: runs one machine of a run on several hosts.
struct MachineCommand {
  private static let id = Option.number(
    "--id", "N", in: 0...(ClusterFile.machineCountMax - 1), help: "which of its machines this is")

  private static let output = Option.text(
    RunOptions.output.name, "DIR", help: "the run directory (runs/<start>-seed<N>-machine<ID>)")

  static let command = Command(
    name: "scalemodel machine",
    summary: "Run one machine of a model that is spread over several hosts.",
    details: """
      Start one on each host, in any order, with the same cluster file. Each listens on its own
      port and dials the others; when all are linked they begin together.
      Each writes a run directory with its own journal; 'analyze' takes all of them as one run.
      While it runs, type 'snapshot' and Enter to take one, begun by this machine, gathered from
      all hosts and stored here. 'snapshot 2' asks machine 2, whose host stores it; 'snapshot 20s'
      ends after 20 s. 'scalemodel snapshot --cluster FILE --machine N' asks from any host.
      Standard input is read only when it is a terminal, or with '--commands -'.
      Ctrl-C ends the run on every host, and keeps every journal whole. A host that cannot be
      reached any more ends it too; with '--on-failure continue' the others go on without it for
      good, even if it comes back, and snapshots are partial.
      With 'restarts' in the cluster file nothing ends (--on-failure restore, which need not be
      given): all machines go back to the last complete snapshot, in another epoch, once all are
      linked again, within the file's start_timeout. Start a host that has died anew by the same
      command, with the same --output: it comes back to its run. The first machine begins all
      snapshots, and its host keeps what all go back to.
      --page shows this machine in a browser; it does not wait for its viewers.

      \(ClusterOptions.fieldsHelp)
      """,
    example: """
      scalemodel cluster-init --machines 3 --hosts 10.0.0.1,10.0.0.2,10.0.0.3
      scalemodel machine --cluster cluster.json --id 0
      """,
    options: [
      ClusterOptions.cluster.shape, id.shape, RunOptions.onFailure.shape, output.shape,
      RunOptions.force.shape, RunOptions.page.shape, RunOptions.pageControl.shape,
      WorkloadOptions.verbose.shape, CommandInput.option.shape,
      RunOptions.quiet.shape, RunOptions.json.shape,
    ])

  let console: Console
  private let file: ClusterFile
  private let machine: MachineID
  private let continuesOnFailure: Bool
  private let outputPath: String?
  private let replacesOutput: Bool
  private let page: RunOptions.PageWish?
  private let isVerbose: Bool
  private let readsCommands: Bool
  private let isQuiet: Bool
  private let isJSON: Bool
  private let path: String

  /// Reads the words of a call, and the file they name.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    guard let path = try words.value(of: ClusterOptions.cluster) else {
      throw UsageError.missingArgument("--cluster FILE", command: Self.command.name)
    }
    guard let index = try words.value(of: Self.id) else {
      throw UsageError.missingArgument("--id N", command: Self.command.name)
    }
    self.path = path
    let reaction = try words.value(of: RunOptions.onFailure)
    continuesOnFailure = reaction == .continue
    outputPath = try words.value(of: Self.output).map(RunOptions.withoutTrailingSlashes)
    replacesOutput = words.has(RunOptions.force)
    page = try RunOptions.pageWish(words, startsNow: true)
    isVerbose = words.has(WorkloadOptions.verbose)
    readsCommands = try CommandInput.isRead(words)
    isQuiet = words.has(RunOptions.quiet)
    isJSON = words.has(RunOptions.json)
    file = try ClusterOptions.file(path, startsPrograms: true)
    try Self.checkPredicates(of: file, path)
    let goesBack = file.plan.restartCountMax != nil
    if goesBack, let reaction, reaction != .restore {
      throw UsageError.contradiction(
        "'\(path)' has 'restarts', so its machines go back: leave --on-failure out, or 'restarts'")
    }
    if !goesBack, reaction == .restore {
      throw UsageError.contradiction(
        "--on-failure restore needs 'restarts' in '\(path)', on every host the same, such as 100")
    }
    machine = try ClusterOptions.machine(index, of: file, option: Self.id.name)
    if file.servedPorts[machine.index] != nil && !GRPCSupport.isPossible {
      throw ToolFailure(
        .usage, "'\(path)' lets machine \(machine) serve gRPC; \(GRPCSupport.remedy)")
    }
  }

  /// Refuses a workload that claims what is no condition of its fields.
  private static func checkPredicates(of file: ClusterFile, _ path: String) throws(ToolFailure) {
    guard case .named(let choice) = file.plan.workload else { return }
    do throws(WorkloadRefusal) {
      try WorkloadOptions.checkPredicates(of: choice, machineCount: file.plan.machineCount)
    } catch {
      throw ToolFailure(
        .malformedInput, "'\(path)', column 'workload': \(choice.name): \(error)")
    }
  }

  /// Runs the machine, from making its directory to printing its summary.
  func run() throws -> ExitCode {
    try RunOutput.checkClock(advice: "")
    if !isQuiet {
      warnOfReaders()
      let warnings = file.plan.faultWarnings(
        words: file.plan.faults.map { "'\(path)', \($0.word)" },
        continuesOnFailure: continuesOnFailure)
      for warning in warnings { console.warn(warning) }
    }
    let interrupts = try RunOutput.interruptDescriptor()
    let member = try self.member(interrupts)
    let back = try HostReturn(
      of: machine, in: file, to: replacesOutput ? nil : outputPath, console: console)
    let output =
      try back.map { RunOutput(console: console, hold: $0.hold) }
      ?? RunOutput(
        console: console, path: outputPath,
        replaces: replacesOutput || HostReturn.hasNothing(of: machine, in: file, at: outputPath),
        suffix: "seed\(file.plan.seed)-machine\(machine)")
    var manifest = Manifest(
      plan: file.plan, runtime: "hosts", version: ProgramVersion.current, journal: true,
      continuesOnFailure: continuesOnFailure, host: .current)
    manifest.plan.linkTimeout = "\(file.linkTimeout)"
    manifest.plan.grpc = file.servedPorts.contains { $0 != nil } ? true : nil
    manifest.plan.foreign = file.foreignMachines.isEmpty ? nil : file.foreignMachines.map(\.index)
    manifest.cluster = Manifest.Part(machine: machine, digest: String(file.digest, radix: 16))
    manifest.startTimeNs = back?.manifest.startTimeNs
    manifest.restarts = back?.manifest.restarts
    let shown = try page.map { wish in
      try OpenPage(
        wish, of: output.directory, machineCount: file.plan.machineCount,
        host: FollowedRun(output.directory, manifest, .waiting))
    }
    if let shown { StandardError.shared.write(shown.words) }
    defer { shown?.waitForViewers(or: interrupts); shown?.close() }
    return try output.carryOut(manifest, plan: file.plan, isQuiet: isQuiet, isJSON: isJSON) {
      execute(member, output.hold, back, interrupts, onStart: $0)
    }
  }

  /// Warns when others can read the token, or change the file.
  private func warnOfReaders() {
    guard !file.token.isEmpty else { return }
    if FileSystem.isReadableByAll(path) {
      console.warn(
        "every user of this host can read the token in '\(path)'; chmod 600 it, or mount it so")
    }
    if FileSystem.isOfAnotherUser(path) {
      console.warn("'\(path)' belongs to another user, who can change it and knows its token")
    }
  }

  /// The machine's membership, once all hosts are known.
  ///
  /// The name of a host that is just being started may become known later: it is looked up again,
  /// up to the file's start timeout.
  private func member(_ interrupts: Descriptor) throws(ToolFailure) -> ClusterMember {
    let deadline = SystemClock.monotonicNanoseconds + file.startTimeout.nanoseconds
    var isTold = false
    while true {
      do throws(UnknownHost) {
        return try ClusterMember(of: machine, in: file)
      } catch {
        guard SystemClock.monotonicNanoseconds < deadline else {
          throw ToolFailure(.malformedInput, "'\(path)', column 'machines': \(error)")
        }
        if !isTold, !isQuiet {
          console.note(
            "machine \(machine) waits for machine \(error.machine)'s host '\(error.host)' to be "
              + "known, \(file.startTimeout) at most")
        }
        isTold = true
      }
      if interrupts.waitUntilReadable(milliseconds: Self.lookMilliseconds) {
        let signal = ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT
        throw ToolFailure(
          .interrupted, "ended by \(SignalName.of(signal)) before all hosts were known")
      }
    }
  }

  /// How long to wait before an unknown host is looked up again.
  private static let lookMilliseconds: Int32 = 250

  private func execute(
    _ member: ClusterMember, _ hold: RunHold, _ back: HostReturn?, _ interrupts: Descriptor,
    onStart: @escaping RunBeginning
  ) -> RunOutcome {
    var options = WallRunOptions(
      runtime: .threads, directory: hold.directory, hasJournals: true,
      continuesOnFailure: continuesOnFailure, firstPort: 0, executablePath: "")
    options.hold = hold
    options.cluster = member
    options.catalog = WorkloadOptions.catalog
    options.makeService = GRPCSupport.makeService
    options.readsCommands = readsCommands
    options.tellsEvents = isVerbose
    options.resumption = back?.resumption
    options.earlierRestarts = back?.restarts ?? []
    let display = RunDisplay(console: console, isQuiet: isQuiet, takesCommands: true)
    display.note(
      "machine \(machine) of \(file.plan.machineCount) listens on "
        + "\(member.endpoints[machine.index]) and "
        + "waits for the others, \(file.startTimeout) at most")
    return WallExecution(
      display: display, plan: file.plan, options: options, interrupts: interrupts,
      earlier: back?.snapshots ?? []
    ) { start, restarts throws(SystemError) in
      try onStart(start, restarts)
      display.note("all machines are there; the run begins")
    }.run()
  }
}

/// A host of a cluster file whose name has no address, at least not yet.
private struct UnknownHost: Error, CustomStringConvertible {
  let machine: MachineID
  let host: String

  var description: String {
    "machine \(machine)'s host '\(host)' has no address; correct the name, or write an address"
  }
}

extension ClusterMember {
  /// Makes a machine's membership, with the addresses of all hosts.
  ///
  /// - Throws: The first host without an address.
  fileprivate init(of machine: MachineID, in file: ClusterFile) throws(UnknownHost) {
    var endpoints = file.endpoints
    for (index, id) in file.plan.topology.machineIDs.enumerated() {
      do throws(SystemError) {
        endpoints[index] = try endpoints[index].resolved()
      } catch {
        throw UnknownHost(machine: id, host: endpoints[index].host)
      }
    }
    self.init(of: machine, in: file, endpoints: endpoints)
  }
}
