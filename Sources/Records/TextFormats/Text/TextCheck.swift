import SystemCalls

/// Checks that bytes from outside are a text: UTF-8 in lines of at most 1 MiB, without NUL bytes.
///
/// All text files and streams pass it: whole files through ``TextFile``, lines through their
/// readers. All accept a byte-order mark, CRLF, and a last line without a newline. Bytes come in
/// pieces, so that other data is refused before all of it is in memory.
package struct TextCheck {
  /// The longest line in bytes, without its newline.
  package static let lineByteCountMax = 1 << 20
  /// The longest text that is held in memory as a whole, in bytes.
  package static let byteCountMax = 1 << 30
  /// How many bytes of a long text are checked at a time.
  static let pieceByteCount = 1 << 18
  /// How many bytes at the start identify the encoding.
  package static let signatureByteCount = 6

  /// How many bytes were checked: complete lines, and the last line at the end.
  private var checkedByteCount = 0
  /// How many bytes were seen, including those of an incomplete line.
  private var seenByteCount = 0

  /// Makes a check that has seen nothing.
  package init() {}

  /// Checks the lines completed since the last call.
  ///
  /// - Parameters:
  ///   - bytes: The text known so far, from its first byte, including the bytes of the last
  ///     call.
  ///   - isWhole: Whether the text is complete, so that the last line may lack its newline.
  /// - Throws: The first problem.
  package mutating func take(
    _ bytes: UnsafeRawBufferPointer, isWhole: Bool
  ) throws(TextProblem) {
    if checkedByteCount == 0 {
      guard isWhole || bytes.count >= Self.signatureByteCount else { return }
      _ = try Self.byteOrderMarkByteCount(of: bytes)
    }
    let fresh = UnsafeRawBufferPointer(rebasing: bytes[min(seenByteCount, bytes.count)...])
    let lineEnd =
      isWhole ? bytes.count : fresh.lastIndex(of: newline).map { seenByteCount + $0 + 1 }
    let lines = UnsafeRawBufferPointer(
      rebasing: bytes[checkedByteCount..<(lineEnd ?? checkedByteCount)])
    let restByteCount = bytes.count - checkedByteCount - lines.count
    let isPlain =
      !fresh.contains(byte: 0) && Self.isPlain(lines) && restByteCount <= Self.lineByteCountMax
    if !isPlain { try findProblem(in: bytes) }
    checkedByteCount += lines.count
    seenByteCount = bytes.count
  }

  /// Checks a mapped file, piece by piece.
  ///
  /// - Returns: The text without a byte-order mark.
  /// - Throws: The first problem.
  package static func text(of file: MappedFile) throws(TextProblem) -> UnsafeRawBufferPointer {
    var check = TextCheck()
    for end in stride(from: pieceByteCount, to: file.bytes.count, by: pieceByteCount) {
      try check.take(UnsafeRawBufferPointer(rebasing: file.bytes[..<end]), isWhole: false)
      file.forget(before: end)
    }
    try check.take(file.bytes, isWhole: true)
    let mark = try byteOrderMarkByteCount(of: file.bytes)
    return UnsafeRawBufferPointer(rebasing: file.bytes[mark...])
  }

  /// Whether complete lines have no problem.
  private static func isPlain(_ lines: UnsafeRawBufferPointer) -> Bool {
    guard String(validating: lines, as: UTF8.self) != nil else { return false }
    var rest = lines
    // A shorter rest has no line that is too long.
    while rest.count > lineByteCountMax {
      guard let end = rest.firstOffset(of: newline), end <= lineByteCountMax else { return false }
      rest = UnsafeRawBufferPointer(rebasing: rest[(end + 1)...])
    }
    return true
  }

  /// Throws the problem of the first line that has one; returns if there is none.
  private func findProblem(in text: UnsafeRawBufferPointer) throws(TextProblem) {
    var number = text[..<checkedByteCount].count { $0 == newline }
    var rest = UnsafeRawBufferPointer(rebasing: text[checkedByteCount...])
    while !rest.isEmpty {
      let end = rest.firstOffset(of: newline) ?? rest.count
      number += 1
      _ = try Self.text(ofLine: UnsafeRawBufferPointer(rebasing: rest[..<end]), number: number)
      rest = UnsafeRawBufferPointer(rebasing: rest[min(end + 1, rest.count)...])
    }
  }

  // MARK: Parts of a text

  /// Detects a byte-order mark at a text's start.
  ///
  /// - Parameter start: The first six bytes, or fewer in a shorter text.
  /// - Returns: The length of the mark in bytes: 3 or 0.
  /// - Throws: That the text has another encoding, or is compressed.
  package static func byteOrderMarkByteCount(
    of start: some Collection<UInt8>
  ) throws(TextProblem) -> Int {
    let start = Array(start.prefix(signatureByteCount))
    for (name, mark) in encodings where start.starts(with: mark) { throw .encoding(name) }
    for (name, command, mark) in compressions where start.starts(with: mark) {
      throw .compressed(name, command: command)
    }
    // ASCII letters in UTF-16, without a mark before them.
    let isZero = start.prefix(4).map { $0 == 0 }
    if isZero == [true, false, true, false] || isZero == [false, true, false, true] {
      throw .encoding("UTF-16")
    }
    return start.starts(with: byteOrderMark) ? byteOrderMark.count : 0
  }

  /// The text of a line.
  ///
  /// - Parameters:
  ///   - line: Its bytes, without the newline.
  ///   - number: Its number, from 1.
  /// - Returns: The text, without the carriage return of a CRLF.
  /// - Throws: The problem with it.
  package static func text<Line: BidirectionalCollection<UInt8>>(
    ofLine line: Line, number: Int
  ) throws(TextProblem) -> String {
    let line = line.last == carriageReturn ? line.dropLast() : line[...]
    guard !line.contains(0) else { throw .zeroByte(line: number) }
    guard line.count <= lineByteCountMax else { throw .lineTooLong(line: number) }
    guard let text = String(validating: line, as: UTF8.self) else {
      throw .notUTF8(line: number)
    }
    return text
  }

  /// The byte-order mark of UTF-8.
  static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Longer marks come first: the mark of UTF-32 begins like that of UTF-16.
  private static let encodings: [(name: String, mark: [UInt8])] = [
    ("UTF-32", [0xFF, 0xFE, 0, 0]), ("UTF-32", [0, 0, 0xFE, 0xFF]), ("UTF-16", [0xFF, 0xFE]),
    ("UTF-16", [0xFE, 0xFF]),
  ]

  private static let compressions: [(name: String, command: String, mark: [UInt8])] = [
    ("gzip", "gunzip", [0x1F, 0x8B]), ("zstd", "unzstd", [0x28, 0xB5, 0x2F, 0xFD]),
    ("xz", "unxz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), ("bzip2", "bunzip2", [0x42, 0x5A, 0x68]),
    ("zip", "unzip", [0x50, 0x4B, 3, 4]),
  ]
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
