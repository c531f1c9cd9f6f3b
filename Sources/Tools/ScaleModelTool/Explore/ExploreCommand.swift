import CommandLineKit
import Exploration
import RunRecord
import ScaleModel
import SystemCalls

/// `scalemodel explore`: tries every order of what machines and channels can do.
struct ExploreCommand {
  static let command = Command(
    name: "scalemodel explore",
    summary: "Try every interleaving of an algorithm; show a shortest counterexample.",
    details: """
      Any machine may carry out its next instruction, with each outcome of its random draws; any
      channel may deliver what is first in it, or anything with --order none; and as often as
      --losses, --crashes and --snapshots say, something is lost, a machine crashes or begins a
      snapshot. The search is breadth first, so no counterexample is shorter, and its counts are
      the same for any number of threads; once something is violated, they may differ.
      Checked are the workload's invariants, that nothing is left that waits in vain (deadlock, if
      the workload says what waits), and that each complete snapshot is the state at its cut. States
      beyond --events-per-machine and --clock-max are checked, and nothing follows them. Readings
      count as part of a state only where the workload uses them, or an option does.
      The verdict is 'holds' for all states there are, 'bounded' for those within the bounds and
      the memory, or 'violated', with exit code 1 and a run directory in which the
      counterexample is told in schedule.txt; 'analyze' reads it, and 'run --schedule' repeats it.
      --reduce leaves out orders of actions between which no condition can tell: the verdict is the
      same, the states fewer. It needs conditions on the fields of states alone, and neither
      snapshots nor crashes.
      --random carries out schedules that are drawn instead, for worlds too large to exhaust; what
      it finds is not a shortest, and --shrink makes it small.
      --eventually looks for a run in which a condition never holds though every machine ticks, and
      every channel that holds something delivers, again and again; draws may come out alike for
      ever. Its counterexample ends in actions that repeat.
      \(WorkloadOptions.notes)
      """,
    example: """
      scalemodel explore --workload mutex-lamport --machines 2 --clock-max 8
      scalemodel explore --order none --snapshots 1 --events-per-machine 2
      scalemodel explore --random --shrink --snapshots 2 --order none
      scalemodel explore --workload token-ring --eventually 'holds(2)'
      """,
    options: ExploreOptions.shapes)

  let console: Console
  let options: ExploreOptions

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    options = try ExploreOptions(words)
  }

  /// Explores, and prints the verdict.
  func run() throws -> ExitCode {
    let interrupts = try RunOutput.interruptDescriptor()
    let model = try options.model()
    var search = try search(model)
    let start = SystemClock.monotonicNanoseconds
    let isWhole = explore(&search, interrupts, since: start)
    if case .undefined(let condition, let reason)? = search.violated {
      let way = search.schedule.map { "after \(counted($0.lines.count, "action"))" }
      throw ToolFailure(
        .malformedInput,
        "\(condition) has no value \(way ?? "in some state"): \(reason); choose a condition with "
          + "smaller numbers by --check")
    }
    var report = ExploreReport(
      search, reduces: options.settings.reduces, isToldByHistory: model.isToldByHistory,
      seconds: Double(SystemClock.monotonicNanoseconds - start) / 1e9)
    if let schedule = search.schedule { try write(schedule, &report, interrupts) }
    try report.print(on: console, isQuiet: options.isQuiet, isJSON: options.isJSON)
    return report.verdict == .violated ? .failed : isWhole ? .done : .interrupted
  }

  private func search(_ model: PlanModel) throws -> any PlanSearch {
    let limits = options.limits
    switch options.method {
    case .all: return PlanExplorer(model, limits: limits)
    case .eventually(let name, let condition):
      return PlanLiveness(model, limits: limits, eventually: name, condition)
    case .random(let count, let shrinks):
      return PlanSwarm(model, limits: limits, seedCount: count, shrinks: shrinks)
    case .schedule(let schedule, let shrinks):
      do throws(ScheduleError) {
        _ = try schedule.carryOut(model)
      } catch {
        throw ToolFailure(.malformedInput, "the schedule, \(error)")
      }
      return PlanSwarm(model, limits: limits, seedCount: 0, given: schedule, shrinks: shrinks)
    }
  }

  /// Explores until there is no more to find, or the user ends it.
  ///
  /// - Returns: Whether the user has not ended it.
  private func explore(
    _ explorer: inout any PlanSearch, _ interrupts: Descriptor, since start: Int64
  ) -> Bool {
    let team = ThreadTeam(memberCount: options.threadCount)
    let display = RunDisplay(console: console, isQuiet: options.isQuiet, waits: true)
    defer { display.wipe() }
    var nextTime = start + 300_000_000
    while explorer.advance(
      threadCount: team.memberCount,
      perform: { body in team.forEach(below: team.memberCount) { number, _ in body(number) } })
    {
      if interrupts.waitUntilReadable(milliseconds: 0) { explorer.stop(because: .interrupt) }
      // What the search counts is an estimate; the system knows what is held. Some is left over for
      // the end, and for what is held between two looks.
      let bound = options.limits.byteCountMax
      if let held = MemoryNeed.heldByteCount,
        held + explorer.progress.growthByteCount > bound - bound / 64
      {
        explorer.stop(because: .memory)
      }
      let now = SystemClock.monotonicNanoseconds
      guard now >= nextTime else { continue }
      nextTime = now + 200_000_000
      let progress = explorer.progress
      let rate = Double(progress.distinctCount) * 1e9 / Double(now - start)
      display.draw(
        fraction: 1 - Double(progress.queueCount) / Double(max(1, progress.distinctCount)),
        text: "states \(progress.distinctCount)  depth \(progress.depth)"
          + "  queue \(progress.queueCount)  \(Int(rate)) states/s"
          + "  \(MemoryShortage.text(Double(progress.byteCount)))")
    }
    return !explorer.bounds.contains(.interrupt)
  }

  /// Writes a counterexample as a run directory.
  private func write(
    _ schedule: Schedule, _ report: inout ExploreReport, _ interrupts: Descriptor
  ) throws {
    let run = try options.run(of: schedule)
    let output = try RunOutput(
      console: console, path: run.outputPath, replaces: run.replacesOutput,
      suffix: "explore-\(run.plan.workload.name)")
    let display = RunDisplay(console: console, isQuiet: true)
    var manifest = RunCommand.manifest(of: run)
    manifest.property = report.property
    let outcome = try output.carryOut(&manifest) { _ in
      try VirtualExecution(
        display: display, options: run, hold: output.hold, interrupts: interrupts
      ).run()
    }
    let path = output.directory.path + "/schedule.txt"
    report.counterexample = output.directory.path
    report.story = outcome.interventions?.suffix(schedule.lines.count) ?? []
    report.replay = ShellWords.text([Installation.name] + options.replay(path))
    do throws(SystemError) {
      let file = try AtomicFile(path)
      file.append(Array((outcome.interventions ?? []).map { $0 + "\n" }.joined().utf8))
      try file.finish()
    } catch {
      throw ToolFailure(refusedOutput: error, advice: "choose another directory with --output")
    }
  }
}
