import Analysis
import CommandLineKit

/// What a call of `analyze` asks for.
struct AnalyzeRequest {
  /// Runs, or directories of runs, or with a map logs; at least one.
  let paths: [String]
  /// The map by which logs are imported; nil when the paths are runs.
  let mapPath: String?
  /// Where tables and files go; nil when the user named no place.
  let outputPath: String?
  let checks: Bool
  let printsJSON: Bool
  /// Whether only tables and what failed are printed: no paths, notes or warnings.
  let isQuiet: Bool
  let pictures: PictureFiles
  /// Nil when nothing is to be exported.
  let exports: ExportRequest?
  /// Whether only a stretch of every run is drawn and exported.
  let hasWindow: Bool

  /// Whether a call asks for nothing but what is printed.
  var onlyPrints: Bool { outputPath == nil && !pictures.isWished && exports == nil }
  /// Whether the machine table is printed, as CSV or JSON.
  var printsRows: Bool { printsJSON || (!checks && onlyPrints) }

  /// Whether each run gets tables beside its report.
  var wantsOwnTables: Bool { pictures.wantsReport && outputPath == nil }

  /// Reads the words of a call.
  ///
  /// - Throws: ``UsageError`` with the first thing that is wrong with them.
  init(_ parsed: ParsedWords) throws(UsageError) {
    mapPath = try parsed.value(of: ImportRequest.map)
    guard !parsed.arguments.isEmpty || mapPath == nil else {
      throw .missingArgument("LOG…", command: AnalyzeTool.command.name)
    }
    // Two plans are compared run by run; the newest run alone is no side of that.
    guard !parsed.arguments.isEmpty || !parsed.has(AnalyzeTool.against) else {
      throw .missingArgument("RUN…", command: AnalyzeTool.command.name)
    }
    paths = parsed.arguments.isEmpty ? [AnalyzeTool.defaultRun] : parsed.arguments
    outputPath = try parsed.value(of: AnalyzeTool.output)
    checks = parsed.has(AnalyzeTool.check)
    printsJSON = parsed.has(AnalyzeTool.json)
    isQuiet = parsed.has(AnalyzeTool.quiet)
    let window = try WindowOptions.window(parsed)
    hasWindow = window != TimeWindow()
    pictures = PictureFiles(parsed, window: window, outputPath: outputPath)
    exports = try ExportRequest(parsed, window: window)
    if mapPath != nil && outputPath == nil && (pictures.isWished || exports != nil) {
      throw .contradiction(
        "imported logs have no folder for pictures and exports; say where with --output DIR")
    }
    if hasWindow && !pictures.isWished && exports == nil {
      throw .contradiction(
        "--from and --to choose what --export FORMAT, --report and --figures draw; add one of them")
    }
  }
}
