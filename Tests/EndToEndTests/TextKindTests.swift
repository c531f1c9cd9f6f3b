import SystemCalls
import TestSupport
import Testing

/// Every kind of text that the tools read, in every form that editors and shells produce.
@Suite("One reader for all texts, tools as built", .ownThreads)
struct TextKindTests {
  private typealias Bytes = [UInt8]

  /// A change to a text, and part of the expected error; the line is the middle one.
  private struct Damage {
    let name: String
    let words: String
    var isInMiddle = false
    let damage: @Sendable (Bytes) -> Bytes
  }

  private static let refused = [
    Damage(name: "UTF-16, little end first", words: "UTF-16") { [0xFF, 0xFE] + utf16($0) },
    Damage(name: "UTF-16, big end first", words: "UTF-16") {
      [0xFE, 0xFF] + $0.flatMap { byte -> Bytes in [0, byte] }
    },
    Damage(name: "UTF-16 without a mark", words: "UTF-16") { utf16($0) },
    Damage(name: "gzip", words: "gzip") { [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + $0 },
    Damage(name: "a NUL byte", words: "NUL", isInMiddle: true) { inserting([0], into: $0) },
    Damage(name: "no UTF-8", words: "UTF-8", isInMiddle: true) { inserting([0xFF], into: $0) },
    Damage(name: "a line over 1 MiB", words: "longer than", isInMiddle: true) {
      inserting(Bytes(repeating: UInt8(ascii: " "), count: 1 << 20 + 1), into: $0)
    },
  ]

  private static func utf16(_ text: Bytes) -> Bytes { text.flatMap { byte -> Bytes in [byte, 0] } }

  private static func inCRLF(_ text: Bytes) -> Bytes {
    text.flatMap { byte -> Bytes in byte == UInt8(ascii: "\n") ? [13, 10] : [byte] }
  }

  private static func middle(of text: Bytes) -> Int { text.count / 2 }

  private static func inserting(_ bytes: Bytes, into text: Bytes) -> Bytes {
    Bytes(text[..<middle(of: text)]) + bytes + text[middle(of: text)...]
  }

  private static func replace(_ path: String, with bytes: Bytes) throws {
    let file = try FileSystem.create(path)
    defer { file.end() }
    try bytes.withUnsafeBytes { try file.writeAll($0) }
  }

  @Test(
    "Input that is no text is refused by name and line, with 65",
    arguments: LongTests.first(2, of: TextKind.allCases))
  func refused(kind: TextKind) throws {
    let directory = try TemporaryDirectory()
    try kind.prepare(in: directory)
    let path = directory.path + "/" + kind.file
    let text = try FileSystem.contents(path)
    let line = 1 + text[..<Self.middle(of: text)].count { $0 == UInt8(ascii: "\n") }
    for damage in Self.refused {
      let damaged = damage.damage(text)
      try Self.replace(path, with: damaged)
      let outcome = try kind.run(in: directory)
      #expect(outcome.exitCode == 65, "\(damage.name): \(outcome.error)")
      #expect(
        outcome.error.contains(damage.words) && outcome.error.count { $0 == "\n" } == 1,
        "\(damage.name): \(outcome.error)")
      if damage.isInMiddle {
        #expect(outcome.error.contains("line \(line)"), "\(damage.name): \(outcome.error)")
      }
      #expect(try FileSystem.contents(path) == damaged)
    }
  }

  @Test(
    "A byte-order mark, CRLF and a missing last line end change nothing",
    arguments: LongTests.first(2, of: TextKind.allCases))
  func accepted(kind: TextKind) throws {
    let directory = try TemporaryDirectory()
    try kind.prepare(in: directory)
    let path = directory.path + "/" + kind.file
    let text = try FileSystem.contents(path)
    let plain = try kind.run(in: directory)
    let mark: Bytes = [0xEF, 0xBB, 0xBF]
    let returns = Self.inCRLF(text)
    for (name, form) in [
      ("mark", mark + text), ("CRLF", returns), ("both", mark + returns),
      ("no last line end", text.dropLast()), ("nor in CRLF", returns.dropLast(2)),
    ] as [(String, Bytes)] {
      try Self.replace(path, with: form)
      let outcome = try kind.run(in: directory)
      if kind == .journal, form.last != UInt8(ascii: "\n") {
        // A journal line without its end was cut by a crash.
        #expect(outcome.error.contains("machine-0.csv") && outcome.error.contains("cut"))
        continue
      }
      #expect(outcome.exitCode == plain.exitCode, "\(name): \(outcome.error)")
      #expect(outcome.output == plain.output, "\(name)")
      #expect(outcome.error == plain.error, "\(name)")
    }
  }

  @Test("A page keeps its byte-order mark and its line ends")
  func pageForm() throws {
    let directory = try TemporaryDirectory()
    try TextKind.page.prepare(in: directory)
    let path = directory.path + "/" + TextKind.page.file
    let text = try FileSystem.contents(path)
    let form: Bytes = [0xEF, 0xBB, 0xBF] + Self.inCRLF(text)
    try Self.replace(path, with: form)
    #expect(try TextKind.page.run(in: directory).exitCode == 0)
    #expect(try FileSystem.contents(path) == form)
  }
}
