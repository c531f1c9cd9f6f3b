import Analysis
import CommandLineKit
import Pictures
import RunRecord
import ScaleModel
import SystemCalls

/// Which files for the viewers of others a call asks for, and of which stretch of the runs.
struct ExportRequest {
  static let export = Option<ExportFormat>(
    "--export", "FORMAT",
    help: "write all runs for a viewer: shiviz, perfetto or dot (repeatable), into RUN/analysis",
    expected: ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
  ) { ExportFormat(rawValue: $0) }
  static let from = Option<TimeSpan>.time("--from", help: "export begins so long after the start")
  static let to = Option<TimeSpan>.time("--to", help: "export ends so long after the start")

  static var options: [OptionShape] { [export.shape, from.shape, to.shape] }

  static let details = """
    Exports: shiviz (shiviz.log: space-time diagrams with vector clocks, for shiviz.github.io; each
    run is an execution), perfetto (trace.json, for ui.perfetto.dev: slices, arrows and counters),
    dot (diagram.dot, small windows, for Graphviz: neato -n2 -Tsvg, or dot -Tsvg). Several runs go
    into one file, which needs --output DIR. --from and --to choose a window of every run.
    """

  let formats: [ExportFormat]
  private let window: TimeWindow

  /// Reads the options; nil when nothing is to be exported.
  ///
  /// - Throws: What is wrong with them.
  init?(_ parsed: ParsedWords) throws(UsageError) {
    formats = try parsed.allValues(of: Self.export)
    window = TimeWindow(
      from: try parsed.value(of: Self.from)?.nanoseconds,
      to: try parsed.value(of: Self.to)?.nanoseconds)
    if formats.isEmpty {
      guard window == TimeWindow() else {
        throw .contradiction("--from and --to choose what --export FORMAT writes; add one")
      }
      return nil
    }
    if let from = window.from, let to = window.to, from >= to {
      throw .contradiction("--from \(TimeSpan(nanoseconds: from)) is not before --to; turn them")
    }
  }

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - outputPath: The directory they go into; nil when the user named none.
  ///   - runs: What will be exported.
  /// - Returns: The files, empty.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func open(in outputPath: String?, for runs: [RunDirectory]) throws -> Exports {
    guard let directory = outputPath ?? (runs.count == 1 ? runs[0].path + "/analysis" : nil) else {
      throw UsageError.contradiction(
        "--export writes \(runs.count) runs into one file; say where with --output DIR")
    }
    do throws(SystemError) {
      try FileSystem.makeDirectory(directory)
      return try Exports(formats, window: window, ofSeveral: runs.count > 1) {
        name throws(SystemError) in
        try WholeFile(directory + "/" + name)
      }
    } catch {
      throw ToolFailure(
        .cannotCreate,
        "cannot create '\(error.subject)': \(error.reason); choose another --output")
    }
  }
}

extension Option where Value == TimeSpan {
  fileprivate static func time(_ name: String, help: String) -> Option<TimeSpan> {
    Option(name, "TIME", help: help, expected: "a time such as 20s or 250ms") { TimeSpan($0) }
  }
}
