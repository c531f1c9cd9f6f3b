import RunRecord
import SystemCalls

/// The first lines of a log.
struct LogSample {
  let path: String
  let lines: [String]
  /// How many lines were read, including longer ones and a cut one.
  let readCount: Int
  /// Whether these are all lines of the log.
  let isWhole: Bool

  /// How many lines of all files together are read at most.
  private static let lineCountMax = 4000
  /// Each file's share of lines is at least this.
  private static let lineCountMin = 8
  private static let fileCountMax = 1000
  /// How many bytes of all files together are read at most.
  private static let byteCountMax = 2_000_000
  /// The longest line an expression is made for.
  private static let lineLengthMax = 4096

  /// Reads the first lines of the logs of the first run.
  ///
  /// - Parameter paths: Files, or directories of them.
  /// - Returns: One per log, in the run's order.
  /// - Throws: ``RunRecordError`` when one of them cannot be read or is not text.
  static func ofFirstRun(at paths: [String]) throws(RunRecordError) -> [LogSample] {
    // Any map finds the files.
    let anyMap = try ImportMap.decode(
      Array(#"{"json": true, "event": {"column": "e", "send": "s"}}"#.utf8), path: "")
    var selection = try LogSelection(paths, anyMap)
    let names = (selection.runs.first?.paths ?? []).map { FileSystem.lastPart(of: $0) }
    let parents = Set((selection.runs.first?.paths ?? []).map { FileSystem.parentPath(of: $0) })
    // Several trials, each with equally named files.
    if Set(names).count < names.count, parents.count > 1, parents.count < names.count {
      selection = try LogSelection(paths, anyMap, byDirectory: true)
    }
    let chosen = (selection.runs.first?.paths ?? []).prefix(fileCountMax)
    let lineCount = max(lineCountMin, lineCountMax / max(1, chosen.count))
    let byteCount = byteCountMax / max(1, chosen.count)
    return try chosen.map { path throws(RunRecordError) in
      try LogSample(path: path, lineCount: lineCount, byteCount: byteCount)
    }
  }

  private init(path: String, lineCount: Int, byteCount: Int) throws(RunRecordError) {
    self.path = path
    let file = try LogFile(path: path)
    var lines: [String] = []
    var (readCount, rest) = (0, byteCount)
    while readCount < lineCount, rest > 0, let line = try file.next() {
      let length = line.text.utf8.count
      (readCount, rest) = (readCount + 1, rest - length)
      // A cut line is left out, unless it is the only one.
      if line.isCut && readCount > 1 { continue }
      if length <= Self.lineLengthMax { lines.append(line.text) }
    }
    let hasMore = try file.next() != nil
    isWhole = !hasMore
    (self.lines, self.readCount) = (lines, readCount)
  }
}

/// The texts of events: single or joined lines.
struct LogRecords {
  let texts: [String]

  /// Joins lines as the map's key `begin` does; nil for an event on each line.
  init(_ files: [LogSample], begin: String?) {
    let expression = begin.flatMap { try? Regex($0) }
    var texts: [String] = []
    for file in files {
      var isFirst = true
      for line in file.lines where !line.allSatisfy(\.isWhitespace) {
        if let expression, !isFirst, line.firstMatch(of: expression) == nil {
          texts[texts.count - 1] += "\n" + line
        } else {
          texts.append(line)
        }
        isFirst = false
      }
    }
    self.texts = texts
  }

  /// Finds the start of an event's first line, where events take several lines: later lines are
  /// indented, or an empty line separates events.
  static func begin(of files: [LogSample]) -> String? {
    let lines = files.flatMap { [""] + $0.lines }
    let isBlank = lines.map { $0.allSatisfy(\.isWhitespace) }
    let indented = lines.indices.filter { !isBlank[$0] && lines[$0].first?.isWhitespace == true }
    let full = lines.indices.filter { !isBlank[$0] }
    let heads =
      indented.isEmpty
      ? full.filter { isBlank[$0 - 1] }
      : full.filter { lines[$0].first?.isWhitespace == false }
    guard heads.count >= 2 * files.count, 3 * heads.count <= 2 * full.count, let first = heads.first
    else {
      return nil
    }
    let word = lines[first].prefix { $0.isLetter || $0 == "_" || $0 == "-" || $0 == "=" }
    if !word.isEmpty, heads.allSatisfy({ lines[$0].hasPrefix(word) }) {
      let isTold = full.count { lines[$0].hasPrefix(word) } == heads.count
      if isTold { return "^" + LineTemplate.escaped(String(word)) }
    }
    return indented.isEmpty ? nil : #"^\S"#
  }
}
