import Analysis
import CommandLineKit
import Pictures
import RunRecord
import SystemCalls

/// The pictures that `analyze` draws of each run, and where they go.
struct PictureFiles {
  static let figures = Option.flag(
    "--figures", help: "draw each run as SVG files, in RUN/analysis or the --output directory")

  private let wantsFigures: Bool
  private let window: TimeWindow
  /// Nil: each run's pictures go into its own directory.
  private let outputPath: String?

  /// Reads what is wished for.
  init(_ parsed: ParsedWords, window: TimeWindow, outputPath: String?) {
    wantsFigures = parsed.has(Self.figures)
    self.window = window
    self.outputPath = outputPath
  }

  /// Whether any picture is to be drawn.
  var isWished: Bool { wantsFigures }

  /// Draws a run.
  ///
  /// - Returns: The names of the files and what is in them.
  /// - Throws: ``RunRecordError`` when the run is malformed.
  func draw(_ run: RecordedRun) throws(RunRecordError) -> [(name: String, text: String)] {
    let figures = RunFigures(of: try RunSeries(of: run)).figures
    let spaceTime = try SpaceTime(of: run, window)
    return figures.map { ("\($0.name).svg", $0.chart.svg(id: $0.name)) }
      + [("spacetime.svg", SpaceTimeDrawing(spaceTime).svg(id: "spacetime"))]
  }

  /// Writes a run's pictures.
  ///
  /// - Parameters:
  ///   - files: The names of the files and what is in them.
  ///   - run: Whose pictures they are.
  ///   - isOneOfSeveral: Whether the output directory is shared with other runs.
  /// - Returns: The paths of the files.
  /// - Throws: ``ToolFailure`` when they cannot be written.
  func write(
    _ files: [(name: String, text: String)], of run: RecordedRun, isOneOfSeveral: Bool
  ) throws(ToolFailure) -> [String] {
    let folder = run.name.split(separator: "/").joined(separator: "-")
    let directory =
      outputPath.map { isOneOfSeveral ? "\($0)/\(folder)" : $0 } ?? run.directory.path + "/analysis"
    do throws(SystemError) {
      try FileSystem.makeDirectory(directory)
      return try files.map { file throws(SystemError) in
        try FileSystem.replace("\(directory)/\(file.name)", with: file.text)
        return "\(directory)/\(file.name)"
      }
    } catch {
      throw ToolFailure(
        .cannotCreate,
        "cannot write '\(error.subject)': \(error.reason); choose another place with --output")
    }
  }
}
