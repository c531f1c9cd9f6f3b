import ScaleModel
import SystemCalls

/// Reads a machine's journal in one stream, batch by batch, as fast as memory delivers it.
///
/// Columns go by the header's names, lines may end in CRLF, and columns nobody asks for are
/// skipped. Nothing is allocated per line. A last line without its end was cut by a crash or is
/// being written right now: the stream ends before it, and ``isCut`` says so.
package final class JournalReader {
  /// The journal's path.
  package let path: String
  /// Whether a last line without its end was left out.
  package let isCut: Bool
  /// Whether the journal has amounts or balances.
  package var hasMoney: Bool { columns.hasMoney }
  /// The number of the line that is read next; the header is line 1.
  package private(set) var lineNumber = 2

  private let file: MappedFile
  private let columns: JournalColumns
  private let firstEvent: UnsafePointer<UInt8>
  /// Just after the end of the last whole line.
  private let end: UnsafePointer<UInt8>
  private var place: UnsafePointer<UInt8>
  private var fields: JournalFields
  private var shape = JournalFields.LineShape()
  private var forgottenByteCount = 0

  /// Opens a journal and reads its header.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - mayLackMessages: Whether sends and receipts may leave out peer and message; the journals
  ///     of imported logs may.
  /// - Throws: ``RunRecordError`` when it is missing, cannot be read, or has no proper header.
  package init(path: String, mayLackMessages: Bool = false) throws(RunRecordError) {
    do throws(SystemError) {
      file = try MappedFile(path)
    } catch {
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    let bytes = file.bytes.bindMemory(to: UInt8.self)
    guard let base = bytes.baseAddress, let headerEnd = bytes.firstIndex(of: newline),
      let lastEnd = bytes.lastIndex(of: newline)
    else {
      throw .malformed(
        path: path, line: 1, column: nil,
        problem: "there is no whole header line; a journal starts with '\(JournalWriter.columns)'")
    }
    let hasReturn = headerEnd > 0 && bytes[headerEnd - 1] == carriageReturn
    let header = bytes[..<(hasReturn ? headerEnd - 1 : headerEnd)]
    columns = try JournalColumns(header: String(decoding: header, as: UTF8.self), path: path)
    self.path = path
    isCut = lastEnd + 1 < bytes.count
    firstEvent = base + headerEnd + 1
    end = base + lastEnd + 1
    place = firstEvent
    fields = JournalFields(columns: columns, mayLackMessages: mayLackMessages)
  }

  /// How many bytes all whole lines have, the header aside.
  package var byteCount: Int { end - firstEvent }

  /// Goes back to the first event.
  package func rewind() {
    place = firstEvent
    lineNumber = 2
    forgottenByteCount = 0
    file.forget(before: 0)
  }

  /// Reads the next lines.
  ///
  /// - Parameters:
  ///   - lines: Where they go; at most as many as fit are read.
  ///   - limit: The first line at this system time or later is left for the next call.
  /// - Returns: How many lines were read; zero when there is none left before the limit.
  /// - Throws: ``RunRecordError`` with line and column of what is malformed.
  package func read(
    into lines: UnsafeMutableBufferPointer<JournalLine>, before limit: Int64 = .max
  ) throws(RunRecordError) -> Int {
    var count = 0
    var place = place
    var shape = shape
    let hasMoney = columns.hasMoney
    // The fast path may look a few fields ahead of a line's end, never ahead of the file's.
    let fastEnd =
      columns.isOwnOrder ? end - min(JournalFields.fastByteCountMax, end - place) : place
    while count < lines.count, place < end {
      var next = place
      if place >= fastEnd
        || !JournalFields.readOwnOrder(&next, into: &lines[count], &shape, hasMoney: hasMoney)
      {
        next = place
        do throws(JournalFields.Problem) {
          try fields.read(&next, into: &lines[count])
        } catch {
          throw .malformed(
            path: path, line: lineNumber + count, column: error.column?.name,
            problem: error.description)
        }
      }
      if lines[count].systemTime >= limit { break }
      place = next
      count += 1
    }
    self.place = place
    self.shape = shape
    lineNumber += count
    return count
  }

  /// The system time of the line that is read next; nil at the end.
  ///
  /// - Throws: ``RunRecordError`` when that line is malformed.
  package func nextTime() throws(RunRecordError) -> Int64? {
    let (place, lineNumber) = (place, lineNumber)
    var line = JournalLine()
    var count = 0
    var failure: RunRecordError?
    withUnsafeMutablePointer(to: &line) { line in
      do throws(RunRecordError) {
        count = try read(into: UnsafeMutableBufferPointer(start: line, count: 1))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    (self.place, self.lineNumber) = (place, lineNumber)
    return count == 0 ? nil : line.systemTime
  }

  /// Gives back the memory of what was read, once that is more than so many bytes; it can still be
  /// read again.
  package func forgetWhatWasRead(beyond byteCount: Int = 0) {
    guard let base = file.bytes.baseAddress else { return }
    let offset = UnsafeRawPointer(place) - base
    guard offset - forgottenByteCount > byteCount else { return }
    file.forget(before: offset)
    forgottenByteCount = offset
  }
}
