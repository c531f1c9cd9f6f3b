import Analysis
import CommandLineKit

/// What a call of `analyze` asks for.
struct AnalyzeRequest {
  /// Runs, or directories of runs; at least one.
  let paths: [String]
  /// Where tables and files go; nil when the user named no place.
  let outputPath: String?
  let checks: Bool
  let printsJSON: Bool
  let pictures: PictureFiles
  /// Nil when nothing is to be exported.
  let exports: ExportRequest?

  /// Reads the words of a call.
  ///
  /// - Throws: ``UsageError`` with the first thing that is wrong with them.
  init(_ parsed: ParsedWords) throws(UsageError) {
    guard !parsed.arguments.isEmpty else {
      throw .missingArgument(
        AnalyzeTool.command.argumentsUsage, command: AnalyzeTool.command.name)
    }
    paths = parsed.arguments
    outputPath = try parsed.value(of: AnalyzeTool.output)
    checks = parsed.has(AnalyzeTool.check)
    printsJSON = parsed.has(AnalyzeTool.json)
    let window = try WindowOptions.window(parsed)
    pictures = PictureFiles(parsed, window: window, outputPath: outputPath)
    exports = try ExportRequest(parsed, window: window)
    if window != TimeWindow() && !pictures.isWished && exports == nil {
      throw .contradiction(
        "--from and --to choose what --export FORMAT, --report and --figures draw; add one of them")
    }
  }
}
