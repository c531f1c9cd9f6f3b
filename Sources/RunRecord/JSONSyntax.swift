/// Finds the place where a text stops to be JSON, which the decoder does not tell.
struct JSONSyntax {
  private let bytes: [UInt8]
  private var place = 0
  private var depth = 0

  /// What is nested deeper is not looked into; the decoder refuses it as well.
  private static let depthMax = 512

  /// The line of the first mistake, counted from 1; nil when there is none.
  static func lineOfMistake(in bytes: [UInt8]) -> Int? {
    var syntax = JSONSyntax(bytes: bytes)
    if syntax.value() {
      syntax.skipSpace()
      if syntax.place == bytes.count { return nil }
    }
    let newline = UInt8(ascii: "\n")
    return 1 + bytes.prefix(min(syntax.place, bytes.count)).count { $0 == newline }
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  // Each of these reads one thing and says whether it was there; if not, `place` is the mistake's.

  private mutating func value() -> Bool {
    skipSpace()
    guard place < bytes.count, depth < Self.depthMax else { return false }
    switch bytes[place] {
    case UInt8(ascii: "{"): return list(end: "}") { $0.text() && $0.take(":") && $0.value() }
    case UInt8(ascii: "["): return list(end: "]") { $0.value() }
    case UInt8(ascii: "\""): return text()
    case UInt8(ascii: "t"): return word("true")
    case UInt8(ascii: "f"): return word("false")
    case UInt8(ascii: "n"): return word("null")
    default: return number()
    }
  }

  private mutating func list(
    end: Unicode.Scalar, element: (inout JSONSyntax) -> Bool
  ) -> Bool {
    place += 1
    if take(end) { return true }
    depth += 1
    defer { depth -= 1 }
    repeat {
      guard element(&self) else { return false }
    } while take(",")
    return take(end)
  }

  private mutating func text() -> Bool {
    guard take("\"") else { return false }
    while place < bytes.count, bytes[place] >= 32 {
      let byte = bytes[place]
      place += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return true }
    }
    return false
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let isThere = word.withUTF8Buffer { bytes[place...].starts(with: $0) }
    if isThere { place += word.utf8CodeUnitCount }
    return isThere
  }

  private mutating func number() -> Bool {
    let digits = bytes[place...].prefix { byte in
      UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "+-.eE".utf8.contains(byte)
    }
    guard Double(String(decoding: digits, as: UTF8.self)) != nil else { return false }
    place += digits.count
    return true
  }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    skipSpace()
    guard place < bytes.count, bytes[place] == UInt8(ascii: scalar) else { return false }
    place += 1
    return true
  }

  private mutating func skipSpace() {
    while place < bytes.count, [9, 10, 13, 32].contains(bytes[place]) { place += 1 }
  }
}
