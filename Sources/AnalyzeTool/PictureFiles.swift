import Analysis
import CommandLineKit
import Pictures
import RunRecord
import ScaleModel
import SystemCalls

/// The pictures that `analyze` draws of each run, and where they go.
struct PictureFiles {
  static let figures = Option.flag(
    "--figures", help: "draw each run as SVG files, in RUN/analysis or the --output directory")
  static let from = time(
    "--from", help: "where the space–time diagram begins, counted from the run's start")
  static let to = time("--to", help: "where the space–time diagram ends")

  private static func time(_ name: String, help: String) -> Option<TimeSpan> {
    Option(name, "TIME", help: help, expected: "a time such as 20s or 1500ms") { TimeSpan($0) }
  }

  private let wantsFigures: Bool
  private let window: WindowWish
  /// Nil: each run's pictures go into its own directory.
  private let outputPath: String?

  /// Reads what is wished for.
  ///
  /// - Throws: ``UsageError`` when a time is none, or they are the wrong way round.
  init(_ parsed: ParsedWords, outputPath: String?) throws(UsageError) {
    let from = try parsed.value(of: Self.from)
    let to = try parsed.value(of: Self.to)
    if let to, to <= from ?? .seconds(0) {
      throw .malformedValue(
        option: Self.to.name, value: "\(to)",
        expected: "a time after \(from.map { "--from, which is \($0)" } ?? "the run's start")")
    }
    wantsFigures = parsed.has(Self.figures)
    window = WindowWish(from: from?.nanoseconds, to: to?.nanoseconds)
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
