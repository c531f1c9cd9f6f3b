import ScaleModel

/// The values of the workload's columns as plain memory: 64 bits each.
///
/// A cell holds a number, a machine's id, 0 or 1 for a Boolean, the index of a word in its list, or
/// the index of a text among those that the journal has had. A line's
/// ``JournalLine/filledColumns`` says which of its cells count.
package struct JournalValues: Sendable {
  /// The workload's columns, in order.
  package let fields: [FieldDeclaration]
  /// Whether all of them hold whole numbers, as the fastest way of reading needs.
  let areNumbers: Bool
  /// The words of each column's list, as bytes.
  private let words: [[[UInt8]]]
  /// The texts so far, each once.
  package private(set) var texts: [String] = []
  /// The index of each text; looked up, never iterated.
  private var indexes: [String: Int] = [:]

  init(_ fields: [FieldDeclaration]) {
    self.fields = fields
    areNumbers = fields.allSatisfy { $0.kind == .integer }
    words = fields.map { field in
      if case .word(let words) = field.kind { words.map { Array($0.utf8) } } else { [] }
    }
  }

  /// The value that a cell of a column holds.
  package func value(_ cell: Int64, _ column: Int) -> FieldValue {
    switch fields[column].kind {
    case .integer, .machine: .integer(cell)
    case .boolean: .boolean(cell != 0)
    case .word(let words): .text(words[Int(cell)])
    case .text: .text(texts[Int(cell)])
    }
  }

  /// Moves to the comma or newline behind the field at `cursor`; a quoted field may hold commas.
  static func skipField(_ cursor: inout UnsafePointer<UInt8>) {
    var isQuoted = false
    while cursor.pointee != newline && (isQuoted || cursor.pointee != comma) {
      if cursor.pointee == quote { isQuoted.toggle() }
      cursor += 1
    }
  }

  /// Reads the fields at `cursor`, as ``JournalWriter`` writes them behind the other columns.
  ///
  /// - Parameters:
  ///   - cursor: The comma before the first; afterwards the end of the line.
  ///   - cells: The destination, one for each column.
  /// - Returns: Which columns have a value; nil when one cannot be read.
  mutating func readColumns(
    _ cursor: inout UnsafePointer<UInt8>, into cells: UnsafeMutablePointer<Int64>
  ) -> UInt64? {
    var filled: UInt64 = 0
    for column in fields.indices {
      guard cursor.pointee == comma else { return nil }
      cursor += 1
      let start = cursor
      Self.skipField(&cursor)
      var length = cursor - start
      if cursor.pointee == newline && length > 0 && start[length - 1] == carriageReturn {
        length -= 1
        cursor -= 1
      }
      if length == 0 { continue }
      let bytes = UnsafeBufferPointer(start: start, count: length)
      guard let cell = try? cell(of: bytes, column) else { return nil }
      cells[column] = cell
      filled |= 1 << UInt64(column)
    }
    return filled
  }

  /// The cell of a field's bytes; nil when it has no value.
  ///
  /// - Throws: Why the field cannot have this value.
  mutating func cell(
    of bytes: UnsafeBufferPointer<UInt8>, _ column: Int
  ) throws(JournalFields.Problem) -> Int64? {
    if bytes.isEmpty { return nil }
    switch fields[column].kind {
    case .integer, .machine:
      let isPlain = bytes.allSatisfy { $0 &- zero < 10 || $0 == UInt8(ascii: "-") }
      guard isPlain, let value = Int64(String(decoding: bytes, as: UTF8.self)) else {
        throw problem(with: bytes, column, "is not a whole number that fits 64 bits")
      }
      guard fields[column].kind.admits(.integer(value)) else {
        throw problem(with: bytes, column, "is not the id of a machine")
      }
      return value
    case .boolean:
      if bytes.elementsEqual("true".utf8) { return 1 }
      if bytes.elementsEqual("false".utf8) { return 0 }
      throw problem(with: bytes, column, "is neither true nor false")
    case .word(let list):
      let text = try unquoted(bytes, column)
      guard let index = words[column].firstIndex(of: text) else {
        throw problem(
          with: bytes, column, "is not a word of this field: \(list.joined(separator: ", "))")
      }
      return Int64(index)
    case .text:
      return Int64(index(of: String(decoding: try unquoted(bytes, column), as: UTF8.self)))
    }
  }

  /// The index of a text, which is kept.
  private mutating func index(of text: String) -> Int {
    if let index = indexes[text] { return index }
    indexes[text] = texts.count
    texts.append(text)
    return texts.count - 1
  }

  /// A text's bytes without the quotes and escapes that ``FieldPen`` writes.
  private func unquoted(
    _ bytes: UnsafeBufferPointer<UInt8>, _ column: Int
  ) throws(JournalFields.Problem) -> [UInt8] {
    var inner = bytes[...]
    let isQuoted = bytes.first == quote
    if isQuoted {
      guard bytes.count > 1, bytes.last == quote else {
        throw problem(with: bytes, column, "has no closing quote")
      }
      inner = inner.dropFirst().dropLast()
    }
    var text: [UInt8] = []
    text.reserveCapacity(inner.count)
    var index = inner.startIndex
    while index < inner.endIndex {
      var byte = inner[index]
      let next = index + 1 < inner.endIndex ? inner[index + 1] : 0
      if byte == quote {
        guard isQuoted, next == quote else {
          throw problem(with: bytes, column, "has a quote that is not doubled within quotes")
        }
        index += 1
      } else if byte == backslash {
        switch next {
        case backslash: byte = backslash
        case UInt8(ascii: "n"): byte = newline
        case UInt8(ascii: "r"): byte = carriageReturn
        default: throw problem(with: bytes, column, "has a '\\' before neither '\\', n nor r")
        }
        index += 1
      }
      text.append(byte)
      index += 1
    }
    return text
  }

  private func problem(
    with bytes: UnsafeBufferPointer<UInt8>, _ column: Int, _ what: String
  ) -> JournalFields.Problem {
    JournalFields.Problem(
      column: fields[column].name, description: "\(Self.shown(bytes)) \(what)")
  }

  /// A field as an error shows it: quoted and shortened.
  static func shown(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
    "'\(String(decoding: bytes.prefix(40), as: UTF8.self))\(bytes.count > 40 ? "…" : "")'"
  }
}

private let quote = UInt8(ascii: "\"")
private let backslash = UInt8(ascii: "\\")
