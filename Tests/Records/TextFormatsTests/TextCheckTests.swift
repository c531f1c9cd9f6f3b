import SystemCalls
import TestSupport
import Testing
import TextFormats

/// Each row is a text, and what is wrong with it.
@Suite("One check for all texts")
struct TextCheckTests {
  private static let long = String(repeating: "x", count: TextCheck.lineByteCountMax)

  private static let rows: [(text: [UInt8], problem: TextProblem?)] = [
    ([], nil), (Array("a".utf8), nil), (Array("a\r\n\r\nb".utf8), nil),
    (Array("\u{FEFF}ä\n€\n".utf8), nil), (Array("\(long)\n\(long)\r\n\(long)".utf8), nil),
    ([0xFF, 0xFE], .encoding("UTF-16")), ([0xFE, 0xFF, 0, 0x61], .encoding("UTF-16")),
    ([0xFF, 0xFE, 0, 0], .encoding("UTF-32")), ([0, 0, 0xFE, 0xFF], .encoding("UTF-32")),
    ([0x61, 0, 0x62, 0, 0x0A, 0], .encoding("UTF-16")),
    ([0, 0x61, 0, 0x62, 0, 0x0A], .encoding("UTF-16")),
    ([0x1F, 0x8B, 8, 0], .compressed("gzip", command: "gunzip")),
    (Array("PK\u{3}\u{4}".utf8), .compressed("zip", command: "unzip")),
    ([0x61, 0], .zeroByte(line: 1)), (Array("a\nb\n\0".utf8), .zeroByte(line: 3)),
    (Array("a\n".utf8) + [0xC3, 0x28, 0x0A], .notUTF8(line: 2)),
    (Array("a\n".utf8) + [0xC3], .notUTF8(line: 2)),
    // A character that is cut by the end of a line.
    ([0xC3, 0x0A, 0xA4, 0x0A], .notUTF8(line: 1)),
    (Array("\n\n\(long)x\n".utf8), .lineTooLong(line: 3)),
    (Array("\(long)\n\(long)x".utf8), .lineTooLong(line: 2)),
  ]

  @Test("A text as a whole and in pieces has the same problem", arguments: rows.indices)
  func problems(row: Int) {
    let (text, problem) = Self.rows[row]
    for byteCount in [1, 5, 1 << 16, 1 << 30] where text.count < 1 << 16 || byteCount > 1 << 10 {
      #expect(Self.problem(of: text, pieceByteCount: byteCount) == problem, "\(byteCount)")
    }
  }

  private static func problem(of text: [UInt8], pieceByteCount: Int) -> TextProblem? {
    var check = TextCheck()
    do throws(TextProblem) {
      try text.withUnsafeBufferPointer { text throws(TextProblem) in
        for end in stride(from: pieceByteCount, to: text.count, by: pieceByteCount) {
          try check.take(
            UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[..<end])), isWhole: false)
        }
        try check.take(UnsafeRawBufferPointer(text), isWhole: true)
      }
      return nil
    } catch {
      return error
    }
  }

  @Test("An endless stream is refused at its first bytes that are not text")
  func endless() {
    #expect {
      _ = try TextFile(path: "/dev/zero")
    } throws: {
      $0 as? TextFile.Failure == .notText(path: "/dev/zero", .zeroByte(line: 1))
    }
  }

  @Test("A byte-order mark is not part of the text, and is reported")
  func byteOrderMark() throws {
    try withTemporaryDirectory { path in
      for (text, mark) in [("\u{FEFF}a\r\n", 3), ("a\r\n", 0)] {
        try FileSystem.replace(path + "/a", with: text)
        let file = try TextFile(path: path + "/a")
        #expect(file.text == "a\r\n")
        #expect(file.byteOrderMark.count == mark)
      }
    }
  }
}
