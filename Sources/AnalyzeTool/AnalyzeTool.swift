import Analysis
import CommandLineKit
import RunRecord
import SystemCalls

/// `analyze`: measures and checks finished runs.
struct AnalyzeTool {
  static let output = Option.text(
    "--output", "DIR", help: "write machines, jumps, timeline, channels and snapshots there, as CSV"
  )
  static let check = Option.flag(
    "--check", help: "print a verdict per run and check; exit 1 when one fails")
  static let json = Option.flag(
    "--json", help: "print the tables of machines and snapshots, and verdicts, as JSON")
  static let version = Option.flag("--version", help: "print the version")

  static let command = Command(
    name: "analyze",
    summary: "Measure and check runs from their journals; prints the machine table as CSV.",
    argumentsUsage: "RUN…", argumentCount: 0...Int.max,
    details: """
      A RUN is a run directory (runs/latest), or a directory of them, which counts as all the runs
      in it. Several runs go into one table, told apart by its column 'run'.
      The checks: clock (every reading is what Lamport's rules give), delivery (each channel's
      receipts are a prefix of its sends), pace (no tick is skipped), cut (each complete snapshot is
      a consistent cut), channels (its inboxes and channels hold exactly the messages that cross the
      cut), money (a bank's accounts and the money on its way add up, at every event and in every
      snapshot), manifest (it says what the journals say, and every snapshot it lists is there). A
      check that had nothing to look at says 'vacuous'.

      """ + ExportRequest.details,
    example: """
      analyze runs/latest
      analyze runs --check
      analyze runs/latest --output tables
      analyze runs/latest --report
      analyze runs/latest --export perfetto --export shiviz --to 20s
      """,
    options: [
      output.shape, check.shape, json.shape, PictureFiles.report.shape, PictureFiles.figures.shape,
      ExportRequest.export.shape,
      WindowOptions.from.shape, WindowOptions.to.shape, version.shape,
    ])

  let console: Console

  /// Carries out a call.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  /// - Returns: The exit code.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func run(_ words: [String]) throws -> ExitCode {
    let parsed = try Self.command.parse(words)
    if parsed.wantsHelp {
      try console.print(Self.command.helpText)
      return .done
    }
    if parsed.has(Self.version) {
      try console.print("analyze \(ProgramVersion.current)\n")
      return .done
    }
    return try analyze(try AnalyzeRequest(parsed))
  }

  private func analyze(_ request: AnalyzeRequest) throws -> ExitCode {
    let paths = request.paths
    let runs = try reading(paths) { () throws(RunRecordError) in try RunDirectory.runs(at: paths) }
    let exports = try request.exports?.open(in: request.outputPath, for: runs)
    let tables = try request.outputPath.map(openTables)
    var findings: [RunFindings] = []
    var pictures: [String] = []
    for (directory, name) in zip(runs, RunDirectory.distinctNames(of: runs)) {
      let ownTables =
        request.pictures.wantsReport && tables == nil
        ? try openTables(in: directory.path + "/analysis") : nil
      let (run, found) = try reading(paths) { () throws(RunRecordError) in
        let run = try RecordedRun(directory, name: name)
        let found = try RunFindings(
          of: run,
          RunFindings.Wishes(
            checks: request.checks || request.pictures.wantsReport,
            snapshots: request.printsJSON, tables: tables ?? ownTables))
        try exports?.add(run)
        return (run, found)
      }
      if let refusal = exports?.refusal { throw UsageError.contradiction(refusal) }
      for warning in found.warnings { console.warn(warning) }
      findings.append(found)
      if request.pictures.isWished {
        let drawn = try reading(paths) { () throws(RunRecordError) in
          try request.pictures.draw(run, found)
        }
        let place = request.pictures.directory(of: run, isOneOfSeveral: runs.count > 1)
        pictures += try finish(ownTables?.end() ?? []) + request.pictures.write(drawn, in: place)
      }
    }
    for warning in exports?.warnings ?? [] { console.warn(warning) }
    let files = try finish((tables?.end() ?? []) + (exports?.end() ?? [])) + pictures
    if request.printsJSON {
      let report = AnalysisReport(findings, checks: request.checks, files: files)
      try console.print(JSONText.encode(report) + "\n")
    } else {
      if request.checks { try printVerdicts(of: findings) }
      try console.print(files.map { $0 + "\n" }.joined())
      if !request.checks && files.isEmpty {
        try console.print(MachineTable.csv(findings.flatMap(\.machines)))
      }
    }
    return exitCode(of: findings)
  }

  private func printVerdicts(of findings: [RunFindings]) throws {
    for found in findings {
      for (check, verdict) in found.verdicts {
        try console.print("\(found.name): \(check): \(verdict)\n")
      }
    }
  }

  /// 1 when a check failed, after saying so on standard error.
  private func exitCode(of findings: [RunFindings]) -> ExitCode {
    let failed = findings.flatMap { found in
      found.verdicts.filter(\.verdict.isFailed).map { "\(found.name): \($0.check)" }
    }
    guard let first = failed.first else { return .done }
    console.fail(
      failed.count == 1
        ? "a check failed (\(first)); its verdict names the place"
        : "\(failed.count) checks failed (the first: \(first)); their verdicts name the places")
    return .failed
  }

  private func openTables(in directory: String) throws -> TableFiles {
    do throws(SystemError) {
      try FileSystem.makeDirectory(directory)
      return try TableFiles { name throws(SystemError) in
        try WholeFile(directory + "/" + name)
      }
    } catch {
      throw ToolFailure(
        .cannotCreate,
        "cannot create '\(error.subject)': \(error.reason); choose another --output")
    }
  }

  /// Gives the files their names; returns their paths.
  private func finish(_ files: [WholeFile]) throws -> [String] {
    do throws(SystemError) {
      return try files.map { file throws(SystemError) in
        try file.finish()
        return file.path
      }
    } catch {
      throw ToolFailure(
        .inputOutput,
        "cannot write '\(error.subject)': \(error.reason); make room, or choose another --output")
    }
  }

  /// Turns what is wrong with an input into what the tool says and its exit code.
  private func reading<Result>(
    _ paths: [String], _ body: () throws(RunRecordError) -> Result
  ) throws(ToolFailure) -> Result {
    do throws(RunRecordError) {
      return try body()
    } catch {
      switch error {
      case .missing(let path):
        // A path that was not given is that of a file inside a run.
        let isGiven = paths.contains(path)
        throw ToolFailure(
          .noInput,
          isGiven
            ? "\(error); give the path of a run, such as runs/latest"
            : "\(error), so the run is not whole; bring the file back or leave the run out")
      case .notARun, .noJournals:
        throw ToolFailure(.noInput, "\(error)")
      case .malformed:
        throw ToolFailure(.malformedInput, "\(error); mend the file or leave the run out")
      case .unreadable:
        throw ToolFailure(.inputOutput, "\(error); mend that or leave the run out")
      }
    }
  }
}
