import CommandLineKit
import LogImport
import RunRecord
import SystemCalls

/// The logs to import, and their map.
struct ImportRequest {
  static let map = Option.text(
    "--import", "MAP",
    help: "the arguments are logs of another implementation, read by this map, or shiviz")

  let mapPath: String
  private(set) var map: ImportMap
  /// The runs, in the order given.
  private(set) var runs: [LogSelection.Run] = []
  private(set) var warnings: [String] = []

  /// Reads the map and finds the runs.
  ///
  /// - Throws: ``ToolFailure`` with the mistake, its location and the remedy.
  init(mapPath: String, arguments: [String]) throws(ToolFailure) {
    self.mapPath = mapPath
    do throws(RunRecordError) {
      if mapPath == ShiVizText.word && !FileSystem.exists(mapPath) {
        let texts = try arguments.map { path throws(RunRecordError) in try ShiVizText(path: path) }
        // Each file has its own expression; one call reads one kind.
        map = texts[0].map
        runs = texts.flatMap(\.runs)
      } else {
        map = try ImportMap.read(mapPath)
        try select(arguments)
      }
    } catch {
      throw Self.failure(of: error, mapPath: mapPath)
    }
  }

  /// Files form one run, unless several in different directories log the same machine.
  private mutating func select(_ arguments: [String]) throws(RunRecordError) {
    var selection = try LogSelection(arguments, map)
    if selection.runs.count == 1, let run = selection.runs.first,
      try map.tellsMachineTwice(in: run.paths, mapPath: mapPath)
    {
      let byDirectory = try LogSelection(arguments, map, byDirectory: true)
      if byDirectory.runs.count > 1 { selection = byDirectory }
    }
    (runs, warnings) = (selection.runs, selection.warnings)
  }

  /// The tool's failure for an unreadable map or log, with its exit code.
  func failure(of error: RunRecordError) -> ToolFailure {
    Self.failure(of: error, mapPath: mapPath)
  }

  static func failure(of error: RunRecordError, mapPath: String) -> ToolFailure {
    switch error {
    case .malformed(let path, _, _, _) where path == mapPath:
      return ToolFailure(
        .malformedInput, "\(error); correct the map, 'analyze --help' explains its keys")
    case .malformed(_, nil, nil, _): return ToolFailure(.malformedInput, "\(error)")
    case .malformed(_, _, nil, _):
      return ToolFailure(
        .malformedInput,
        "\(error); correct the log or the map, or set \"otherwise\" to \"skip\" in the map")
    case .malformed:
      return ToolFailure(.malformedInput, "\(error); correct the log or the map")
    case .missing:
      return ToolFailure(
        .noInput, "\(error); --import MAP takes the map, and then the paths of the logs")
    case .unreadable, .tooLarge, .notARun, .noJournals, .neverBegan, .missingParts, .doubledPart:
      return ToolFailure(.inputOutput, "\(error); correct that or leave the log out")
    }
  }
}
