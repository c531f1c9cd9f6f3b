import ScaleModel

/// Writes the values of a workload's columns, each behind a comma.
package struct FieldPen {
  var pen: LinePen

  init(_ pen: LinePen) { self.pen = pen }

  /// Writes the next value.
  package mutating func write(_ value: FieldValue) {
    pen.write(byte: UInt8(ascii: ","))
    switch value {
    case .nothing: break
    case .integer(let number): pen.write(signed: number)
    case .boolean(let truth): write(plain: truth ? "true" : "false")
    case .text(let text): write(text)
    }
  }

  private mutating func write(plain text: String) {
    for byte in text.utf8 { pen.write(byte: byte) }
  }

  /// Writes a text so that it is one field of one line: a newline as `\n`, a carriage return as
  /// `\r`, a backslash doubled, and quoted as CSV quotes where it needs to be; an empty one too,
  /// which would be no value otherwise.
  private mutating func write(_ text: String) {
    let isQuoted =
      text.isEmpty || text.utf8.contains { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") }
    if isQuoted { pen.write(byte: UInt8(ascii: "\"")) }
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\n"): write(plain: "\\n")
      case UInt8(ascii: "\r"): write(plain: "\\r")
      case UInt8(ascii: "\\"): write(plain: "\\\\")
      case UInt8(ascii: "\""): write(plain: "\"\"")
      default: pen.write(byte: byte)
      }
    }
    if isQuoted { pen.write(byte: UInt8(ascii: "\"")) }
  }
}

extension FieldKind {
  /// The most bytes that a value takes in a journal, each byte of a text escaped.
  var journalByteCountMax: Int {
    switch self {
    case .integer, .machine: 20
    case .boolean: 5
    case .word(let words): 2 * (words.map(\.utf8.count).max() ?? 0) + 2
    case .text: 2 * Self.textByteCountMax + 2
    }
  }
}
