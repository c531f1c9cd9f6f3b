import RunRecord
import TextFormats

/// Reads one log from its first line to its last.
struct LogPass {
  /// The result of a pass.
  struct Result {
    var eventCount = 0
    var leftOut = LeftOutLines()
    /// The last line, when the file ends inside it and it is not an event.
    var cutLine: Int?
    var isEmpty = false
  }

  /// The text of an event, which may take several lines.
  private struct Record {
    var text: String
    let line: Int
    var isCut: Bool
  }

  private let map: ImportMap
  private let file: LogFile
  private let progress: ImportProgress?
  private let begin: Regex<AnyRegexOutput>?
  /// How many lines the map's expressions span.
  private let spanMax: Int
  /// Lines read ahead.
  private var ahead: [LogFile.Line] = []
  private var lineIsAhead: Bool { !ahead.isEmpty }

  /// Opens a log.
  ///
  /// - Throws: ``RunRecordError`` when it is missing or cannot be read.
  init(
    _ map: ImportMap, path: String, lines: ClosedRange<Int>?, progress: ImportProgress?
  ) throws(RunRecordError) {
    (self.map, self.progress) = (map, progress)
    file = try LogFile(path: path, lines: lines)
    begin = map.begin.flatMap { try? Regex($0) }
    var spanMax = 1
    if case .matched(let patterns) = map.shape, map.begin == nil {
      spanMax =
        patterns.map { $0.split(separator: "\\n", omittingEmptySubsequences: false).count }
        .max() ?? 1
    }
    self.spanMax = min(spanMax, 64)
  }

  /// Reads the whole log.
  ///
  /// - Parameters:
  ///   - other: Receives each line that is not an event; returns whether the map uses it.
  ///   - take: Receives the parsed line of each event, and its number.
  /// - Returns: The result.
  /// - Throws: ``RunRecordError`` at the first line that is not an event, if the map asks for that,
  ///   and what `take` throws.
  mutating func read(
    other: (String) throws(RunRecordError) -> Bool,
    _ take: (borrowing LogLine, Int) throws(RunRecordError) -> Void
  ) throws(RunRecordError) -> Result {
    var line = LogLine(map)
    var result = Result(isEmpty: file.isEmpty)
    for _ in 0..<map.skippedLineCount {
      guard let skipped = try file.next() else { break }
      _ = try other(skipped.text)
    }
    if case .separated(_, hasHeader: true) = map.shape, let header = try file.next() {
      do throws(LogLine.Problem) {
        try line.readHeader(header.text)
      } catch {
        throw Self.malformed(error, path: file.path, line: header.number)
      }
    }
    while let record = try next(&result, other) {
      do throws(RunRecordError) {
        progress?.reach(file.path, record.line)
        do throws(LogLine.Problem) {
          try line.read(record.text)
        } catch {
          guard case .noEvent(let problem) = error else {
            throw Self.malformed(error, path: file.path, line: record.line)
          }
          if try other(record.text) { continue }
          guard map.otherwise == .skip else {
            throw Self.malformed(error, path: file.path, line: record.line)
          }
          leaveOut(record, problem, &result)
          continue
        }
        try take(line, record.line)
        result.eventCount += 1
      } catch {
        // A killed program leaves a partial last line.
        guard record.isCut, !lineIsAhead else { throw error }
        result.cutLine = record.line
      }
    }
    return result
  }

  /// Counts a record that is not an event; of several joined lines only the first.
  private func leaveOut(_ record: Record, _ problem: String, _ result: inout Result) {
    if record.isCut && !lineIsAhead && !record.text.contains("\n") {
      result.cutLine = record.line
    } else {
      let first = record.text.prefix { $0 != "\n" }
      result.leftOut.add(String(first), line: record.line, problem)
    }
  }

  /// The next text of an event; nil at the end.
  private mutating func next(
    _ result: inout Result, _ other: (String) throws(RunRecordError) -> Bool
  ) throws(RunRecordError) -> Record? {
    if begin != nil { return try nextByBegin(&result, other) }
    if spanMax > 1 { return try nextBySpan(&result, other) }
    while let line = try file.next() {
      if Self.isBlank(line.text) { continue }
      return Record(text: line.text, line: line.number, isCut: line.isCut)
    }
    return nil
  }

  /// Joins the lines from one that begins an event up to the next such line.
  private mutating func nextByBegin(
    _ result: inout Result, _ other: (String) throws(RunRecordError) -> Bool
  ) throws(RunRecordError) -> Record? {
    var record: Record?
    while let line = try nextLine() {
      if Self.isBlank(line.text) { continue }
      let begins = begin.map { line.text.firstMatch(of: $0) != nil } ?? false
      if var begun = record {
        if begins {
          ahead = [line]
          return begun
        }
        begun.text += "\n" + line.text
        begun.isCut = line.isCut
        guard begun.text.utf8.count <= TextCheck.lineByteCountMax else {
          throw .malformed(
            path: file.path, line: begun.line, column: "begin",
            problem:
              "the event that begins here has more than \(TextCheck.lineByteCountMax) bytes; "
              + "does each event begin with such a line?")
        }
        record = begun
      } else if begins {
        record = Record(text: line.text, line: line.number, isCut: line.isCut)
      } else {
        if try other(line.text) { continue }
        let before = Record(text: line.text, line: line.number, isCut: line.isCut)
        leaveOut(before, "it comes before the first line that begins an event", &result)
      }
    }
    return record
  }

  /// The line read ahead, or the next of the file.
  private mutating func nextLine() throws(RunRecordError) -> LogFile.Line? {
    if let line = ahead.popLast() { return line }
    return try file.next()
  }

  /// Joins as many lines as an expression spans, from the first line where one matches.
  private mutating func nextBySpan(
    _ result: inout Result, _ other: (String) throws(RunRecordError) -> Bool
  ) throws(RunRecordError) -> Record? {
    var probe = LogLine(map)
    while true {
      while ahead.count < spanMax, let line = try file.next() {
        if !Self.isBlank(line.text) || !ahead.isEmpty { ahead.append(line) }
      }
      guard let first = ahead.first else { return nil }
      progress?.reach(file.path, first.number)
      let isCut = ahead.last?.isCut ?? false
      // Tries the longest first, so that a shorter match does not take the start of a longer one.
      for count in stride(from: ahead.count, to: 0, by: -1) {
        let text = ahead[..<count].map(\.text).joined(separator: "\n")
        guard probe.spans(text, lineCount: count) else { continue }
        ahead.removeFirst(count)
        return Record(text: text, line: first.number, isCut: isCut && ahead.isEmpty)
      }
      ahead.removeFirst()
      if Self.isBlank(first.text) { continue }
      let record = Record(text: first.text, line: first.number, isCut: isCut && ahead.isEmpty)
      if try other(first.text) { continue }
      guard map.otherwise == .skip else { return record }
      leaveOut(record, "it matches no expression of the map", &result)
    }
  }

  private static func isBlank(_ text: String) -> Bool {
    text.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
  }

  /// The error for a line.
  static func malformed(_ problem: LogLine.Problem, path: String, line: Int) -> RunRecordError {
    switch problem {
    case .noEvent(let text):
      .malformed(path: path, line: line, column: nil, problem: text)
    case .malformed(let part, let text):
      .malformed(path: path, line: line, column: part.key, problem: text)
    }
  }
}
