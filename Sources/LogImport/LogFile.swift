import RunRecord
import SystemCalls

/// Somebody else's log, line by line.
///
/// Lines may end in CRLF, the last one may lack its end, and a byte-order mark before the first is
/// no part of it. The codes that colour a terminal are taken off.
final class LogFile {
  /// One line, without its end.
  struct Line {
    let text: String
    /// From 1.
    let number: Int
    /// Whether the file ends before the line does.
    let isCut: Bool
  }

  let path: String
  private let file: MappedFile
  private var place = 0
  private var lineNumber = 0
  /// The lines that are read.
  private let lines: ClosedRange<Int>

  /// A longer line is no line of text.
  static let lineByteCountMax = 1 << 20

  /// Opens a log.
  ///
  /// - Parameters:
  ///   - path: Where it is.
  ///   - lines: The numbers of the lines that are read.
  /// - Throws: ``RunRecordError`` when it is missing, cannot be read or is no text.
  init(path: String, lines: ClosedRange<Int>? = nil) throws(RunRecordError) {
    self.path = path
    self.lines = lines ?? 1...Int.max
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
    for (beginning, problem) in Self.otherBeginnings where file.bytes.starts(with: beginning) {
      throw .malformed(path: path, line: nil, column: nil, problem: problem)
    }
    if file.bytes.starts(with: [0xEF, 0xBB, 0xBF]) { place = 3 }
  }

  /// How files begin that are no text in UTF-8, and what is said of them.
  private static let otherBeginnings: [(bytes: [UInt8], problem: String)] = [
    ([0xFF, 0xFE], "its text is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    ([0xFE, 0xFF], "its text is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)"),
    ([0x1F, 0x8B], "it is compressed (gzip); unpack it first (gunzip)"),
    ([0x28, 0xB5, 0x2F, 0xFD], "it is compressed (zstd); unpack it first (unzstd)"),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "it is compressed (xz); unpack it first (unxz)"),
    ([0x42, 0x5A, 0x68], "it is compressed (bzip2); unpack it first (bunzip2)"),
    ([0x50, 0x4B, 0x03, 0x04], "it is compressed (zip); unpack it first (unzip)"),
  ]

  /// Whether there is nothing in the file.
  var isEmpty: Bool { file.bytes.isEmpty }

  /// The next line; nil at the end of the file.
  ///
  /// Bytes that are no text become `U+FFFD`.
  ///
  /// - Throws: ``RunRecordError`` when the line is longer than any line of text.
  func next() throws(RunRecordError) -> Line? {
    while let line = try nextOfFile() {
      if line.number > lines.upperBound { return nil }
      if line.number >= lines.lowerBound { return line }
    }
    return nil
  }

  private func nextOfFile() throws(RunRecordError) -> Line? {
    let bytes = file.bytes
    guard place < bytes.count else { return nil }
    let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
    let length = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.count
    lineNumber += 1
    guard length <= Self.lineByteCountMax else {
      throw .malformed(
        path: path, line: lineNumber, column: nil,
        problem: "the line is longer than \(Self.lineByteCountMax) bytes; it is no log")
    }
    var end = length
    if end > 0 && rest[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    let isCut = length == rest.count
    place += length + 1
    defer { if lineNumber % 4096 == 0 { file.forget(before: place) } }
    let line = UnsafeRawBufferPointer(rebasing: rest[..<end])
    let text =
      line.contains(Self.escape)
      ? String(decoding: Self.withoutColours(line), as: UTF8.self)
      : String(decoding: line, as: UTF8.self)
    return Line(text: text, number: lineNumber, isCut: isCut)
  }

  private static let escape: UInt8 = 0x1B

  /// The bytes without the sequences that tell a terminal how to show them (ECMA-48).
  private static func withoutColours(_ line: UnsafeRawBufferPointer) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = line[...]
    while let byte = rest.popFirst() {
      guard byte == escape else {
        bytes.append(byte)
        continue
      }
      switch rest.popFirst() {
      case UInt8(ascii: "["):
        rest = rest.drop { 0x20...0x3F ~= $0 }.dropFirst()
      case UInt8(ascii: "]"):
        // A title, which ends in BEL or in ESC \.
        rest = rest.drop { $0 != 0x07 && $0 != escape }
        if rest.popFirst() == escape { rest = rest.dropFirst() }
      default: break
      }
    }
    return bytes
  }
}
