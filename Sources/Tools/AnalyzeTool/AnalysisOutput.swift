import Analysis
import CommandLineKit
import Pictures
import RunRecord
import SystemCalls

/// The results of a call's runs, one after the other: findings, tables, exports, pictures.
struct AnalysisOutput {
  private let request: AnalyzeRequest
  private let console: Console
  private let tables: TableFiles?
  private let exports: Exports?
  private let isOfSeveral: Bool
  private let areImported: Bool
  private var statistics = RunStatistics()
  private var picturePaths: [String] = []
  /// What was warned of: several runs can leave out the same.
  private var warned: Set<String> = []
  /// One per run so far; without rows when none are printed.
  private(set) var findings: [RunFindings] = []
  /// The damaged runs of several.
  private(set) var leftOut: [LeftOutRun] = []

  /// Opens the files that all runs share.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - directories: The runs that will be added; empty for imported logs.
  ///   - importedCount: How many runs of imported logs will be added.
  ///   - console: Where warnings go.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  init(
    _ request: AnalyzeRequest, of directories: [RunDirectory], importedCount: Int = 0,
    console: Console
  ) throws {
    self.request = request
    self.console = console
    isOfSeveral = directories.count > 1 || importedCount > 1
    areImported = importedCount > 0
    exports = try request.exports?.open(in: request.outputPath, for: directories)
    let areNamed = importedCount > 0
    tables = try request.outputPath.map { path in
      // A damaged manifest is reported when its run is opened.
      let areJudged = directories.contains {
        (try? Manifest.read(from: $0)).map { !$0.snapshotClaims.areUsual } ?? false
      }
      return try Self.openTables(
        in: path, areNamed: areNamed, areJudged: areJudged, of: request.measuredWindow)
    }
  }

  /// Analyses a run; when there are several, leaves a damaged one out with a warning.
  ///
  /// Verdicts on a damaged run that is readable are kept.
  ///
  /// - Throws: ``RunRecordError`` when the only run is damaged; ``UsageError`` or ``ToolFailure``.
  mutating func add(_ found: FoundRun) throws {
    tables?.mark()
    do {
      try add(found.open())
    } catch let error as RunRecordError {
      guard isOfSeveral else { throw error }
      leaveOut(found.name, because: error)
    }
  }

  private mutating func leaveOut(_ run: String, because error: RunRecordError) {
    tables?.takeBack()
    leftOut.add(run, because: error, warningOn: console)
  }

  /// Analyses a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - located: Replaces locations in findings by those in the user's files.
  /// - Throws: ``RunRecordError`` when the run is malformed; ``UsageError`` or ``ToolFailure``.
  mutating func add(
    _ run: StoredRun, located: (RunFindings) -> RunFindings = { $0 }
  ) throws {
    let directory = request.pictures.directory(of: run, isOneOfSeveral: isOfSeveral)
    if request.pictures.isWished, directory != request.outputPath {
      try OutputFiles.refuseLink(at: directory, advice: "name another place with --output")
    }
    // A report has its run's tables beside it, in whichever directory.
    let ownTables =
      try request.wantsOwnTables
      ? Self.openTables(
        in: directory, areNamed: areImported,
        areJudged: !run.manifest.snapshotClaims.areUsual) : nil
    var options = RunFindings.Options(
      checks: request.checks || request.pictures.wantsReport, snapshots: request.printsJSON,
      tables: tables ?? ownTables,
      measures: tables != nil || ownTables != nil || request.printsMeasures(on: console),
      series: request.pictures.isWished,
      comparesEnds: isOfSeveral && !areImported, window: request.measuredWindow)
    (options.clocks, options.offsetMax) = (request.clocks, request.offsetMax?.nanoseconds)
    var found = located(try RunFindings(of: run, options))
    if let shortage = found.shortage {
      leaveOut(run.name, because: shortage)
      if request.checks { findings.append(found.withoutRows) }
      return
    }
    let drawn = try found.takeSeries().map { try request.pictures.draw(run, found, $0) }
    try export(run)
    if let refusal = exports?.refusal { throw UsageError.contradiction(refusal) }
    for warning in found.warnings where warned.insert(warning).inserted { console.warn(warning) }
    if tables != nil { statistics.add(found, of: run.manifest) }
    findings.append(request.printsRows ? found : found.withoutRows)
    guard let drawn else { return }
    if let ownTables {
      var ownStatistics = RunStatistics()
      ownStatistics.add(found, of: run.manifest)
      ownTables.add(ownStatistics)
      picturePaths += try OutputFiles.finish(ownTables.end())
    }
    picturePaths += try request.pictures.write(drawn, in: directory)
  }

  /// Adds a run to the exports; a failure there ends the tool, as exports cannot be taken back.
  private func export(_ run: StoredRun) throws(ToolFailure) {
    do throws(RunRecordError) {
      try exports?.add(run)
    } catch {
      throw AnalyzeTool.failure(of: error, given: request.paths)
    }
  }

  /// Finishes the files that all runs share.
  ///
  /// - Returns: The paths of all files.
  /// - Throws: ``ToolFailure`` when they cannot be written.
  func end() throws -> [String] {
    for warning in (exports?.warnings ?? []) + statistics.warnings { console.warn(warning) }
    tables?.add(statistics)
    return try OutputFiles.finish((tables?.end() ?? []) + (exports?.end() ?? [])) + picturePaths
  }

  private static func openTables(
    in directory: String, areNamed: Bool, areJudged: Bool, of window: TimeWindow = TimeWindow()
  ) throws(ToolFailure) -> TableFiles {
    try OutputFiles.open(in: directory) { open throws(SystemError) in
      try TableFiles(areNamed: areNamed, areJudged: areJudged, of: window, open: open)
    }
  }
}
