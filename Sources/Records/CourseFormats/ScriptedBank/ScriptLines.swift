import TextFormats

/// Splits bytes that arrive in pieces into lines, and counts them.
///
/// Buffers at most ``byteCountMax`` bytes of a line and one piece, however long the line is.
struct ScriptLines {
  /// The longest line in bytes, without its newline; a command needs 71.
  static let byteCountMax = 1000

  /// The number of the last line returned, from 1; zero before the first.
  private(set) var number = 0

  /// Whether the input is not text, so that nothing more of it is read.
  private(set) var isRefused = false

  private var bytes: [UInt8] = []
  /// The index where the next line begins.
  private var start = 0
  /// Whether the next bytes are the rest of a line that is too long.
  private var isSkipping = false
  private var hasEnded = false

  /// Appends bytes.
  mutating func append(_ piece: UnsafeRawBufferPointer) {
    bytes.removeSubrange(..<start)
    start = 0
    bytes.append(contentsOf: piece)
  }

  /// Ends the input, so that the rest is a line.
  mutating func endInput() {
    hasEnded = true
  }

  /// Returns the next complete line, without its newline; nil when more bytes are needed.
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
    // Reports it at once, because the line may never end.
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

  /// The length of a byte-order mark at the start of the first line, in bytes.
  ///
  /// - Throws: That the whole input is not text; no line follows then.
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
