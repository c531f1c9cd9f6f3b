import TextFormats

/// Cuts bytes that come in pieces into lines, and counts them.
///
/// However long a line goes on, no more than ``byteCountMax`` bytes of it and one piece are kept.
struct ScriptLines {
  /// The longest line there may be, in bytes, its end aside; a command needs 71.
  static let byteCountMax = 1000

  /// The number of the line that was taken last, from 1; zero before the first.
  private(set) var number = 0

  /// Whether the input is no text at all, so that nothing more of it is read.
  private(set) var isRefused = false

  private var bytes: [UInt8] = []
  /// Where the next line begins.
  private var start = 0
  /// Whether what comes next is the rest of a line that is too long.
  private var isSkipping = false
  private var hasEnded = false

  /// Adds bytes behind all others.
  mutating func append(_ piece: UnsafeRawBufferPointer) {
    bytes.removeSubrange(..<start)
    start = 0
    bytes.append(contentsOf: piece)
  }

  /// Notes that no bytes follow, so that the rest is a line.
  mutating func endInput() {
    hasEnded = true
  }

  /// Takes the next whole line, without its newline; nil when more bytes are needed.
  ///
  /// - Throws: ``BankScriptError/Problem/lineTooLong(byteCountMax:)``, once for each such line, and
  ///   ``BankScriptError/Problem/notText(_:)``, at most once.
  mutating func next() throws(BankScriptError.Problem) -> ArraySlice<UInt8>? {
    if isRefused { return nil }
    while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = bytes[start..<end]
      start = end + 1
      if isSkipping {
        isSkipping = false
      } else {
        return try counted(line)
      }
    }
    let rest = bytes[start...]
    if !isSkipping, rest.count <= Self.byteCountMax {
      guard hasEnded, !rest.isEmpty else { return nil }
      start = bytes.count
      return try counted(rest)
    }
    start = bytes.count
    if isSkipping { return nil }
    // It is said at once, because its end may never come.
    isSkipping = true
    return try counted(rest)
  }

  private mutating func counted(
    _ line: ArraySlice<UInt8>
  ) throws(BankScriptError.Problem) -> ArraySlice<UInt8> {
    number += 1
    let markByteCount = number == 1 ? try byteOrderMarkByteCount(of: line) : 0
    guard line.count <= Self.byteCountMax else {
      throw .lineTooLong(byteCountMax: Self.byteCountMax)
    }
    return line.dropFirst(markByteCount)
  }

  /// How many bytes of the first line are a byte-order mark.
  ///
  /// - Throws: That the whole input is no text; no line follows then.
  private mutating func byteOrderMarkByteCount(
    of line: ArraySlice<UInt8>
  ) throws(BankScriptError.Problem) -> Int {
    do throws(TextProblem) {
      return try TextCheck.byteOrderMarkByteCount(of: line)
    } catch {
      isRefused = true
      throw .notText(error)
    }
  }
}
