/// Goes through one log, from its first line to its last.
struct LogPass {
  /// What there was.
  struct Result {
    var eventCount = 0
    /// How many lines were no events; empty lines do not count.
    var skippedCount = 0
    /// The first of them, and why it is none.
    var firstSkipped: (line: Int, problem: String)?
  }

  private let map: ImportMap
  private let file: LogFile

  /// Opens a log.
  ///
  /// - Throws: ``RunRecordError`` when it is missing or cannot be read.
  init(_ map: ImportMap, path: String) throws(RunRecordError) {
    self.map = map
    file = try LogFile(path: path)
  }

  /// Reads the whole log.
  ///
  /// - Parameter take: Given the line of each event, taken apart, and its number.
  /// - Returns: What there was.
  /// - Throws: ``RunRecordError`` at the first line that is no event, if the map wants that, and
  ///   what `take` throws.
  func read(
    _ take: (borrowing LogLine, Int) throws(RunRecordError) -> Void
  ) throws(RunRecordError) -> Result {
    var line = LogLine(map)
    var result = Result()
    for _ in 0..<map.skippedLineCount { _ = file.next() }
    if case .separated(_, hasHeader: true) = map.shape, let header = file.next() {
      do throws(LogLine.Problem) {
        try line.readHeader(header)
      } catch {
        throw Self.malformed(error, path: file.path, line: file.lineNumber)
      }
    }
    while let text = file.next() {
      if text.utf8.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }) { continue }
      do throws(LogLine.Problem) {
        try line.read(text)
      } catch {
        guard map.otherwise == .skip, case .noEvent(let problem) = error else {
          throw Self.malformed(error, path: file.path, line: file.lineNumber)
        }
        result.skippedCount += 1
        if result.firstSkipped == nil { result.firstSkipped = (file.lineNumber, problem) }
        continue
      }
      result.eventCount += 1
      try take(line, file.lineNumber)
    }
    return result
  }

  /// What is thrown for a line.
  static func malformed(_ problem: LogLine.Problem, path: String, line: Int) -> RunRecordError {
    switch problem {
    case .noEvent(let text):
      .malformed(path: path, line: line, column: nil, problem: text)
    case .malformed(let part, let text):
      .malformed(path: path, line: line, column: part.key, problem: text)
    }
  }
}
