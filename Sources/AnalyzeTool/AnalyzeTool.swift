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
      in it. Several runs go into one table, told apart by its column 'run'. The directories of a run
      on several hosts, one for each machine, count as one run: give all of them.
      The checks: clock (every reading is what Lamport's rules give), delivery (each channel's
      receipts are a prefix of its sends), pace (no tick is skipped), cut (each complete snapshot is
      a consistent cut), channels (its inboxes and channels hold exactly the messages that cross the
      cut), money (a bank's accounts and the money on its way add up, at every event and in every
      snapshot), manifest (it says what the journals say, and every snapshot it lists is there). A
      check that had nothing to look at says 'vacuous'.
      """,
    example: """
      analyze runs/latest
      analyze runs --check
      analyze runs/latest --output tables
      """,
    options: [output.shape, check.shape, json.shape, version.shape])

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
    guard !parsed.arguments.isEmpty else {
      throw UsageError.missingArgument(Self.command.argumentsUsage, command: Self.command.name)
    }
    return try analyze(
      parsed.arguments, outputPath: try parsed.value(of: Self.output),
      checks: parsed.has(Self.check), printsJSON: parsed.has(Self.json))
  }

  private func analyze(
    _ paths: [String], outputPath: String?, checks: Bool, printsJSON: Bool
  ) throws -> ExitCode {
    let runs = try reading(paths) { () throws(RunRecordError) in
      try WholeRun.gather(RunDirectory.runs(at: paths))
    }
    let tables = try outputPath.map(openTables)
    var findings: [RunFindings] = []
    for (run, name) in zip(runs, RunDirectory.distinctNames(of: runs.map(\.directory))) {
      let found = try reading(paths) { () throws(RunRecordError) in
        try RunFindings(
          of: RecordedRun(run, name: name),
          RunFindings.Wishes(checks: checks, snapshots: printsJSON, tables: tables))
      }
      for warning in found.warnings { console.warn(warning) }
      findings.append(found)
    }
    let files = try tables.map(finish) ?? []
    if printsJSON {
      let report = AnalysisReport(findings, checks: checks, files: files)
      try console.print(JSONText.encode(report) + "\n")
    } else {
      if checks { try printVerdicts(of: findings) }
      try console.print(files.map { $0 + "\n" }.joined())
      if !checks && outputPath == nil {
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

  /// Gives the tables their names; returns their paths.
  private func finish(_ tables: TableFiles) throws -> [String] {
    do throws(SystemError) {
      return try tables.end().map { file throws(SystemError) in
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
      case .notARun, .noJournals, .missingParts, .doubledPart:
        throw ToolFailure(.noInput, "\(error)")
      case .malformed:
        throw ToolFailure(.malformedInput, "\(error); mend the file or leave the run out")
      case .unreadable:
        throw ToolFailure(.inputOutput, "\(error); mend that or leave the run out")
      }
    }
  }
}
