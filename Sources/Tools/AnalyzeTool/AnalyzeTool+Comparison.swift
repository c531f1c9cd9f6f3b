import Analysis
import CommandLineKit
import RunRecord
import ScaleModel
import TextFormats

/// `analyze A… --against B…`: two plans beside each other.
extension AnalyzeTool {
  static let against = Option.texts(
    "--against", "RUN…", help: "compare the runs before it, of one plan, with those after it")

  /// Compares the runs before `--against` with those after it and prints the table.
  ///
  /// - Parameters:
  ///   - request: The call, with the runs before.
  ///   - others: The runs after.
  /// - Returns: The exit code.
  /// - Throws: ``UsageError`` when a side has several plans; ``ToolFailure``.
  func compare(_ request: AnalyzeRequest, against others: [String]) throws -> ExitCode {
    guard request.onlyPrints && !request.checks && !request.clocks else {
      throw UsageError.contradiction(
        "--against prints one table of runs; leave files, --check and --clocks to another call"
      )
    }
    var leftOut: [LeftOutRun] = []
    let comparison = GroupComparison(
      of: try group(of: request.paths, request, "before", leavingOut: &leftOut),
      against: try group(of: others, request, "after", leavingOut: &leftOut))
    if request.printsJSON {
      let report = Comparison(
        comparison: comparison.rows, window: AnalysisReport.Window(request.window),
        leftOut: leftOut.isEmpty ? nil : leftOut)
      try console.print(json: JSONText.encode(report))
    } else {
      try console.print(ComparisonRow.csv(comparison.rows, of: request.window))
    }
    for warning in comparison.warnings { console.warn(warning) }
    if comparison.comparedCount > 0 {
      console.note(
        "\(comparison.differingCount) of "
          + counted(comparison.comparedCount, "figure differs", plural: "figures differ")
          + "; of equal figures, 1 in 20 would differ by chance")
    }
    return exitCode(ofProblems: [leftOut.problem])
  }

  /// What `--json` prints.
  private struct Comparison: Encodable {
    let comparison: [ComparisonRow]
    let window: AnalysisReport.Window?
    let leftOut: [LeftOutRun]?

    enum CodingKeys: String, CodingKey {
      case comparison, window
      case leftOut = "left_out"
    }
  }

  /// The runs of one side, which must be repetitions of one plan.
  private func group(
    of paths: [String], _ request: AnalyzeRequest, _ side: String,
    leavingOut leftOut: inout [LeftOutRun]
  ) throws -> RunGroup {
    let statistics =
      try request.mapPath.map {
        try self.statistics(ofLogs: paths, by: $0, window: request.window)
      } ?? statistics(ofRuns: paths, window: request.window, leavingOut: &leftOut)
    for warning in statistics.warnings { console.warn(warning) }
    guard let first = statistics.groups.first else {
      throw ToolFailure(.noInput, "no run \(side) --against has finished; give finished runs")
    }
    if let other = statistics.groups.dropFirst().first {
      let names = other.parameters.names(ofDifferencesFrom: first.parameters)
      throw UsageError.contradiction(
        "the runs \(side) --against have \(statistics.groups.count) plans, which differ in "
          + "\(names.joined(separator: ", ")); give the repetitions of one")
    }
    return first
  }

  private func statistics(
    ofRuns paths: [String], window: TimeWindow, leavingOut leftOut: inout [LeftOutRun]
  ) throws -> RunStatistics {
    var statistics = RunStatistics()
    let runs = try runs(at: paths)
    let options = RunFindings.Options(
      measures: false, comparesEnds: runs.count > 1, window: window)
    for run in runs {
      do throws(RunRecordError) {
        let recorded = try run.open()
        statistics.add(try findings(of: recorded, options), of: recorded.manifest)
      } catch {
        guard runs.count > 1 else { throw Self.failure(of: error, given: paths) }
        leftOut.add(run.name, because: error, warningOn: console)
      }
    }
    return statistics
  }

  private func statistics(
    ofLogs paths: [String], by mapPath: String, window: TimeWindow
  ) throws -> RunStatistics {
    var statistics = RunStatistics()
    let imports = try ImportRequest(mapPath: mapPath, arguments: paths)
    for warning in imports.warnings { console.warn(warning) }
    let options = RunFindings.Options(measures: false, window: window)
    for selected in imports.runs {
      let logs = try ImportedRun(selected, imports)
      defer { logs.discard() }
      tell(of: logs, isOneOfSeveral: true, wantsVerdicts: false)
      try check(window, of: logs)
      try reading(paths) { () throws(RunRecordError) in
        statistics.add(try findings(of: logs.run, options), of: logs.run.manifest)
      }
    }
    return statistics
  }
}
