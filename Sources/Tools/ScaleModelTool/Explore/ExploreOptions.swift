import CommandLineKit
import Exploration
import Predicates
import RunRecord
import ScaleModel
import SystemCalls

/// The options of `scalemodel explore`: their syntax, and their combined meaning.
struct ExploreOptions {
  private static let machines = Option.number(
    "--machines", "N", in: 2...WorldSettings.machineCountMax, help: "how many machines (3)")
  private static let depth = Option.number(
    "--depth", "N", in: 1...1_000_000, help: "end at states that are N - 1 actions from the first")
  private static let ticks = Option.number(
    "--events-per-machine", "K", in: 1...1_000_000,
    help: "go on only while no machine has more than K events")
  private static let clocks = Option.number(
    "--clock-max", "N", in: 1...1_000_000, help: "go on only while no clock reads more than N")
  private static let draws = Option.number(
    "--draws", "N", in: 1...1000,
    help: "try N outcomes of a draw, spread evenly, when it has more (16)")
  private static let losses = Option.number(
    "--losses", "N", in: 0...100, help: "channels lose up to N messages and markers (0)")
  private static let crashes = Option.number(
    "--crashes", "N", in: 0...WorldSettings.machineCountMax, help: "up to N machines crash (0)")
  private static let snapshots = Option.number(
    "--snapshots", "N", in: 0...100, help: "machines begin up to N snapshots (0)")
  static let check = Option.text(
    "--check", "WHAT",
    help: "check this invariant, 'deadlock', or a condition instead of all; repeatable")
  private static let eventually = Option.text(
    "--eventually", "EXPR",
    help: "look for a fair run in which EXPR, or a stable predicate's name, never holds")
  private static let random = Option.flag(
    "--random", help: "carry out random schedules instead of all; --depth bounds their length")
  private static let seeds = Option.number(
    "--seeds", "N", in: 1...1_000_000_000, help: "random: carry out N schedules (1000)")
  private static let shrink = Option.flag(
    "--shrink", help: "with --random or --schedule: leave out all that a violation does without")
  private static let schedule = Option.text(
    "--schedule", "FILE", help: "check this schedule alone", hint: ValueHint(paths: .files))
  private static let reduce = Option.flag(
    "--reduce", help: "leave out orders that no condition tells apart; faster, not a shortest way")
  private static let memory = Option<Int>(
    "--memory", "SIZE", help: "use up to SIZE of memory (half of what is available)",
    expected: "a size with a unit, such as 512MiB or 4GiB", parse: Self.byteCount)
  private static let equality = Option.flag(
    "--check-equality",
    help: "find states that look equal and have different futures, for a new workload; slow")
  private static let threads = Option.number(
    "--threads", "N", in: 1...16, help: "use N threads (one for each processor)")

  /// The options before and behind those of workloads, in the order of the help.
  private static let firstShapes = [
    machines.shape, RunOptions.topology.shape, RunOptions.die.shape,
  ]
  private static let lastShapes = [
    RunOptions.order.shape, losses.shape, crashes.shape, snapshots.shape,
    RunOptions.snapshotAlgorithm.shape, draws.shape,
    ticks.shape, clocks.shape, depth.shape, check.shape, eventually.shape, random.shape,
    seeds.shape, shrink.shape, schedule.shape, reduce.shape, memory.shape,
    equality.shape, threads.shape,
    RunOptions.output.shape, RunOptions.force.shape, RunOptions.quiet.shape, RunOptions.json.shape,
  ]

  /// All options, in the order of the help.
  static let shapes =
    firstShapes + WorkloadOptions.shapes.filter { $0 != WorkloadOptions.verbose.shape } + lastShapes

  /// The names, without dashes, that no workload's option may have.
  static var ownNames: [String] { (firstShapes + lastShapes).map { String($0.name.dropFirst(2)) } }

  /// How an exploration goes about it.
  enum Method {
    /// All interleavings.
    case all
    /// All, for a fair run in which this never holds.
    case eventually(name: String, Expression)
    /// So many random schedules.
    case random(count: Int, shrinks: Bool)
    /// One schedule.
    case schedule(Schedule, shrinks: Bool)

    var isRandom: Bool { if case .random = self { true } else { false } }
  }

  /// The words of `run` for the same machines, but for its duration.
  private let words: [String]
  /// Those of them that go with a schedule.
  private let replayed: [String]
  /// A run of the same machines.
  let run: RunOptions
  /// What may happen.
  let settings: WorldSettings
  /// Where the exploration ends although more might follow.
  let limits: ExplorationLimits
  /// What is checked.
  let claims: WorldClaims
  /// What is searched, and how.
  let method: Method
  let threadCount: Int
  let isQuiet: Bool
  let isJSON: Bool

  /// Reads the words of a call.
  ///
  /// - Throws: `UsageError` for invalid words or combinations, `ToolFailure` for a file that is
  ///   missing or malformed.
  init(_ words: ParsedWords) throws {
    try Self.checkWords(words)
    let machineCount = try words.value(of: Self.machines) ?? 3
    // A given schedule says how often what happens.
    let given = try words.value(of: Self.schedule).map { try RunOptions.schedule(at: $0) }
    let losses = max(try words.value(of: Self.losses) ?? 0, given?.lossCount ?? 0)
    let rates = Array(repeating: "1", count: machineCount).joined(separator: ",")
    let shared =
      WorkloadOptions.shapes.map(\.name)
      + [
        RunOptions.topology.name, RunOptions.die.name, RunOptions.order.name,
        RunOptions.snapshotAlgorithm.name,
      ]
    replayed = words.respelled(shared) + (losses > 0 ? ["--loss=0.5"] : [])
    self.words =
      ["--runtime=virtual", "--rates=\(rates)", "--seed=0", "--on-failure=continue"] + replayed
      + words.respelled([RunOptions.output.name])
      + [RunOptions.force.name].filter { words.has(named: $0) }
    run = try RunOptions(RunCommand.command.parse(self.words))
    if let given, let path = try words.value(of: Self.schedule) {
      do throws(ScheduleError) {
        try given.requirePlan(run.scheduleFacts)
      } catch {
        throw ToolFailure(.malformedInput, "'\(path)': \(error)")
      }
    }
    var settings = try Self.settings(words, run.plan, lossCountMax: losses, given)
    method = try Self.method(words, run.plan, given)
    limits = ExplorationLimits(
      depthMax: try words.value(of: Self.depth),
      byteCountMax: try words.value(of: Self.memory).map {
        max($0 / 2, $0 - Self.programByteCount)
      } ?? Self.availableByteCount,
      comparesFutures: words.has(Self.equality))
    claims = try Self.claims(
      words, run.plan, startTotal: RunCommand.manifest(of: run).plan.startTotal, settings)
    if Self.readsClocks(claims, method) { settings.usesReadings = true }
    settings.reduces = try Self.reduces(words, settings)
    self.settings = settings
    threadCount = try words.value(of: Self.threads) ?? ThreadTeam.fullMemberCount
    isQuiet = words.has(RunOptions.quiet)
    isJSON = words.has(RunOptions.json)
  }

  /// Refuses an algorithm that needs physical clocks, and `--eventually` for a program, whose
  /// states never come again.
  private static func checkWords(_ words: ParsedWords) throws(UsageError) {
    if try words.value(of: RunOptions.snapshotAlgorithm) == .synchronised {
      throw .contradiction(
        "--snapshot-algorithm synchronised needs clocks that tell the time, which an exploration "
          + "does not have; take naive, whose machines record in any order")
    }
    if words.has(named: RunOptions.snapshotAlgorithm.name), !words.has(named: snapshots.name),
      !words.has(named: schedule.name)
    {
      throw .contradiction(
        "\(RunOptions.snapshotAlgorithm.name) needs \(snapshots.name): how many may begin")
    }
    if words.has(named: eventually.name),
      let name = try words.value(of: WorkloadOptions.workload),
      WorkloadOptions.catalog[name]?.canFail == true
    {
      throw .contradiction(
        "\(eventually.name) does not go with --workload \(name): a program is told the number "
          + "of each tick, so no state comes again; see \(check.name)")
    }
  }

  /// What a world may do, within the bounds of the call and those of a given schedule.
  private static func settings(
    _ words: ParsedWords, _ plan: RunPlan, lossCountMax: Int, _ given: Schedule?
  ) throws(UsageError) -> WorldSettings {
    let uses = plan.workload.uses(WorkloadOptions.catalog)
    var settings = WorldSettings(
      topology: plan.topology, usesReadings: uses.readings, usesTicks: uses.ticks)
    settings.isFIFO = plan.promises.isOrdered
    settings.snapshotAlgorithm = plan.snapshotAlgorithm
    settings.tickCountMax = try words.value(of: ticks).map { UInt64($0) }
    settings.clockMax = try words.value(of: clocks).map { UInt64($0) }
    settings.lossCountMax = lossCountMax
    settings.crashCountMax = max(try words.value(of: crashes) ?? 0, given?.crashCount ?? 0)
    settings.snapshotCountMax = max(
      try words.value(of: snapshots) ?? 0, given?.snapshotCount ?? 0)
    if let draws = try words.value(of: draws) { settings.drawMax = UInt16(draws) }
    if let given { settings.drawMax = given.drawMax }
    return settings
  }

  private static func method(
    _ words: ParsedWords, _ plan: RunPlan, _ given: Schedule?
  ) throws(UsageError) -> Method {
    let named = [eventually.name, random.name, schedule.name].filter { words.has(named: $0) }
    if named.count > 1 {
      throw .contradiction("\(named[0]) does not go with \(named[1])")
    }
    if let name = named.first,
      let other = unread(with: name).first(where: { words.has(named: $0) })
    {
      throw .contradiction("\(other) does not go with \(name); leave one of them out")
    }
    if words.has(named: seeds.name), !words.has(random) {
      throw UsageError.contradiction("\(seeds.name) needs \(random.name)")
    }
    let shrinks = words.has(shrink)
    if shrinks, named.isEmpty || named[0] == eventually.name {
      throw UsageError.contradiction(
        "\(shrink.name) needs \(random.name) or \(schedule.name); without them a counterexample "
          + "is a shortest")
    }
    if let given { return .schedule(given, shrinks: shrinks) }
    if words.has(random) {
      guard try words.value(of: depth) ?? 1 <= Schedule.lineCountMax else {
        throw .contradiction(
          "\(random.name) takes a \(depth.name) of \(Schedule.lineCountMax) at most")
      }
      return .random(count: try words.value(of: seeds) ?? 1000, shrinks: shrinks)
    }
    guard let name = try words.value(of: eventually) else { return .all }
    var text = name
    if case .named(let choice) = plan.workload {
      text = choice.predicates.first { $0.name == name }?.expression ?? name
    }
    do throws(ExpressionError) {
      return .eventually(name: name, try Expression(text, in: vocabulary(of: plan)))
    } catch {
      throw UsageError.contradiction("\(eventually.name): \(error)")
    }
  }

  /// The options that have no meaning with another one.
  private static func unread(with name: String) -> [String] {
    switch name {
    case schedule.name: [depth.name, draws.name, equality.shape.name]
    case eventually.name: [check.name, equality.shape.name]
    default: [equality.shape.name]
    }
  }

  /// Whether something that is checked reads clocks, which then tell states apart.
  private static func readsClocks(_ claims: WorldClaims, _ method: Method) -> Bool {
    if case .eventually(_, let condition) = method, condition.readsClocks { return true }
    return (claims.conditions.map(\.expression) + claims.goals).contains(where: \.readsClocks)
  }

  /// Whether orders are left out.
  ///
  /// - Throws: `UsageError` where they would matter.
  private static func reduces(
    _ words: ParsedWords, _ settings: WorldSettings
  ) throws(UsageError) -> Bool {
    guard words.has(reduce) else { return false }
    let others = [eventually.name, random.name, schedule.name, equality.shape.name]
    let named = others.first { words.has(named: $0) }
    let faults = settings.snapshotCountMax > 0 ? snapshots.name : crashes.name
    if let other = named ?? (settings.snapshotCountMax + settings.crashCountMax > 0 ? faults : nil)
    {
      throw .contradiction("\(reduce.name) does not go with \(other); leave one of them out")
    }
    return true
  }

  /// Makes what is explored.
  ///
  /// - Returns: The machines with what may happen to them.
  /// - Throws: `UsageError` when it is to be reduced and nothing can be left out, `ToolFailure` for
  ///   a workload that cannot run.
  func model() throws -> PlanModel {
    var settings = settings
    // Programs take their time, and so may long walks: the user need not wait for a whole block.
    if WorkloadOptions.catalog[run.plan.workload.name]?.canFail == true || method.isRandom {
      settings.isInterrupted = { ThisProcess.isInterrupted }
    }
    let model = PlanModel(
      try run.erasedWorkload, settings, conditions: claims.conditions, goals: claims.goals)
    guard model.canReduce || !settings.reduces else {
      throw UsageError.contradiction(
        "\(Self.reduce.name) has nothing to leave out: the workload's machines are not alike, and "
          + "a condition is on messages, queues or clocks; choose others with \(Self.check.name)")
    }
    return model
  }

  static func vocabulary(of plan: RunPlan) -> Expression.Vocabulary {
    let fields = plan.workload.fields
    return Expression.Vocabulary(
      machineCount: plan.machineCount, stateFields: fields.state, messageFields: fields.message)
  }

  /// The words of a call that carries a schedule of these machines out.
  func replay(_ path: String) -> [String] {
    ["run", "--runtime=virtual", "\(Self.machines.name)=\(run.plan.machineCount)"]
      + replayed + ["\(RunOptions.scheduleFile.name)=\(path)"]
  }

  /// A run that carries a schedule out, in the directory that the call names.
  func run(of schedule: Schedule) throws -> RunOptions {
    var options = try RunOptions(
      RunCommand.command.parse(words + [RunOptions.duration(of: schedule)]))
    options.schedule = schedule
    return options
  }

  /// What the program itself takes of the memory that is given to it.
  private static let programByteCount = 13 << 20

  /// Half of the memory that is available; 1 GB where the system does not tell.
  private static var availableByteCount: Int {
    let room = MemoryNeed(addressByteCount: 0, residentByteCount: 0).roomBehind ?? 2e9
    return Int(max(1e6, min(room / 2, 1e15)))
  }

  /// Reads a size in bytes with its unit.
  private static func byteCount(_ word: String) -> Int? {
    let digits = word.prefix { $0.isNumber }
    let units = ["KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "kB": 1000, "MB": 1_000_000]
      .merging(["GB": 1_000_000_000]) { first, _ in first }
    guard let number = Int(digits), number > 0,
      let unit = units[String(word.dropFirst(digits.count))]
    else { return nil }
    let (count, overflows) = number.multipliedReportingOverflow(by: unit)
    return overflows ? nil : count
  }
}

extension ParsedWords {
  /// These options as they were given.
  func respelled(_ names: [String]) -> [String] {
    names.flatMap { name in texts(named: name).map { "\(name)=\($0)" } }
  }
}
