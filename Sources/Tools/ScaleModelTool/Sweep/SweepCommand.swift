import CommandLineKit
import Experiments
import SystemCalls

/// `scalemodel sweep`: carries out every run of an experiment file.
struct SweepCommand {
  private static let output = Option.text(
    "--output", "DIR", help: "the sweep's directory (sweeps/<name of FILE>)")
  private static let runtime = Option<RunOptions.RuntimeWord>.word(
    "--runtime", help: "threads, processes or virtual for all runs (what FILE says)")
  private static let jobs = Option.number(
    "--jobs", "N", in: 1...1024,
    help: "how many runs at once (8 if nearly idle, else one per processor)")
  private static let list = Option.flag(
    "--list", help: "print the runs with their commands; run none")
  private static let only = Option<ClosedRange<Int>>(
    "--only", "K", help: "run K alone, or K...L", expected: "a run's number, or two: 3 or 3...7"
  ) { runRange($0) }
  private static let shard = Option<Shard>(
    "--shard", "I/N", help: "run only part I of N, counted from 1: consecutive runs",
    expected: "which part of how many: 2/4"
  ) { Shard($0) }
  private static let resume = Option.flag(
    "--resume", help: "go on with the sweep in DIR: finished runs are left as they are")
  private static let keepGoing = Option.flag(
    "--keep-going", help: "go on with the other runs when one fails")
  private static let quiet = Option.flag("--quiet", help: "print the sweep's directory only")
  private static let json = Option.flag("--json", help: "print the results as JSON")

  static let command = Command(
    name: "scalemodel sweep", summary: "Run every combination of an experiment file.",
    argumentsUsage: "FILE", argumentCount: 1...1,
    details: """
      FILE says which options are fixed and which vary; experiments/README.md explains it. Each run
      has a directory of its own in DIR, named for its number and parameters.
      After Ctrl-C, a full disk or a failed run, the same call with --resume continues: it repeats
      the runs that did not finish or have lost files. It also begins a new sweep, and accepts a
      FILE with more repetitions or values; finished runs stay as they are.
      Several hosts may each run a part: copy their directories together afterwards. Without --shard
      and --only, task k of a Slurm array 0-N or 1-N runs that part; any other array is refused,
      because it may be incomplete: use --shard. At the end, clock jumps, drift and queues of each
      configuration are printed, and the tick-rate error of every wall-time machine. A run whose
      'until' did not hold in any snapshot is kept and counted in a warning.
      """,
    example: """
      scalemodel sweep experiments/02-fixed-triples.json --list
      scalemodel sweep experiments/02-fixed-triples.json --runtime virtual
      analyze sweeps/02-fixed-triples --output tables
      """,
    argumentHint: .files,
    options: [
      output.shape, runtime.shape, jobs.shape, list.shape, only.shape, shard.shape, resume.shape,
      keepGoing.shape, quiet.shape, json.shape,
    ])

  let console: Console
  private let plan: SweepPlan
  private let part: SweepPart
  private let jobCount: Int
  private let isListed: Bool
  private let isResumed: Bool
  private let keepsGoing: Bool
  private let isQuiet: Bool
  private let isJSON: Bool

  /// Reads the words of a call, and the experiment file with them.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    let file = words.arguments[0]
    let outputPath =
      try words.value(of: Self.output) ?? "sweeps/\(Experiment.name(of: file))"
    isResumed = words.has(Self.resume)
    plan = try SweepPlan(
      file: file, directory: SweepDirectory(path: RunOptions.withoutTrailingSlashes(outputPath)),
      runtime: try words.value(of: Self.runtime)?.rawValue, isResumed: isResumed)
    part = try SweepPart(
      of: plan.experiment, only: try words.value(of: Self.only),
      shard: try words.value(of: Self.shard))
    jobCount = try words.value(of: Self.jobs) ?? plan.jobCountDefault(of: part)
    isListed = words.has(Self.list)
    if isListed && words.has(Self.json) {
      throw UsageError.contradiction(
        "--json prints results, and --list runs nothing; leave one of them out")
    }
    keepsGoing = words.has(Self.keepGoing)
    isQuiet = words.has(Self.quiet)
    isJSON = words.has(Self.json)
  }

  /// Lists the runs, or carries them out and reports the results.
  func run() throws -> ExitCode {
    if let reason = part.reason { console.note("\(console.tool): \(reason)") }
    if let warning = plan.experiment.seedWarning { console.warn(warning) }
    if isListed {
      try console.print(SweepList(plan: plan, part: part).text)
      return .done
    }
    let interrupts = try RunOutput.interruptDescriptor()
    let folder = try SweepFolder(plan, part: part, isResumed: isResumed)
    let display = RunDisplay(console: console, isQuiet: isQuiet)
    let execution = try SweepExecution(
      plan: plan, part: part, folder: folder, jobCount: jobCount, keepsGoing: keepsGoing,
      interrupts: interrupts, display: display)
    let outcome = try execution.run()
    let summary = SweepSummary(
      plan: plan, part: part, outcome: outcome, jobCount: jobCount, isQuiet: isQuiet,
      isJSON: isJSON)
    return try summary.tell(on: console) { interrupts.waitUntilReadable(milliseconds: 0) }
  }

  private static func runRange(_ word: String) -> ClosedRange<Int>? {
    let dots = word.firstRange(of: "...")
    guard let low = Int(dots.map { word[..<$0.lowerBound] } ?? word[...]),
      let high = dots.map({ Int(word[$0.upperBound...]) }) ?? low, 1 <= low, low <= high
    else { return nil }
    return low...high
  }
}
