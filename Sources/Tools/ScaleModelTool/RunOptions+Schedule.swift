import CommandLineKit
import Exploration
import RunRecord
import ScaleModel
import TextFormats
import VirtualTime

/// The option `--schedule`.
extension RunOptions {
  static let scheduleFile = Option.text(
    "--schedule", "FILE", help: "virtual: carry out these actions, in this order, see above",
    hint: ValueHint(paths: .files))

  /// The options that say when something happens, which a schedule does.
  private static let timed = [
    ticks.name, rates.name, duration.name, delay.name, phases.name, ticksBy.name, snapshotAt.name,
    snapshotEvery.name, snapshotSpread.name, checkpoints.name, snapshotCost.name, until.name,
    from.name, kill.name, pause.name, partition.name, lose.name, tell.name, checkDeterminism.name,
    jobs.name, duplicate.name, seed.name, onFailure.name, restarts.name, page.name,
  ]

  /// The options that have no effect on a schedule: its markers are handled on arrival, and
  /// `schedule.txt` tells what each action did.
  private static let unscheduled = [markerHandling.name, WorkloadOptions.verbose.name]

  /// The word that gives a run the duration of a schedule: a second for each action, and one more.
  static func duration(of schedule: Schedule) -> String {
    "\(duration.name)=\(schedule.lines.count + 1)s"
  }

  /// Reads the words of a call with `--schedule`.
  ///
  /// - Throws: `UsageError` for words that do not go with it, `ToolFailure` for a file that is
  ///   missing or malformed.
  static func read(_ words: ParsedWords, schedule path: String) throws -> RunOptions {
    try refuseTimed(words, beside: scheduleFile.name)
    if let other = unscheduled.first(where: { words.has(named: $0) }) {
      throw UsageError.contradiction("\(other) does not go with --schedule; leave it out")
    }
    guard try words.value(of: runtime) == .virtual else {
      throw UsageError.contradiction("--schedule needs virtual time; add --runtime virtual")
    }
    let machineCount = try words.value(of: machines) ?? 3
    guard machineCount <= WorldSettings.machineCountMax else {
      throw UsageError.contradiction(
        "--schedule is for \(WorldSettings.machineCountMax) machines at most")
    }
    let schedule = try schedule(at: path)
    let rest = shapes.map(\.name).filter {
      ![machines.name, scheduleFile.name].contains($0) && words.has(named: $0)
    }
    var plain = rest.flatMap { name in
      words.texts(named: name).map { $0.isEmpty ? name : "\(name)=\($0)" }
    }
    plain.append(duration(of: schedule))
    plain.append("--rates=" + Array(repeating: "1", count: machineCount).joined(separator: ","))
    plain += ["--seed=0", "--on-failure=continue"]
    var options = try RunOptions(RunCommand.command.parse(plain))
    guard options.plan.promises.loss > 0 || schedule.lossCount == 0 else {
      throw UsageError.contradiction(
        "--schedule '\(path)' loses messages; allow it: --loss 0.5, or any other probability")
    }
    guard options.plan.snapshotAlgorithm != .synchronised else {
      throw UsageError.contradiction(
        "--schedule has no physical time at which machines record; choose another "
          + "--snapshot-algorithm")
    }
    try options.take(schedule, from: path)
    return options
  }

  /// Refuses options that say when something happens.
  static func refuseTimed(_ words: ParsedWords, beside name: String) throws(UsageError) {
    guard let timed = timed.first(where: { words.has(named: $0) }) else { return }
    throw .contradiction(
      "\(timed) does not go with \(name), which says what happens when; leave one of them out")
  }

  /// Lets the run carry out a schedule that was read from `path`.
  ///
  /// - Throws: `ToolFailure` when it was written for another plan.
  mutating func take(_ schedule: Schedule, from path: String) throws(ToolFailure) {
    do throws(ScheduleError) {
      try schedule.requirePlan(scheduleFacts)
    } catch {
      throw ToolFailure(.malformedInput, "'\(path)': \(error)")
    }
    self.schedule = schedule
  }

  /// Reads a schedule.
  ///
  /// - Throws: `ToolFailure` for a file that is missing or malformed.
  static func schedule(at path: String) throws -> Schedule {
    let text: String
    do throws(TextFile.Failure) {
      text = try TextFile(path: path).text
    } catch {
      throw ToolFailure(unreadableText: error)
    }
    return try schedule(text, from: path)
  }

  /// Reads the text of a schedule from `path`.
  static func schedule(_ text: String, from path: String) throws(ToolFailure) -> Schedule {
    do throws(ScheduleError) {
      return try Schedule(text)
    } catch {
      throw ToolFailure(.malformedInput, "'\(path)', \(error)")
    }
  }

  /// The machines that a schedule is carried out with.
  func model(of schedule: Schedule) throws -> PlanModel {
    let uses = plan.workload.uses(WorkloadOptions.catalog)
    var settings = WorldSettings(
      topology: plan.topology, usesReadings: uses.readings, usesTicks: uses.ticks)
    settings.isFIFO = plan.promises.isOrdered
    settings.drawMax = schedule.drawMax
    settings.snapshotAlgorithm = plan.snapshotAlgorithm
    settings.snapshotCountMax = schedule.snapshotCount
    return PlanModel(try erasedWorkload, settings)
  }

  /// The workload of every machine.
  var erasedWorkload: ErasedWorkload {
    get throws {
      if case .named(let choice) = plan.workload {
        return try WorkloadOptions.workload(of: choice, topology: plan.topology)
      }
      return try plan.erasedWorkload(WorkloadOptions.catalog)
    }
  }
}

extension Schedule {
  /// How many snapshots begin.
  var snapshotCount: Int {
    lines.count { if case .snapshot = $0.action { true } else { false } }
  }

  /// How many messages and markers channels lose.
  var lossCount: Int { lines.count { if case .lose = $0.action { true } else { false } } }

  /// How many machines crash.
  var crashCount: Int { lines.count { if case .crash = $0.action { true } else { false } } }
}
