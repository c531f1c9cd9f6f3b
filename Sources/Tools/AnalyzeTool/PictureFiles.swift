import Analysis
import CommandLineKit
import Pictures
import RunRecord

/// The pictures that `analyze` draws of each run, and their directory.
struct PictureFiles {
  static let figures = Option.flag(
    "--figures", help: "draw each run as SVG files, in RUN/analysis or the --output directory")
  static let report = Option.flag(
    "--report", help: "write a page about each run, with all tables, in RUN/analysis or --output")

  /// The file name of a run's report.
  static let reportName = "report.html"

  /// Whether each run gets a report.
  let wantsReport: Bool
  private let wantsFigures: Bool
  private let window: TimeWindow
  /// Nil: each run's pictures go into its own directory.
  private let outputPath: String?
  /// The questions whose answers a report shows.
  private let questions: [Question]

  /// Reads the options.
  init(
    _ parsed: ParsedWords, window: TimeWindow, outputPath: String?, questions: [Question]
  ) {
    self.questions = questions
    wantsFigures = parsed.has(Self.figures)
    wantsReport = parsed.has(Self.report)
    self.window = window
    self.outputPath = outputPath
  }

  /// Whether any picture is wanted.
  var isWished: Bool { wantsFigures || wantsReport }

  /// Draws a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - found: Its findings, with verdicts for a report.
  ///   - series: The data of its figures.
  /// - Returns: The files' names and content.
  /// - Throws: ``RunRecordError`` when the run is malformed.
  func draw(
    _ run: StoredRun, _ found: RunFindings, _ series: RunSeries
  ) throws(RunRecordError) -> [(name: String, text: String)] {
    let spaceTime = try SpaceTime(of: run, window, ran: found.ran)
    var files: [(name: String, text: String)] = []
    if wantsFigures {
      files = RunFigures(of: series).figures.map { ("\($0.name).svg", $0.chart.svg(id: $0.name)) }
      files.append(("spacetime.svg", SpaceTimeDrawing(spaceTime).svg(id: "spacetime")))
    }
    if wantsReport {
      let answers =
        questions.isEmpty ? [] : try RunHistory(of: run, in: window).answers(to: questions)
      let page = ReportPage(of: run, found, series, spaceTime, answers: answers)
      files.append((Self.reportName, try page.html()))
    }
    return files
  }

  /// The directory of a run's pictures; several runs get folders in an output directory.
  func directory(of run: StoredRun, isOneOfSeveral: Bool) -> String {
    let folder = run.name.split(separator: "/").joined(separator: "-")
    return outputPath.map { isOneOfSeveral ? "\($0)/\(folder)" : $0 }
      ?? run.directory.path + "/analysis"
  }

  /// Writes a run's pictures.
  ///
  /// - Parameters:
  ///   - files: The files' names and content.
  ///   - directory: Their directory; created when missing.
  /// - Returns: The paths of the files.
  /// - Throws: ``ToolFailure`` when they cannot be written.
  func write(
    _ files: [(name: String, text: String)], in directory: String
  ) throws(ToolFailure) -> [String] {
    try OutputFiles.write(
      files.map { ("\(directory)/\($0.name)", Array($0.text.utf8)) }, in: directory,
      advice: "choose another place with --output")
  }
}
