import Analysis
import CommandLineKit
import ScaleModel

/// The request of an `analyze` call.
struct AnalyzeRequest {
  /// Runs, directories of runs, or with a map logs; at least one.
  let paths: [String]
  /// The map by which logs are imported; nil when the paths are runs.
  let mapPath: String?
  /// The directory for tables and files; nil when the user named none.
  let outputPath: String?
  let checks: Bool
  let printsJSON: Bool
  /// Whether clocks are compared.
  let clocks: Bool
  /// With clocks: how far a message may be ahead of its receiver's physical time; nil for any.
  let offsetMax: TimeSpan?
  /// Whether only tables and what failed are printed: no paths, notes or warnings.
  let isQuiet: Bool
  let pictures: PictureFiles
  /// Nil when nothing is exported.
  let exports: ExportRequest?
  /// The time window of every run that is measured, drawn or exported.
  let window: TimeWindow
  /// The questions about the consistent cuts of each run.
  let questions: [Question]

  /// Whether the call only prints.
  var onlyPrints: Bool { outputPath == nil && !pictures.isWished && exports == nil }
  /// Whether the machine table is printed, as CSV or JSON.
  var printsRows: Bool { printsJSON || (!checks && onlyPrints) }

  /// Whether the call prints the measures of workloads: the table for scripts has none.
  func printsMeasures(on console: Console) -> Bool {
    printsJSON || printsRows && console.isReadByPerson
  }

  /// The time window of the tables, in every run.
  ///
  /// Pictures show whole runs beside their diagram, and so do the tables that go with them.
  var measuredWindow: TimeWindow { pictures.isWished ? TimeWindow() : window }

  /// A note on what ignores the window; nil when everything uses it.
  var windowNote: String? {
    if window.isWhole { return nil }
    if pictures.isWished && (outputPath != nil || printsJSON) {
      return "the tables are of whole runs; leave --report and --figures out for tables "
        + window.words
    }
    return checks ? "the checks are of whole runs" : nil
  }

  /// Whether each run gets tables beside its report.
  var wantsOwnTables: Bool { pictures.wantsReport && outputPath == nil }

  /// Reads the words of a call.
  ///
  /// - Throws: ``UsageError`` with the first mistake.
  init(_ parsed: ParsedWords) throws(UsageError) {
    mapPath = try parsed.value(of: ImportRequest.map)
    guard !parsed.arguments.isEmpty || mapPath == nil else {
      throw .missingArgument("LOG…", command: AnalyzeTool.command.name)
    }
    // A comparison needs named runs; the newest run alone is no side of one.
    guard !parsed.arguments.isEmpty || !parsed.has(AnalyzeTool.against) else {
      throw .missingArgument("RUN…", command: AnalyzeTool.command.name)
    }
    paths = parsed.arguments.isEmpty ? [AnalyzeTool.defaultRun] : parsed.arguments
    outputPath = try parsed.value(of: AnalyzeTool.output)
    checks = parsed.has(AnalyzeTool.check)
    printsJSON = parsed.has(AnalyzeTool.json)
    clocks = parsed.has(AnalyzeTool.clocks)
    offsetMax = try parsed.value(of: AnalyzeTool.offsetMax)
    if offsetMax != nil && !clocks {
      throw .contradiction("--max-offset is for the clocks of --clocks; add that")
    }
    isQuiet = parsed.has(AnalyzeTool.quiet)
    window = try WindowOptions.window(parsed)
    questions = try AnalyzeTool.questions(parsed)
    pictures = PictureFiles(
      parsed, window: window, outputPath: outputPath, questions: questions)
    exports = try ExportRequest(parsed, window: window)
    if mapPath != nil && outputPath == nil && (pictures.isWished || exports != nil) {
      throw .contradiction(
        "imported logs have no folder for pictures and exports; say where with --output DIR")
    }
  }
}
