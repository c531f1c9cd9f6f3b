import SystemCalls

/// Somebody else's log, line by line.
///
/// Lines may end in CRLF, the last one may lack its end, and a byte-order mark before the first is
/// no part of it.
final class LogFile {
  let path: String
  private let file: MappedFile
  private var place = 0
  /// The number of the line that was read last, from 1.
  private(set) var lineNumber = 0

  /// A longer line is no line of text.
  private static let lineByteCountMax = 1 << 20

  /// Opens a log.
  ///
  /// - Throws: ``RunRecordError`` when it is missing or cannot be read.
  init(path: String) throws(RunRecordError) {
    self.path = path
    do throws(SystemError) {
      file = try MappedFile(path)
    } catch {
      if error.number == EISDIR {
        throw .malformed(
          path: path, line: nil, column: nil, problem: "it is no file; give the logs by their paths"
        )
      }
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    if file.bytes.starts(with: [0xFF, 0xFE]) || file.bytes.starts(with: [0xFE, 0xFF]) {
      throw .malformed(
        path: path, line: nil, column: nil,
        problem: "its text is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)")
    }
    if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  /// The next line without its end; nil at the end of the file.
  ///
  /// Bytes that are no text become `U+FFFD`.
  func next() -> String? {
    let bytes = file.bytes
    guard place < bytes.count else { return nil }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
    let length = rest.firstIndex(of: newline) ?? rest.count
    var end = min(length, Self.lineByteCountMax)
    if end > 0 && end == length && rest[end - 1] == carriageReturn { end -= 1 }
    place += length + 1
    lineNumber += 1
    defer { if lineNumber % 4096 == 0 { file.forget(before: place) } }
    return String(decoding: rest[..<end], as: UTF8.self)
  }
}
