import Analysis
import CommandLineKit
import RunRecord
import TextFormats

/// `analyze`: measures and checks finished runs.
package struct AnalyzeTool {
  static let output = Option.text(
    "--output", "DIR",
    help: "write machines, jumps, timeline, channels, snapshots, pacing, runs, measures there")
  static let check = Option.flag(
    "--check", help: "print a verdict per run and check; exit 1 if one fails")
  static let json = Option.flag(
    "--json", help: "print the tables of machines and snapshots, and verdicts, as JSON")
  static let quiet = Option.flag(
    "--quiet", help: "print no paths, no warnings, and of verdicts only those that FAILED")
  /// The run of a call that names none: the newest.
  static let defaultRun = "runs/latest"

  static let tool = Tool(command)

  /// The tool, which is one command.
  package static let command = Command(
    name: "analyze",
    summary: "Measure and check runs from their journals; print the machine table.",
    argumentsUsage: "[RUN…]", argumentCount: 0...Int.max,
    details: """
      A RUN is a run directory (without any, runs/latest), or a directory of them, which counts as
      all the runs in it. On a terminal the machine table has the columns that fit; into a pipe or a
      file it has all, as CSV. Several runs go into one table, told apart by its column 'run'.
      The directories of a run on several hosts, one for each machine, count as one run: give all of
      them.
      The checks: clock (every reading is what Lamport's rules give), delivery (each channel's
      receipts are a prefix of its sends), pace (no tick is skipped), cut (each complete snapshot is
      a consistent cut), channels (its inboxes and channels hold exactly the messages that cross the
      cut), money (a bank's accounts and the money on its way add up, at every event and in every
      snapshot), invariants (what a workload claims of its states holds after every event and in
      every complete snapshot; only for workloads that claim something), hybrid (hybrid clocks
      keep their bounds; only where physical clocks differ), manifest (it says what the journals
      say, and every snapshot it lists is there). The verdict 'vacuous' means that there was
      nothing to check.
      A damaged run among several is left out with a warning, and the exit code is 1.
      --from and --to choose a window of every run: --from 10s leaves a warm-up out. Tables of a
      window have two more columns, from_s and to_s (empty for the run's end). Figures count the
      window's events, --to excluded, and jumps between two of them; drift is against
      the largest reading of any machine so far. Final values, 'undelivered' and predictions are
      those at the window's end, snapshots those requested in it. Checks are of whole runs.
      runs.csv groups finished runs by everything but their seed, with a row per machine; if the
      plan draws its rates, the column rates is empty, and the rows go from the slowest machine to
      the fastest. A row gives each figure's mean, standard deviation (sd) and 95 % interval by
      Student's t (low, high), with what the fluid model predicts. --against compares such
      means by Welch's interval. pacing.csv has the overlapping Allan deviation (adev) of
      tick times over averaging times tau_s. A classic algorithm also has measures.csv: what it
      costs (messages for each entry, waiting time) and what its law predicts.

      """ + questionDetails + "\n\n" + clockDetails + "\n\n" + recoveryDetails + "\n\n"
        + ExportRequest.details + "\n\n"
        + ImportRequest.details,
    example: """
      analyze runs/latest
      analyze runs --check
      analyze runs/latest --output tables
      analyze runs/latest --report
      analyze runs/a-* --against runs/b-*
      analyze sweeps/02-fixed-triples --notebook notebook/02-fixed-triples.md
      analyze runs/latest --possibly 'sum(balance) < 500'
      analyze runs/latest --clocks
      analyze runs/latest --recovery-line --crash 20s
      analyze runs/latest --export perfetto --export shiviz --to 20s
      analyze --propose group7/*.csv > map.json
      analyze --import map.json group7/*.csv --check
      """,
    argumentHint: .files,
    options: shapes + Tool.options)

  /// The options of its own, in the order of the help.
  static let shapes = [
    output.shape, check.shape, json.shape, quiet.shape, against.shape, notebook.shape,
    possibly.shape, definitely.shape, lattice.shape, clocks.shape, offsetMax.shape,
    recoveryLine.shape, crash.shape,
    PictureFiles.report.shape, PictureFiles.figures.shape, ExportRequest.export.shape,
    WindowOptions.from.shape, WindowOptions.to.shape, ImportRequest.map.shape, propose.shape,
  ]

  private(set) var console: Console

  /// Runs the tool, and ends the process.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  package static func main(_ words: [String]) -> Never {
    let console = Console(tool: command.name)
    console.run {
      var tool = AnalyzeTool(console: console)
      return try tool.run(words)
    }
  }

  /// Carries out a call.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  /// - Returns: The exit code.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  mutating func run(_ words: [String]) throws -> ExitCode {
    let parsed = try Self.command.parse(words)
    console.isQuiet = parsed.has(Self.quiet)
    if let text = try Self.tool.text(askedBy: parsed) {
      try console.print(text)
      return .done
    }
    if parsed.has(Self.propose) { return try proposeMap(parsed) }
    try Self.checkRecovery(parsed)
    let request = try AnalyzeRequest(parsed)
    if parsed.has(Self.recoveryLine) { return try recover(parsed, request) }
    if !request.questions.isEmpty {
      let code = try ask(request)
      guard request.pictures.wantsReport else { return code }
      let reportCode = try analyze(request)
      return code == .done ? reportCode : code
    }
    if let note = request.windowNote { console.note("\(console.tool): \(note)") }
    let others = try parsed.allValues(of: Self.against)
    if !others.isEmpty { return try compare(request, against: others) }
    if let page = try parsed.value(of: Self.notebook) {
      return try writeNotebook(request, page: page)
    }
    return try analyze(request)
  }

  private func analyze(_ request: AnalyzeRequest) throws -> ExitCode {
    let output =
      try request.mapPath.map { try analyzeLogs(request, mapPath: $0) }
      ?? analyzeRuns(request)
    let files = try output.end()
    let findings = output.findings
    if request.printsJSON {
      let report = AnalysisReport(
        findings, checks: request.checks, files: files, leftOut: output.leftOut,
        window: request.measuredWindow)
      try console.print(json: JSONText.encode(report))
    } else {
      try console.print(text(of: findings, files, request))
    }
    return exitCode(of: findings, leftOut: output.leftOut)
  }

  private func analyzeRuns(_ request: AnalyzeRequest) throws -> AnalysisOutput {
    let runs = try runs(at: request.paths)
    var output = try AnalysisOutput(request, of: runs.map(\.run.directory), console: console)
    for run in runs {
      do {
        try output.add(run)
      } catch let error as RunRecordError {
        throw Self.failure(of: error, given: request.paths)
      }
    }
    if output.findings.isEmpty, let first = output.leftOut.first {
      throw Self.failure(of: first.error, given: request.paths)
    }
    return output
  }

  private func analyzeLogs(_ request: AnalyzeRequest, mapPath: String) throws -> AnalysisOutput {
    let imports = try ImportRequest(mapPath: mapPath, arguments: request.paths)
    for warning in imports.warnings { console.warn(warning) }
    var output: AnalysisOutput?
    for selected in imports.runs {
      let logs = try ImportedRun(selected, imports)
      defer { logs.discard() }
      tell(of: logs, isOneOfSeveral: imports.runs.count > 1, wantsVerdicts: request.checks)
      try check(request.window, of: logs)
      // Nothing is opened before the first run is read.
      var open =
        try output
        ?? AnalysisOutput(
          request, of: [], importedCount: imports.runs.count, console: console)
      do {
        try open.add(logs.run, located: logs.located)
      } catch let error as RunRecordError {
        throw Self.failure(of: error, given: request.paths)
      }
      output = open
    }
    return try output ?? AnalysisOutput(request, of: [], console: console)
  }

  /// Refuses a time window for logs without times.
  func check(_ window: TimeWindow, of logs: ImportedRun) throws(UsageError) {
    guard !window.isWhole, logs.run.lacks(.time) else { return }
    throw .contradiction(
      "--from and --to choose by time, and \(Manifest.Lack.time.sentence); leave them out")
  }

  /// Measures one run of several, and prints the warnings of a time window.
  ///
  /// - Throws: ``RunRecordError`` when the run is damaged.
  func findings(
    of run: StoredRun, _ options: RunFindings.Options
  ) throws(RunRecordError) -> RunFindings {
    let found = try RunFindings(of: run, options)
    if let shortage = found.shortage { throw shortage }
    if !options.window.isWhole {
      for warning in found.warnings { console.warn(warning) }
    }
    return found
  }

  /// Reports how logs were understood, and what may be wrong with them.
  func tell(of logs: ImportedRun, isOneOfSeveral: Bool, wantsVerdicts: Bool) {
    let run = isOneOfSeveral ? "\(logs.run.name): " : ""
    for note in logs.notes { console.note(run + note) }
    for warning in logs.warnings { console.warn(run + warning) }
    if !wantsVerdicts {
      for contradiction in logs.contradictions { console.warn(run + contradiction) }
    }
  }

  /// The printed text: verdicts, paths with the address of each report last, or the machine table.
  private func text(
    of findings: [RunFindings], _ files: [String], _ request: AnalyzeRequest
  ) -> String {
    var text = request.checks ? VerdictLines(findings, isQuiet: request.isQuiet).text : ""
    if !request.isQuiet {
      let reports = files.filter { $0.hasSuffix("/" + PictureFiles.reportName) }
      text += (files + reports.map(OutputFiles.link)).map { ShownText.escaped($0) + "\n" }.joined()
    }
    guard !request.checks && files.isEmpty else { return text }
    if request.clocks { return clockText(of: findings, request) }
    let rows = findings.flatMap(\.machines)
    guard console.isReadByPerson else { return MachineRow.csv(rows, of: request.window) }
    let measures = FigureTable(findings.flatMap(\.measures), names: [.run, .measure]).text
    return TerminalTable(rows).text + (measures.isEmpty ? "" : "\n" + measures)
      + (request.window.isWhole ? "" : "only events \(request.window.words)\n")
  }

  /// 1 after an error line when a check failed or a run was left out; 0 otherwise.
  private func exitCode(of findings: [RunFindings], leftOut: [LeftOutRun]) -> ExitCode {
    let failed = findings.flatMap { found in
      found.verdicts.filter(\.verdict.isFailed).map { "\(found.name): \($0.check)" }
    }
    let failure = failed.first.map { first in
      failed.count == 1
        ? "a check failed (\(first)); its verdict names the place"
        : "\(failed.count) checks failed (the first: \(first)); their verdicts name the places"
    }
    return exitCode(ofProblems: [failure, leftOut.problem])
  }

  /// 1 after one error line with all problems; 0 without any.
  func exitCode(ofProblems problems: [String?]) -> ExitCode {
    let problems = problems.compactMap { $0 }
    if problems.isEmpty { return .done }
    console.fail(problems.joined(separator: "; "))
    return .failed
  }

  /// The runs at the given paths; parts on several hosts are one run.
  func runs(at paths: [String]) throws(ToolFailure) -> [FoundRun] {
    let runs = try reading(paths) { () throws(RunRecordError) in
      MultiHostRun.gather(try RunDirectory.runs(at: paths))
    }
    let names = RunDirectory.distinctNames(of: runs.map(\.run.directory))
    return zip(runs, names).map { FoundRun(run: $0.run, name: $1, problem: $0.problem) }
  }

  /// Converts a read error of an input into the tool's failure.
  func reading<Result>(
    _ paths: [String], _ body: () throws(RunRecordError) -> Result
  ) throws(ToolFailure) -> Result {
    do throws(RunRecordError) {
      return try body()
    } catch {
      throw Self.failure(of: error, given: paths)
    }
  }

  /// The tool's failure for an input that cannot be read, with its exit code.
  static func failure(of error: RunRecordError, given paths: [String]) -> ToolFailure {
    switch error {
    case .missing(let path):
      // A path that was not given is that of a file inside a run.
      let isGiven = paths.contains(path)
      return ToolFailure(
        .noInput,
        isGiven
          ? "\(error); give the path of a run, such as runs/latest"
          : "\(error), so the run is not whole; bring the file back or leave the run out")
    case .notARun, .noJournals, .neverBegan, .missingParts, .doubledPart:
      return ToolFailure(.noInput, "\(error)")
    case .malformed:
      return ToolFailure(.malformedInput, "\(error); correct the file or leave the run out")
    case .tooLarge:
      return ToolFailure(.inputOutput, "\(error); raise the limit, or leave the run out")
    case .unreadable:
      return ToolFailure(.inputOutput, "\(error); correct that or leave the run out")
    }
  }
}
