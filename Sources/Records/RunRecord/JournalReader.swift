import ScaleModel
import SystemCalls
import TextFormats

/// Reads a machine's journal in one stream, batch by batch, as fast as memory delivers it.
///
/// Columns go by the header's names; unknown ones are skipped. Accepts a byte-order mark and CRLF.
/// Allocates nothing per line, texts aside. A last line without a newline was cut by a crash or is
/// being written right now: the stream ends before it, and ``isCut`` is true.
package final class JournalReader {
  /// The journal's path.
  package let path: String
  /// Whether a last line without a newline was left out.
  package var isCut: Bool { lines.isCut }
  /// The columns of the run's workload, in order.
  package let columns: [FieldDeclaration]
  /// The number of the next line of the file; the header is line 1.
  package private(set) var lineNumber = 2
  /// The lines that are left out, ascending, because the machine went back to a state before them.
  private let undone: [ClosedRange<Int>]
  /// How many of these were passed, and how many lines they had.
  private var passedCount = 0
  private var passedLineCount = 0

  /// The size of all lines in bytes, including the header and lines left out.
  package var byteCount: Int { lines.byteCount }

  /// Lines of this system time or later are left out, as if the journal ended before them.
  package var endTime = Int64.max
  /// Whether the file is empty, without even a header: the machine's lines were never written
  /// out.
  package var isEmpty: Bool { byteCount == 0 }

  private let lines: CompleteLines
  /// A stand-in for the lines of an empty journal.
  private let nothing: UnsafeMutablePointer<UInt8>?
  private let header: JournalColumns
  /// The size of the header in bytes, with its newline.
  private let headerByteCount: Int
  private var cursor: UnsafePointer<UInt8>
  /// The byte after the end of the last line in memory.
  private var end: UnsafePointer<UInt8>
  private var fields: JournalFields
  private var shape = JournalFields.LineShape()
  /// The latest line that was read.
  private var latest = JournalLine()
  private let forms = RegularLines.Form.all
  private let peers = RegularLines.allPeers

  /// Opens a journal and reads its header.
  ///
  /// - Parameters:
  ///   - path: The journal's path.
  ///   - columns: The columns that the run's workload adds.
  ///   - undone: The numbers of lines that are left out, ascending; the header is line 1.
  ///   - mayLackMessages: Whether sends and receipts may leave out peer and message; the journals
  ///     of imported logs may.
  ///   - pieceByteCount: How many bytes of it are held in memory.
  /// - Throws: ``RunRecordError`` when it is missing, cannot be read, or has no proper header.
  package init(
    path: String, columns: [FieldDeclaration] = [], undone: [ClosedRange<Int>] = [],
    mayLackMessages: Bool = false, pieceByteCount: Int = 1 << 18
  ) throws(RunRecordError) {
    self.undone = undone
    do throws(SystemError) {
      lines = try CompleteLines(path: path, pieceByteCount: pieceByteCount)
    } catch {
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    let markByteCount: Int
    let header: String
    do throws(TextProblem) {
      markByteCount = try TextCheck.byteOrderMarkByteCount(of: lines.start)
      if lines.isLineTooLong { throw .lineTooLong(line: 1) }
      let first = lines.bytes.prefix { $0 != newline }
      header = try TextCheck.text(ofLine: first.dropFirst(markByteCount), number: 1)
    } catch {
      throw error.error(path: path)
    }
    guard let base = lines.bytes.baseAddress, let headerEnd = lines.bytes.firstIndex(of: newline)
    else {
      if Self.isUnbegun(path) {
        let nothing = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        self.nothing = nothing
        self.columns = columns
        self.header = try JournalColumns(header: JournalWriter.columns, path: path, fields: [])
        self.path = path
        headerByteCount = 0
        cursor = UnsafePointer(nothing)
        end = cursor
        fields = JournalFields(self.header, values: columns, mayLackMessages: mayLackMessages)
        return
      }
      throw .malformed(
        path: path, line: 1, column: nil,
        problem: "there is no whole header line; a journal starts with '\(JournalWriter.columns)'")
    }
    self.columns = columns
    self.header = try JournalColumns(header: header, path: path, fields: columns)
    self.path = path
    nothing = nil
    headerByteCount = headerEnd + 1
    cursor = base + headerByteCount
    end = base + lines.bytes.count
    fields = JournalFields(self.header, values: columns, mayLackMessages: mayLackMessages)
  }

  deinit { nothing?.deallocate() }

  /// Goes back to the first event.
  ///
  /// - Throws: ``RunRecordError`` when the journal is no longer readable.
  package func rewind() throws(RunRecordError) {
    do throws(SystemError) { try lines.rewind() } catch { throw .unreadable(error) }
    (lineNumber, passedCount, passedLineCount) = (2, 0, 0)
    goToLines(after: headerByteCount)
  }

  /// The number in the file of a line, given among those that are not left out.
  package func fileLine(_ number: Int) -> Int {
    undone.reduce(number) { $1.lowerBound <= $0 ? $0 + $1.count : $0 }
  }

  /// Passes the lines that are left out here.
  private func passUndone() throws(RunRecordError) {
    while passedCount < undone.count, lineNumber >= undone[passedCount].lowerBound {
      while lineNumber <= undone[passedCount].upperBound {
        if cursor == end, try !holdMore() { break }
        while cursor.pointee != newline { cursor += 1 }
        cursor += 1
        lineNumber += 1
        passedLineCount += 1
      }
      passedCount += 1
    }
  }

  /// Reads the next lines.
  ///
  /// - Parameters:
  ///   - buffer: The destination, with this journal's number of columns; at most as many lines as
  ///     fit are read.
  ///   - most: The most lines to read besides.
  ///   - limit: The first line at this system time or later is left for the next call.
  ///     The batch numbers lines without those that are left out; see ``fileLine(_:)``.
  /// - Returns: The lines that were read; none when there is none left before the limit.
  /// - Throws: ``RunRecordError`` with line and column of what is malformed.
  package func read(
    into buffer: JournalBuffer, countMax most: Int = .max, before limit: Int64 = .max
  ) throws(RunRecordError) -> JournalBatch {
    try passUndone()
    let firstLineNumber = lineNumber - passedLineCount
    var count = 0
    let limit = min(limit, endTime)
    let next = passedCount < undone.count ? undone[passedCount].lowerBound : .max
    let countMax = min(buffer.lines.count, most, next - lineNumber)
    while true {
      count += try readHeld(into: buffer, from: count, to: countMax, before: limit)
      guard count < countMax, cursor == end, try holdMore() else { break }
    }
    return JournalBatch(buffer, lineCount: count, firstLineNumber: firstLineNumber, of: self)
  }

  /// What the cells of lines that were read so far mean.
  package var values: JournalValues { fields.values }

  /// Reads the next lines from those in memory into these indices of the buffer.
  private func readHeld(
    into buffer: JournalBuffer, from start: Int, to end: Int, before limit: Int64
  ) throws(RunRecordError) -> Int {
    let lines = UnsafeMutableBufferPointer(rebasing: buffer.lines[start..<end])
    let columnCount = columns.count
    var cells = buffer.cells + start * columnCount
    var count = 0
    var cursor = cursor
    var shape = shape
    let (end, isOwnOrder, unusedCount) = (self.end, header.isOwnOrder, header.unusedCount)
    let numberCount = fields.values.areNumbers ? columnCount : nil
    var mayBeRegular = isOwnOrder && columnCount == 0 && unusedCount == 0
    while count < lines.count, cursor < end {
      if mayBeRegular {
        let regularCount = readRegular(&cursor, into: lines, from: count, shape, before: limit)
        mayBeRegular = regularCount > 0
        count += regularCount
        if count == lines.count || cursor == end { break }
      }
      var next = cursor
      let isRead =
        isOwnOrder
        && JournalFields.readCanonical(
          &next, into: &lines[count], cells, &shape, numberCount: numberCount,
          unusedCount: unusedCount,
          readOthers: { fields.values.readColumns(&$0, into: $1) })
      if !isRead {
        next = try readSlowly(cursor, into: &lines[count], cells, number: lineNumber + count)
      }
      if lines[count].systemTime >= limit { break }
      cursor = next
      cells += columnCount
      count += 1
    }
    self.cursor = cursor
    self.shape = shape
    if count > 0 { latest = lines[count - 1] }
    lineNumber += count
    return count
  }

  /// Reads lines that are like the one before into these indices of the buffer.
  private func readRegular(
    _ cursor: inout UnsafePointer<UInt8>, into lines: UnsafeMutableBufferPointer<JournalLine>,
    from start: Int, _ shape: JournalFields.LineShape, before limit: Int64
  ) -> Int {
    let line = start > 0 ? lines[start - 1] : latest
    return RegularLines(like: shape, tick: line.tick, systemTime: line.systemTime)?.read(
      &cursor, upTo: end, into: UnsafeMutableBufferPointer(rebasing: lines[start...]),
      before: limit, forms, peers) ?? 0
  }

  /// Reads a line in any order of columns; returns the byte after its end.
  private func readSlowly(
    _ cursor: UnsafePointer<UInt8>, into line: inout JournalLine,
    _ cells: UnsafeMutablePointer<Int64>, number: Int
  ) throws(RunRecordError) -> UnsafePointer<UInt8> {
    var next = cursor
    do throws(JournalFields.Problem) {
      try fields.read(&next, into: &line, cells)
    } catch {
      throw problem(error, ofLineAt: cursor, number: number)
    }
    if header.unusedCount > 0, let problem = textProblem(ofLineAt: cursor, number: number) {
      throw problem.error(path: path)
    }
    return next
  }

  /// The error of an unreadable line: as text, or else as an event.
  private func problem(
    _ problem: JournalFields.Problem, ofLineAt cursor: UnsafePointer<UInt8>, number: Int
  ) -> RunRecordError {
    textProblem(ofLineAt: cursor, number: number)?.error(path: path)
      ?? .malformed(
        path: path, line: number, column: problem.column, problem: problem.description)
  }

  /// Why a line in memory is not text; nil when it is.
  private func textProblem(ofLineAt cursor: UnsafePointer<UInt8>, number: Int) -> TextProblem? {
    let line = UnsafeBufferPointer(start: cursor, count: end - cursor).prefix { $0 != newline }
    do throws(TextProblem) {
      _ = try TextCheck.text(ofLine: line, number: number)
      return nil
    } catch {
      return error
    }
  }

  /// Loads the next lines into memory; returns whether there are any.
  private func holdMore() throws(RunRecordError) -> Bool {
    do throws(SystemError) { try lines.readOn() } catch { throw .unreadable(error) }
    if lines.isLineTooLong { throw TextProblem.lineTooLong(line: lineNumber).error(path: path) }
    goToLines(after: 0)
    return cursor < end
  }

  /// Moves `byteCount` bytes into the lines in memory.
  private func goToLines(after byteCount: Int) {
    guard let base = lines.bytes.baseAddress else {
      end = cursor
      return
    }
    cursor = base + min(byteCount, lines.bytes.count)
    end = base + lines.bytes.count
  }

  /// The system time of the next line to read; nil at the end.
  ///
  /// - Throws: ``RunRecordError`` when that line is malformed.
  package func nextTime() throws(RunRecordError) -> Int64? {
    let buffer = JournalBuffer(lineCount: 1, columnCount: columns.count)
    // No line is before this time, so the reader stays where it is.
    _ = try read(into: buffer, before: .min)
    return cursor < end && buffer.lines[0].systemTime < endTime ? buffer.lines[0].systemTime : nil
  }

  /// The system time of a complete line; `Int64.max` when it cannot be read.
  func time(ofLine bytes: [UInt8]) -> Int64 {
    var fields = fields
    let buffer = JournalBuffer(lineCount: 1, columnCount: columns.count)
    let margin = Array(repeating: newline, count: CompleteLines.marginByteCount)
    return (bytes + margin).withUnsafeBufferPointer { text in
      guard var cursor = text.baseAddress,
        (try? fields.read(&cursor, into: &buffer.lines[0], buffer.cells)) != nil
      else { return Int64.max }
      return buffer.lines[0].systemTime
    }
  }
}
