import Analysis
import CommandLineKit
import Pictures
import RunRecord

/// The pictures that `analyze` draws of each run, and where they go.
struct PictureFiles {
  static let figures = Option.flag(
    "--figures", help: "draw each run as SVG files, in RUN/analysis or the --output directory")
  static let report = Option.flag(
    "--report", help: "write a page about each run, with all tables, in RUN/analysis or --output")

  /// What the page about a run is called.
  static let reportName = "report.html"

  /// Whether a page about each run is wanted.
  let wantsReport: Bool
  private let wantsFigures: Bool
  private let window: TimeWindow
  /// Nil: each run's pictures go into its own directory.
  private let outputPath: String?

  /// Reads what is wished for.
  init(_ parsed: ParsedWords, window: TimeWindow, outputPath: String?) {
    wantsFigures = parsed.has(Self.figures)
    wantsReport = parsed.has(Self.report)
    self.window = window
    self.outputPath = outputPath
  }

  /// Whether any picture is to be drawn.
  var isWished: Bool { wantsFigures || wantsReport }

  /// Draws a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - found: What came of it, with verdicts when a page is wanted.
  ///   - series: What its figures are drawn from.
  /// - Returns: The names of the files and what is in them.
  /// - Throws: ``RunRecordError`` when the run is malformed.
  func draw(
    _ run: RecordedRun, _ found: RunFindings, _ series: RunSeries
  ) throws(RunRecordError) -> [(name: String, text: String)] {
    let spaceTime = try SpaceTime(of: run, window, ranNanoseconds: found.ranNanoseconds)
    var files: [(name: String, text: String)] = []
    if wantsFigures {
      files = RunFigures(of: series).figures.map { ("\($0.name).svg", $0.chart.svg(id: $0.name)) }
      files.append(("spacetime.svg", SpaceTimeDrawing(spaceTime).svg(id: "spacetime")))
    }
    if wantsReport {
      files.append((Self.reportName, try ReportPage(of: run, found, series, spaceTime).html()))
    }
    return files
  }

  /// Where the pictures of a run go; several runs have folders in an output directory.
  func directory(of run: RecordedRun, isOneOfSeveral: Bool) -> String {
    let folder = run.name.split(separator: "/").joined(separator: "-")
    return outputPath.map { isOneOfSeveral ? "\($0)/\(folder)" : $0 }
      ?? run.directory.path + "/analysis"
  }

  /// Writes a run's pictures.
  ///
  /// - Parameters:
  ///   - files: The names of the files and what is in them.
  ///   - directory: Where they go; it is made when it is not there.
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
