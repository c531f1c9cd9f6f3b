import CommandLineKit
import Exploration
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import TextFormats
import Transport
import VirtualTime

/// The options of `scalemodel run`: their syntax, and their combined meaning.
struct RunOptions {
  static let machines = Option.number(
    "--machines", "N", in: 2...1_000_000, help: "how many machines (3)")
  static let ticks = Option<ClosedRange<Int>>(
    "--ticks", "A...B", help: "draw each machine's instructions per second from A to B (1...6)",
    expected: "two whole numbers from 1 to \(RunPlan.rateMax), the smaller first: 1...6"
  ) { RunPlan.rateRange($0) }
  static let rates = Option<[Int]>(
    "--rates", "R,R,…", help: "give each machine its instructions per second instead",
    expected: "a whole number from 1 to \(RunPlan.rateMax) for each machine: 1,3,6",
    parse: Self.rateList)
  static let duration = Option<TimeSpan>(
    "--duration", "TIME", help: "how long the machines run, or forever (60s)",
    expected: "forever, or a time greater than zero, such as 60s, 500ms or 2m, of 100 years at most"
  ) { word in
    TimeSpan(word).flatMap { $0.nanoseconds > 0 && $0 <= durationMax ? $0 : nil }
  }
  static let die = Option.number(
    "--die", "N", in: 1...1_000_000_000, help: "sides of the die: 1, 2, 3 send, others do not (10)")
  static let seed = Option.seed(help: "the seed of all random choices (drawn and printed)")
  static let runtime = Option<RuntimeWord>.word(
    "--runtime", help: "threads, processes or virtual (threads)")
  static let topology = Option.text(
    "--topology", "WORD",
    help: "ring, star, line, grid:RxC, random:K or a file of links (complete)",
    hint: ValueHint(words: ["complete", "ring", "star", "line", "grid:", "random:"], paths: .files))
  static let delay = Option<Delay>(
    "--delay", "TIME", help: "how long messages are on their way: 50ms, 10ms...100ms, ~50ms (0)",
    expected: "a time (50ms), a range (10ms...100ms) or an exponential mean (~50ms)"
  ) { Delay($0) }
  static let phases = Option<Phases>.word(
    "--phases",
    help: "aligned: all machines' ticks begin together; random: each where it will (aligned)")
  static let snapshotAt = Option<SnapshotSchedule.Entry>(
    "--snapshot-at", "TIME[@ID]",
    help: "take a snapshot at this time, begun by machine ID (0); repeatable",
    expected: "a time and, perhaps, a machine's id: 20s or 20s@2"
  ) { SnapshotSchedule.Entry($0) }
  static let until = Option.text(
    "--until", "NAME",
    help: "end when a snapshot finds that this stable predicate of the workload holds")
  static let snapshotEvery = Option<TimeSpan>(
    "--snapshot-every", "TIME",
    help: "take one at every multiple of TIME, begun by each machine in turn",
    expected: "a time greater than zero, such as 10s"
  ) { word in TimeSpan(word).flatMap { $0.nanoseconds > 0 ? $0 : nil } }
  static let onFailure = Option<FailureWord>.word(
    "--on-failure", help: "when a machine dies: stop, continue or restore (stop)")
  static let port = Option.number(
    "--port", "N", in: 1...65_535, help: "machine i listens on port N + i (free ports)")
  static let grpc = Option<Endpoint>(
    "--grpc", "[HOST:]PORT", help: "machine i serves gRPC on PORT + i (of the loopback)",
    expected: "a port, perhaps behind an address: 50051, 0.0.0.0:50051 or [::1]:50051; 0 takes "
      + "free ports",
    parse: Self.servedEndpoint)
  static let output = Option.text(
    "--output", "DIR", help: "the run directory (runs/<start>-seed<N>)")
  static let force = Option.flag("--force", help: "overwrite an existing run")
  static let journal = Option<SwitchWord>.word("--journal", help: "on or off (on)")
  static let checkDeterminism = Option.flag(
    "--check-determinism", help: "virtual: run twice, compare every byte")
  static let quiet = Option.flag("--quiet", help: "print the run directory only")
  static let json = Option.flag("--json", help: "print the summary as JSON")

  /// All options, in the order of the help.
  static let shapes = firstShapes + WorkloadOptions.shapes + lastShapes

  /// The options before and behind those of workloads.
  private static let firstShapes = [
    machines.shape, ticks.shape, rates.shape, duration.shape, die.shape, seed.shape, runtime.shape,
    topology.shape, delay.shape, phases.shape, skew.shape, clockDrift.shape, sync.shape,
    clockAhead.shape, ticksBy.shape,
    order.shape, loss.shape, duplicate.shape,
    transport.shape,
  ]
  private static let lastShapes = [
    snapshotAt.shape, snapshotEvery.shape, snapshotAlgorithm.shape, snapshotSpread.shape,
    checkpoints.shape, snapshotCost.shape, markerHandling.shape,
    until.shape, from.shape, scheduleFile.shape, onFailure.shape,
    restarts.shape, port.shape, grpc.shape, output.shape, force.shape, journal.shape, kill.shape,
    pause.shape, partition.shape, lose.shape, tell.shape,
    checkDeterminism.shape, jobs.shape, page.shape, start.shape, pageControl.shape, again.shape,
    CommandInput.option.shape, quiet.shape, json.shape,
  ]

  /// The names, without dashes, that no workload's option may have.
  static var ownNames: [String] {
    ((firstShapes + lastShapes).map(\.name) + WorkloadOptions.ownNames + ["--help"])
      .map { String($0.dropFirst(2)) }
  }

  enum RuntimeWord: String, CaseIterable { case threads, processes, virtual }
  enum FailureWord: String, CaseIterable { case stop, `continue`, restore }
  enum SwitchWord: String, CaseIterable { case on, off }

  private static let usualRates = 1...6
  private static let durationMax = TimeSpan.forever

  let plan: RunPlan
  let runtime: RuntimeWord
  /// What ends the run when a snapshot finds it; nil for nothing.
  let condition: StableCondition?
  /// The faults as their options spell them.
  let faultWords: [String]
  let checksDeterminism: Bool
  /// How many threads a run in virtual time takes, if its plan allows.
  let jobCount: Int
  let asksForJobs: Bool
  let continuesOnFailure: Bool
  let firstPort: UInt16
  /// The gRPC endpoint of machine 0; machine i listens on port + i; nil when none serves.
  let firstServed: Endpoint?
  let outputPath: String?
  let replacesOutput: Bool
  let hasJournals: Bool
  /// Whether events (for a bank the transfers) are printed as they happen.
  let isVerbose: Bool
  /// Whether commands are read from standard input.
  let readsCommands: Bool
  let isQuiet: Bool
  let isJSON: Bool
  /// The page that shows the run live; nil for none.
  let page: PageWish?
  /// What viewers did to the run, as its manifest has it; nil for nothing.
  var interventions: [String]?
  /// The options that repeat the run, where `--again` asks for that; nil elsewhere.
  var againWords: [String]?
  /// The snapshot that the run goes on from, and its run; nil for a run from the start.
  var ancestor: RunAncestor?
  /// The schedule that the run carries out; nil for none.
  var schedule: Schedule?
  /// The snapshot of ``ancestor``, checked against the plan.
  var origin: VirtualOrigin?
  /// The same as machines in wall time need it; nil in virtual time.
  var resumption: RunResumption?

  /// Reads the words of a call.
  ///
  /// - Throws: `UsageError` for invalid words or combinations, `ToolFailure` for a
  ///   topology file that is missing or malformed.
  init(_ words: ParsedWords) throws {
    for name in [Self.from.name, Self.scheduleFile.name, Self.again.name]
    where words.has(named: name) {
      throw UsageError.contradiction("\(name) is for single runs; leave it out of a sweep")
    }
    runtime = try words.value(of: Self.runtime) ?? .threads
    plan = try Self.plan(words, runtime)
    try Self.checkSnapshots(of: plan)
    condition = try Self.condition(of: plan)
    faultWords = Self.faultOptions.flatMap { option in
      words.texts(of: option).map { "\(option.name) \($0)" }
    }
    checksDeterminism = words.has(Self.checkDeterminism)
    asksForJobs = words.has(Self.jobs)
    jobCount = try Self.jobCount(words, machineCount: plan.machineCount)
    if runtime == .virtual { try Self.checkChannels(of: plan) }
    try Self.checkRuntime(words, plan, runtime)
    for (fault, words) in zip(plan.faults, faultWords) { try Self.check(fault, words, plan) }
    continuesOnFailure = try words.value(of: Self.onFailure) == .continue
    firstPort = try Self.firstPort(from: words, machineCount: plan.machineCount)
    firstServed = try Self.firstServed(from: words, plan: plan, runtime: runtime)
    outputPath = try words.value(of: Self.output).map(Self.withoutTrailingSlashes)
    replacesOutput = words.has(Self.force)
    hasJournals = try words.value(of: Self.journal) != .off
    isVerbose = words.has(WorkloadOptions.verbose)
    page = try Self.pageWish(words)
    if page != nil, checksDeterminism {
      throw UsageError.contradiction(
        "--check-determinism does not go with --page; 'run --again' repeats a run with a page")
    }
    readsCommands = try CommandInput.isRead(words)
    isQuiet = words.has(Self.quiet)
    isJSON = words.has(Self.json)
  }

  private static func plan(_ words: ParsedWords, _ runtime: RuntimeWord) throws -> RunPlan {
    let seed = try words.value(of: seed) ?? ThisProcess.randomWord() >> 32
    let rates = try rates(from: words, seed: seed)
    let choice = try topologyChoice(try words.value(of: topology) ?? "complete")
    if runtime == .virtual { try MemoryEstimate.checkMachines(rates.count, choice) }
    let topology = try topology(choice, machineCount: rates.count, seed: seed)
    let delay = try words.value(of: delay) ?? .none
    let workload = try WorkloadOptions.choice(
      from: words, topology: topology, rates: rates, delay: delay)
    let chain = try chain(words, workload)
    var plan = RunPlan(
      rates: rates, duration: try words.value(of: duration) ?? .seconds(60),
      dieSides: try words.value(of: die) ?? 10, seed: seed, topologyChoice: choice,
      topology: topology, delay: delay, workload: workload,
      snapshots: SnapshotSchedule(
        entries: try words.allValues(of: snapshotAt),
        interval: chain == nil ? try words.value(of: snapshotEvery) : nil, chain: chain),
      rateRange: words.has(Self.rates) ? nil : try words.value(of: ticks) ?? usualRates)
    plan.promises = try promises(words, runtime)
    plan.phases = try words.value(of: phases) ?? .aligned
    try chooseClocks(words, for: &plan, runtime)
    try chooseAlgorithm(words, for: &plan, runtime)
    plan.faults = try faultOptions.flatMap { try words.allValues(of: $0) }
    plan.restartCountMax = try restartCountMax(words, of: plan)
    return plan
  }

  /// The port of machine 0; zero when the system chooses all ports.
  private static func firstPort(
    from words: ParsedWords, machineCount: Int
  ) throws(UsageError) -> UInt16 {
    guard let port = try words.value(of: port) else { return 0 }
    let portMax = 65_536 - machineCount
    guard port <= portMax else {
      throw .contradiction(
        "--port \(port) leaves no room for \(machineCount) machines; "
          + (portMax >= 1 ? "take \(portMax) or less" : "leave it out"))
    }
    return UInt16(port)
  }

  /// The path without trailing slashes, ready for appending.
  static func withoutTrailingSlashes(_ path: String) -> String {
    let end = path.lastIndex { $0 != "/" }
    return end.map { String(path[...$0]) } ?? "/"
  }

  private static func rates(from words: ParsedWords, seed: UInt64) throws(UsageError) -> [Int] {
    let machineCount = try words.value(of: machines)
    let range = try words.value(of: ticks)
    guard let given = try words.value(of: rates) else {
      return RunPlan.drawnRates(
        machineCount: machineCount ?? 3, range: range ?? usualRates, seed: seed)
    }
    if range != nil {
      throw .contradiction("--rates and --ticks exclude each other; leave one of them out")
    }
    if let machineCount, machineCount != given.count {
      throw .contradiction(
        "--rates names \(given.count) machines, but --machines says \(machineCount); "
          + "give one rate for each machine")
    }
    guard given.count >= 2 else {
      throw .contradiction("--rates names one machine; a run has at least two: --rates 1,3,6")
    }
    return given
  }

  /// Refuses snapshots that can never be taken, and more than a run can hold.
  private static func checkSnapshots(of plan: RunPlan) throws(UsageError) {
    for entry in plan.snapshots.entries {
      guard entry.initiator.index < plan.machineCount else {
        throw .contradiction(
          "--snapshot-at \(entry.time)@\(entry.initiator): there is no machine "
            + "\(entry.initiator); take one from 0 to \(plan.machineCount - 1)")
      }
      guard entry.time < plan.duration else {
        throw .contradiction(
          "--snapshot-at \(entry.time) is not within the run's \(plan.duration); "
            + "take an earlier time or a longer --duration")
      }
    }
    let count =
      plan.snapshots.count(duration: plan.duration)
      * (plan.snapshotAlgorithm.recordsAlone ? plan.machineCount : 1)
    guard count <= SnapshotSchedule.countMax else {
      throw .contradiction(
        "\(count) snapshots are asked for, \(SnapshotSchedule.countMax) at most are possible; "
          + "take a longer --snapshot-every")
    }
  }

  /// Refuses a random delay on more channels than a simulation can track.
  private static func checkChannels(of plan: RunPlan) throws(UsageError) {
    let channelCountMax = VirtualRun.randomDelayChannelCountMax
    guard plan.promises.isUsual || plan.topology.channelCount <= channelCountMax else {
      throw .contradiction(
        "--order none, --loss and --duplicate are possible on \(channelCountMax) channels, not on "
          + "\(plan.topology.channelCount); take another --topology or fewer --machines")
    }
    switch plan.delay {
    case .uniform, .exponential:
      guard plan.topology.channelCount <= channelCountMax else {
        throw .contradiction(
          "a random --delay is possible on \(channelCountMax) channels, not on "
            + "\(plan.topology.channelCount); take another --topology or fewer --machines")
      }
    case .none, .constant: break
    }
  }

  private static func rateList(_ word: String) -> [Int]? {
    let numbers = word.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    let rates = numbers.compactMap { $0 }.filter { 1...RunPlan.rateMax ~= $0 }
    return rates.count == numbers.count ? rates : nil
  }

  private static func topologyChoice(_ word: String) throws -> TopologyChoice {
    if let choice = TopologyChoice(word: word) { return choice }
    do throws(TextFile.Failure) {
      return .file(path: word, text: try TextFile(path: word).text)
    } catch .unreadable(let error) {
      let nearest = Spelling.nearest(to: word, among: ["complete", "ring", "star", "line"])
      throw ToolFailure(
        .noInput,
        "--topology: '\(word)' is neither a topology nor a file that can be read "
          + "(\(error.reason)); " + (nearest.map { "did you mean '\($0)'?" } ?? "see --help"))
    } catch {
      throw ToolFailure(unreadableText: error)
    }
  }

  private static func topology(
    _ choice: TopologyChoice, machineCount: Int, seed: UInt64
  ) throws -> Topology {
    do throws(TopologyError) {
      return try choice.topology(machineCount: machineCount, seed: seed)
    } catch {
      guard case .file(let path, _) = choice else {
        throw UsageError.contradiction("--topology \(choice.word): \(error)")
      }
      throw ToolFailure(.malformedInput, "'\(path)': \(error)")
    }
  }
}
