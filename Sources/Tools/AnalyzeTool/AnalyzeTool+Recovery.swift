import Analysis
import CommandLineKit
import Pictures
import RunRecord
import ScaleModel
import TextFormats

/// `analyze RUN --recovery-line`: which checkpoints a run goes back to after a crash.
extension AnalyzeTool {
  static let recoveryLine = Option.flag(
    "--recovery-line", help: "the latest consistent checkpoints, and how far machines go back")
  static let crash = Option<Crash>(
    "--crash", "TIME[@ID]",
    help: "with --recovery-line: when all machines crash, or machine ID alone (at the end)",
    expected: "a time and, perhaps, a machine's id: 20s or 20s@1"
  ) { Crash($0) }
  static let recoveryDetails = """
    Recovery: --recovery-line prints a row per machine. Its columns: the checkpoints that the
    machine had recorded before the crash ('snapshot' lines of its journal), the one it goes back to
    (empty: its start; without time_s it goes on as it is), how long that is before the crash, and
    what is undone. A machine that has received what was never sent goes back as well, which can
    make others go back: the domino effect. Messages sent before the line and not received before
    it have to be sent again. --output DIR gets recovery-line.csv and the picture
    recovery-line.svg; of several runs it gets the table only.
    """

  /// What `--json` prints of a run.
  private struct RecoveryReport: Encodable {
    let run: String
    let crashed: Int?
    let crash: Double
    let rollback: Double
    let steps: Int
    let machines: [RecoveryRow]

    enum CodingKeys: String, CodingKey {
      case run, crashed, steps, machines
      case crash = "crash_s"
      case rollback = "rollback_s"
    }

    init(_ recovery: RunRecovery) {
      (run, crashed, steps) = (
        recovery.run, recovery.crashed?.index, recovery.line.steps.count
      )
      (crash, rollback) = (Double(recovery.crashTime) / 1e9, Double(recovery.rollback) / 1e9)
      machines = recovery.rows
    }
  }

  /// Refuses options that do not go with `--recovery-line`, and a crash without it.
  static func checkRecovery(_ parsed: ParsedWords) throws(UsageError) {
    guard parsed.has(recoveryLine) else {
      if !parsed.has(crash) { return }
      throw .contradiction("--crash is for --recovery-line; add that")
    }
    let companions = [recoveryLine.name, crash.name, output.name, json.name, quiet.name]
    if let other = shapes.first(where: {
      parsed.has(named: $0.name) && !companions.contains($0.name)
    }) {
      throw .contradiction(
        "--recovery-line and \(other.name) need a call each; leave one of them out")
    }
  }

  /// Refuses a crash that a run cannot have.
  private func check(_ crash: Crash, in run: StoredRun) throws(UsageError) {
    if let machine = crash.machine, machine.index >= run.machineCount {
      throw .contradiction(
        "--crash: '\(run.name)' has no machine \(machine); take one from 0 to "
          + "\(run.machineCount - 1)")
    }
    let duration = TimeSpan(nanoseconds: run.manifest.durationNs)
    if let time = crash.time, time > duration {
      throw .contradiction(
        "--crash \(time) is not within the \(duration) of '\(run.name)'; take an earlier time")
    }
  }

  /// Finds the recovery line of each run.
  func recover(_ parsed: ParsedWords, _ request: AnalyzeRequest) throws -> ExitCode {
    let crash = try parsed.value(of: Self.crash) ?? Crash()
    var recoveries: [RunRecovery] = []
    var leftOut: [LeftOutRun] = []
    let runs = try runs(at: request.paths)
    for found in runs {
      do {
        let run = try found.open()
        try check(crash, in: run)
        recoveries.append(try RunRecovery(of: run, after: crash))
      } catch let error as RunRecordError {
        guard runs.count > 1 else { throw Self.failure(of: error, given: request.paths) }
        leftOut.add(found.name, because: error, warningOn: console)
      }
    }
    let rows = recoveries.flatMap(\.rows)
    var files: [String] = []
    if let folder = request.outputPath {
      var texts = [("\(folder)/recovery-line.csv", Array(RecoveryRow.csv(rows).utf8))]
      if let only = recoveries.first, recoveries.count == 1 {
        let picture = RecoveryDrawing(only).svg(id: "recovery-line")
        texts.append(("\(folder)/\(RecoveryDrawing.fileName)", Array(picture.utf8)))
      }
      files = try OutputFiles.write(texts, in: folder, advice: OutputFiles.advice)
    }
    if request.printsJSON {
      try console.print(json: JSONText.encode(recoveries.map(RecoveryReport.init)))
    } else if !files.isEmpty {
      if !request.isQuiet { try console.print(lines: files.map { ShownText.escaped($0) }) }
    } else if console.isReadByPerson {
      try console.print(FigureTable(rows, names: [.run, .checkpoint]).text)
    } else {
      try console.print(RecoveryRow.csv(rows))
    }
    return exitCode(ofProblems: [leftOut.problem])
  }
}
