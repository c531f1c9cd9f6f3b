import CommandLineKit
import Experiments
import SystemCalls

/// `scalemodel sweep`: carries out every run of an experiment file.
struct SweepCommand {
  private static let output = Option.text(
    "--output", "DIR", help: "the sweep's directory (sweeps/<name of FILE>)")
  private static let runtime = Option<RunOptions.RuntimeWord>(
    "--runtime", "WORD", help: "threads, processes or virtual for all runs (what FILE says)",
    expected: "threads, processes or virtual"
  ) { RunOptions.RuntimeWord(rawValue: $0) }
  private static let jobs = Option.number(
    "--jobs", "N", in: 1...1024,
    help: "how many runs at once (8 where they are nearly idle, else one a processor)")
  private static let list = Option.flag(
    "--list", help: "print the runs with their commands, carry out none")
  private static let only = Option<ClosedRange<Int>>(
    "--only", "K", help: "run K alone, or K...L", expected: "a run's number, or two: 3 or 3...7"
  ) { runRange($0) }
  private static let shard = Option<Shard>(
    "--shard", "I/N", help: "part I of N alone: a block of consecutive runs, counted from 1",
    expected: "which part of how many: 2/4"
  ) { Shard($0) }
  private static let resume = Option.flag(
    "--resume", help: "go on with the sweep in DIR: finished runs are left as they are")
  private static let keepGoing = Option.flag(
    "--keep-going", help: "go on with the other runs when one fails")
  private static let quiet = Option.flag("--quiet", help: "print the sweep's directory only")
  private static let json = Option.flag("--json", help: "print what came of it as JSON")

  static let command = Command(
    name: "scalemodel sweep", summary: "Carry out every run of an experiment file.",
    argumentsUsage: "FILE", argumentCount: 1...1,
    details: """
      FILE says which options are fixed and which vary; experiments/README.md explains it. Each run
      has a directory of its own in DIR, named for its number and parameters.
      Ctrl-C, a full disk, a failed run: the same call with --resume goes on, and does again what
      did not finish or lost files since. It begins a sweep that is not there yet, and takes in a
      FILE with more repetitions or values: runs that are there stay as they are.
      Parts may be done on several hosts: copy their directories together. Without --shard and
      --only, task k of a Slurm array 0-N or 1-N does that part; any other array is refused, for it
      may be a part of one: say --shard. At the end, clock jumps, drift and queues of each
      configuration are printed, and the tick-rate error of every wall-time machine.
      """,
    example: """
      scalemodel sweep experiments/02-fixed-triples.json --list
      scalemodel sweep experiments/02-fixed-triples.json --runtime virtual
      analyze sweeps/02-fixed-triples --output tables
      """,
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
        "--json tells what came of runs, and --list carries out none; leave one of them out")
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
