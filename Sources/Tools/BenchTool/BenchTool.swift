import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import TextFormats

/// The tool `bench`: measures this project and its peers in the same run.
///
/// Compare ratios: a machine's absolute times say little about another's.
struct BenchTool {
  let console: Console

  /// Every benchmark, in running order.
  ///
  /// Virtual time comes last: what its ten million machines leave behind in this process would
  /// count in the memory of programs that it starts later.
  private static let benchmarks: [any Benchmark.Type] = [
    PacingBenchmark.self, ChannelBenchmark.self, SnapshotBenchmark.self, SwarmBenchmark.self,
    ScriptBenchmark.self, AnalyzeBenchmark.self, ServiceBenchmark.self, ClockBenchmark.self,
    RollbackBenchmark.self, VirtualBenchmark.self,
  ]

  static let duration = Option<TimeSpan>(
    "--duration", "TIME", help: "how long each timed part runs (each benchmark's own)",
    expected: "a time greater than zero, such as 10s"
  ) { word in TimeSpan(word).flatMap { $0.nanoseconds > 0 ? $0 : nil } }
  static let seeds = Option.number(
    "--seeds", "N", in: 1...10_000_000,
    help: "swarm: how many random runs (500); rollback: how many crashes (5000)")
  static let firstSeed = Option.seed("--first-seed", help: "swarm: the first run's seed (0)")
  static let shrink = Option.flag(
    "--shrink", help: "swarm: leave out all options that a failing run does without")
  static let lines = Option.number(
    "--lines", "N", in: 10_000...1_000_000_000,
    help: "analyze: about how many lines the journals have (15000000)")
  static let json = Option.flag("--json", help: "print the tables as JSON")

  private static let tool = Tool(command)

  private static let command = Command(
    name: "bench", summary: "Measure this project and its peers in one run; print the ratios.",
    argumentsUsage: "[NAME]…", argumentCount: 0...100,
    details: "names: "
      + benchmarks.map { "\($0.name) (\($0.summary))" }.joined(separator: ",\n       "),
    example: "swift run -c release bench channel",
    argumentHint: ValueHint(words: benchmarks.map { $0.name }),
    options: [duration.shape, seeds.shape, firstSeed.shape, shrink.shape, lines.shape, json.shape]
      + Tool.options)

  /// Carries out a call.
  func run(_ words: [String]) throws -> ExitCode {
    let parsed = try Self.command.parse(words)
    if let text = try Self.tool.text(askedBy: parsed) {
      try console.print(text)
      return .done
    }
    let names = Self.benchmarks.map { $0.name }
    for name in parsed.arguments where !names.contains(name) {
      throw UsageError.unknownCommand(
        name, nearest: Spelling.nearest(to: name, among: names), tool: "bench")
    }
    let options = BenchmarkOptions(
      duration: try parsed.value(of: Self.duration), console: console,
      isShownAtOnce: !parsed.has(Self.json), seedCount: try parsed.value(of: Self.seeds),
      firstSeed: try parsed.value(of: Self.firstSeed) ?? 0, shrinks: parsed.has(Self.shrink),
      lineCount: try parsed.value(of: Self.lines))
    var tables: [BenchmarkTable] = []
    for benchmark in Self.benchmarks
    where parsed.arguments.isEmpty || parsed.arguments.contains(benchmark.name) {
      let measured = try benchmark.init(options: options).measure()
      if options.isShownAtOnce { for table in measured { try console.print(table.text) } }
      tables += measured
    }
    if !options.isShownAtOnce { try console.print(json: JSONText.encode(tables)) }
    return .done
  }
}

/// The options of every benchmark.
struct BenchmarkOptions: Sendable {
  /// How long each timed part runs; nil for the benchmark's own choice.
  let duration: TimeSpan?
  let console: Console
  let isShownAtOnce: Bool
  /// How many random runs; nil for the benchmark's own choice.
  let seedCount: Int?
  /// The seed of the first random run.
  let firstSeed: UInt64
  /// Whether the options of failing runs are made few.
  let shrinks: Bool
  /// About how many journal lines; nil for the benchmark's own choice.
  let lineCount: Int?
}

/// One benchmark of the tool.
protocol Benchmark: Sendable {
  /// The word that selects it.
  static var name: String { get }
  /// What it measures, and against what.
  static var summary: String { get }

  init(options: BenchmarkOptions)

  /// Measures, and returns the results.
  func measure() throws -> [BenchmarkTable]
}
