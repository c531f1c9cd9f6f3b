import Analysis
import CommandLineKit
import Pictures
import RunRecord
import SystemCalls

/// The exports that a call requests, and their time window.
struct ExportRequest {
  static let export = Option<ExportFormat>.word(
    "--export", "FORMAT",
    help: "write runs for other tools: shiviz, perfetto, dot or tla, into RUN/analysis; repeatable")
  static let details = """
    Exports: shiviz (shiviz.log: space-time diagrams with vector clocks, for shiviz.github.io; each
    run is an execution), perfetto (trace.json, for ui.perfetto.dev: slices, arrows and counters),
    dot (diagram.dot, small windows, for Graphviz: neato -n2 -Tsvg, or dot -Tsvg), tla
    (Run.tla, one run with its first complete snapshot, and the specification that TLC, the model
    checker of TLA+, checks it against). Several runs go into one file, which needs --output DIR.
    --from and --to choose a window of every run.
    """

  let formats: [ExportFormat]
  private let window: TimeWindow

  /// Reads the option; nil without an export.
  ///
  /// - Throws: the option's mistake.
  init?(_ parsed: ParsedWords, window: TimeWindow) throws(UsageError) {
    formats = try parsed.allValues(of: Self.export)
    self.window = window
    if formats.isEmpty { return nil }
  }

  /// Opens the files.
  ///
  /// - Parameters:
  ///   - outputPath: The directory for the files; nil when the user named none.
  ///   - runs: The runs to export; empty for imported logs, which have no folder.
  /// - Returns: The files, empty.
  /// - Throws: ``UsageError`` or ``ToolFailure``.
  func open(in outputPath: String?, for runs: [RunDirectory]) throws -> Exports {
    guard let directory = outputPath ?? (runs.count == 1 ? runs[0].path + "/analysis" : nil) else {
      throw UsageError.contradiction(
        "--export writes \(runs.count) runs into one file; say where with --output DIR")
    }
    if outputPath == nil {
      try OutputFiles.refuseLink(at: directory, advice: "name another place with --output")
    }
    return try OutputFiles.open(in: directory) { open throws(SystemError) in
      try Exports(formats, window: window, open: open)
    }
  }
}
