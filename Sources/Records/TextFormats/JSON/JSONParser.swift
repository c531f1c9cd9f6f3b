/// Parses JSON (RFC 8259) from bytes, strictly, and reports the line of an error.
package struct JSONParser {
  /// Why a text is not JSON.
  package struct Failure: Error, Hashable {
    /// The line, from 1.
    package let line: Int
    /// The byte in the line, from 1.
    package let column: Int
    /// The problem.
    package let problem: String
  }

  private let bytes: [UInt8]
  private var offset = 0
  private var line = 1
  private var lineStart = 0
  private var depth = 0

  /// The maximum nesting depth of lists and objects.
  private static let depthMax = 32

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
  }

  /// Parses a whole text: one value, with spaces around it.
  package static func parse(_ bytes: [UInt8]) throws(Failure) -> LocatedJSON {
    var parser = JSONParser(bytes)
    parser.skipSpaces()
    let value = try parser.value()
    parser.skipSpaces()
    guard parser.offset == bytes.count else { throw parser.unexpected("the end of the text") }
    return value
  }

  private mutating func value() throws(Failure) -> LocatedJSON {
    let start = line
    let value: LocatedJSON.Value
    switch next ?? 0 {
    case UInt8(ascii: "{"): value = .object(try members())
    case UInt8(ascii: "["): value = .list(try items())
    case UInt8(ascii: "\""): value = .text(try text())
    case UInt8(ascii: "-"), 0x30...0x39: value = .number(try number())
    default: value = try word()
    }
    return LocatedJSON(value: value, line: start)
  }

  private mutating func members() throws(Failure) -> [LocatedJSON.Member] {
    var members: [LocatedJSON.Member] = []
    try list(closedBy: "}") { parser throws(Failure) in
      guard parser.next == UInt8(ascii: "\"") else {
        throw parser.unexpected("a key in double quotes")
      }
      let keyLine = parser.line
      let key = try parser.text()
      if members.contains(where: { $0.key == key }) {
        throw Failure(
          line: keyLine, column: parser.column, problem: "the key '\(key)' is there twice")
      }
      parser.skipSpaces()
      guard parser.take(":") else { throw parser.unexpected("':' after the key '\(key)'") }
      parser.skipSpaces()
      members.append(LocatedJSON.Member(key: key, value: try parser.value()))
    }
    return members
  }

  private mutating func items() throws(Failure) -> [LocatedJSON] {
    var items: [LocatedJSON] = []
    try list(closedBy: "]") { parser throws(Failure) in items.append(try parser.value()) }
    return items
  }

  /// Parses items between brackets, separated by commas.
  private mutating func list(
    closedBy end: Unicode.Scalar, _ element: (inout JSONParser) throws(Failure) -> Void
  ) throws(Failure) {
    offset += 1
    depth += 1
    guard depth <= Self.depthMax else {
      throw failure("nested deeper than \(Self.depthMax) levels")
    }
    skipSpaces()
    if take(end) {
      depth -= 1
      return
    }
    while true {
      try element(&self)
      skipSpaces()
      if take(end) { break }
      guard take(",") else { throw unexpected("',' or '\(end)'") }
      skipSpaces()
    }
    depth -= 1
  }

  private mutating func word() throws(Failure) -> LocatedJSON.Value {
    let words: [(String, LocatedJSON.Value)] = [
      ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
    ]
    for (word, value) in words where bytes[offset...].starts(with: word.utf8) {
      offset += word.utf8.count
      return value
    }
    throw unexpected("a value")
  }

  private mutating func number() throws(Failure) -> String {
    let start = offset
    _ = take("-")
    let whole = digits()
    guard whole == 1 || whole > 1 && bytes[offset - whole] != UInt8(ascii: "0") else {
      throw failure("a number is written without needless zeros, such as 10 or 0.5")
    }
    if take("."), digits() == 0 { throw unexpected("a digit after '.'") }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      if digits() == 0 { throw unexpected("the digits of an exponent") }
    }
    return String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  /// Skips digits, and returns their count.
  private mutating func digits() -> Int {
    let start = offset
    while let byte = next, 0x30...0x39 ~= byte { offset += 1 }
    return offset - start
  }

  // MARK: Texts

  private mutating func text() throws(Failure) -> String {
    offset += 1
    var text: [UInt8] = []
    while let byte = next {
      offset += 1
      switch byte {
      case UInt8(ascii: "\""):
        guard let whole = String(validating: text, as: UTF8.self) else {
          throw failure("a text is not UTF-8")
        }
        return whole
      case UInt8(ascii: "\\"): text += try escapedCharacter().utf8
      case ..<0x20: throw failure("a text ends on its line; write a line end in it as \\n")
      default: text.append(byte)
      }
    }
    throw failure("the closing '\"' of a text is missing")
  }

  private mutating func escapedCharacter() throws(Failure) -> String {
    guard let letter = next else { throw unexpected("a character after '\\'") }
    offset += 1
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeCharacter()
    case 0x21...0x7E:
      let character = Unicode.Scalar(letter)
      throw failure("'\\\(character)' is not an escape in JSON; write '\\\\\(character)'")
    default: throw failure("'\\' is followed by one of \" \\ / b f n r t u")
    }
  }

  /// Parses four hexadecimal digits, or a surrogate pair.
  private mutating func unicodeCharacter() throws(Failure) -> String {
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]), take("\\") {
      guard take("u") else { throw unexpected("the second half of a character, \\u…") }
      units.append(try unit())
    }
    guard let character = String(validating: units, as: UTF16.self) else {
      throw failure("\\u is followed by half a character")
    }
    return character
  }

  private mutating func unit() throws(Failure) -> UInt16 {
    let digits = bytes[offset...].prefix(4)
    let word = String(decoding: digits, as: UTF8.self)
    guard digits.count == 4, word.allSatisfy(\.isHexDigit), let unit = UInt16(word, radix: 16)
    else { throw failure("\\u is followed by four hexadecimal digits") }
    offset += 4
    return unit
  }

  // MARK: Bytes

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private var column: Int { offset - lineStart + 1 }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: character) else { return false }
    offset += 1
    return true
  }

  private mutating func skipSpaces() {
    while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) {
      offset += 1
      if byte == 0x0A {
        line += 1
        lineStart = offset
      }
    }
  }

  private func failure(_ problem: String) -> Failure {
    Failure(line: line, column: column, problem: problem)
  }

  private func unexpected(_ wanted: String) -> Failure {
    guard let next else { return failure("the text ends where \(wanted) was expected") }
    let isPlain = 0x21...0x7E ~= next
    let found = isPlain ? "'\(Unicode.Scalar(next))'" : "the byte \(next)"
    return failure("expected \(wanted), found \(found)")
  }
}
