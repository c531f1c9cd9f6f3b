import RunRecord
import SystemCalls
import TextFormats

/// A log of another implementation, line by line.
///
/// It is a text checked by ``TextCheck``: lines may end in CRLF, the last one may lack its newline,
/// and a leading byte-order mark is skipped. Terminal colour codes are removed.
final class LogFile {
  /// One line, without its newline.
  struct Line {
    let text: String
    /// From 1.
    let number: Int
    /// Whether the file ends before the line does.
    let isCut: Bool
  }

  let path: String
  private let file: MappedFile
  private var offset = 0
  private var lineNumber = 0
  /// The lines to read.
  private let lines: ClosedRange<Int>

  /// Opens a log.
  ///
  /// - Parameters:
  ///   - path: The log's path.
  ///   - lines: The numbers of the lines to read.
  /// - Throws: ``RunRecordError`` when it is missing, cannot be read or is not text.
  init(path: String, lines: ClosedRange<Int>? = nil) throws(RunRecordError) {
    self.path = path
    self.lines = lines ?? 1...Int.max
    do throws(SystemError) {
      file = try MappedFile(path)
    } catch {
      if error.number == EISDIR {
        throw .malformed(
          path: path, line: nil, column: nil,
          problem: "it is not a file; give the logs by their paths")
      }
      throw error.isNotFound ? .missing(path: path) : .unreadable(error)
    }
    do throws(TextProblem) {
      offset = try TextCheck.byteOrderMarkByteCount(of: file.bytes)
    } catch {
      throw error.error(path: path)
    }
  }

  /// Whether the file is empty.
  var isEmpty: Bool { file.bytes.isEmpty }

  /// The next line; nil at the end of the file.
  ///
  /// - Throws: ``RunRecordError`` when the line is not text.
  func next() throws(RunRecordError) -> Line? {
    while let line = try nextOfFile() {
      if line.number > lines.upperBound { return nil }
      if line.number >= lines.lowerBound { return line }
    }
    return nil
  }

  private func nextOfFile() throws(RunRecordError) -> Line? {
    let bytes = file.bytes
    guard offset < bytes.count else { return nil }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[offset...])
    let length = rest.firstOffset(of: UInt8(ascii: "\n")) ?? rest.count
    lineNumber += 1
    offset += length + 1
    defer { if lineNumber % 4096 == 0 { file.forget(before: offset) } }
    let line = UnsafeRawBufferPointer(rebasing: rest[..<length])
    let isCut = length == rest.count
    do throws(TextProblem) {
      let text = try TextCheck.text(ofLine: line, number: lineNumber)
      return Line(
        text: line.contains(byte: Self.escape) ? Self.withoutColours(text) : text,
        number: lineNumber, isCut: isCut)
    } catch {
      // Where the file ends, a character may be cut too.
      guard case .notUTF8 = error, isCut else { throw error.error(path: path) }
      return Line(text: String(decoding: line, as: UTF8.self), number: lineNumber, isCut: true)
    }
  }

  private static let escape: UInt8 = 0x1B

  /// The text without terminal control sequences (ECMA-48).
  private static func withoutColours(_ text: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == escape else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "["):
        rest = rest.drop { 0x20...0x3F ~= $0 }.dropFirst()
      case UInt8(ascii: "]"):
        // A title sequence, which ends in BEL or in ESC \.
        rest = rest.drop { $0 != 0x07 && $0 != escape }
        if rest.popFirst() == escape { rest = rest.dropFirst() }
      default: break
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
