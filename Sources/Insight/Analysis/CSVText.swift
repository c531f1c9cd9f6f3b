import CommandLineKit

/// Rows of a table as CSV text: fields separated by commas, quoted where necessary.
///
/// - SeeAlso: RFC 4180.
struct CSVText {
  /// The text so far, in UTF-8.
  private(set) var bytes: [UInt8] = []
  private var isAtRowStart = true

  /// Adds the header row.
  mutating func append(header names: [String]) {
    bytes += names.joined(separator: ",").utf8
    endRow()
  }

  /// Removes the text so far, after the caller has written it.
  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  mutating func endRow() {
    bytes.append(UInt8(ascii: "\n"))
    isAtRowStart = true
  }

  /// Adds the figures of a row: those in the columns of a table whose machines have names, or have
  /// none.
  mutating func append(_ row: TableRow<some TableColumn>, named: Bool) {
    for (column, cell) in row.figures where column.isShown(named: named) { append(cell) }
  }

  /// Adds a figure.
  mutating func append(_ cell: Cell) {
    guard case .text(let text) = cell else {
      beginField()
      bytes += cell.text.utf8
      return
    }
    append(text)
  }

  /// Adds a name or another text as ``ShownText/cell(_:)`` has it; quotes one with a comma, a
  /// semicolon or a quote.
  mutating func append(_ text: String) {
    beginField()
    let text = ShownText.isPlain(text) ? text : ShownText.cell(text)
    // In some countries spreadsheets separate fields with semicolons.
    let special: [UInt8] = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\"")]
    guard text.utf8.contains(where: special.contains) else {
      bytes += text.utf8
      return
    }
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { bytes.append(byte) }
      bytes.append(byte)
    }
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func append(_ number: some FixedWidthInteger) {
    beginField()
    appendDigits(UInt64(number.magnitude), isNegative: number < 0)
  }

  /// Adds a number that is given in billionths of its unit, without rounding.
  mutating func append(billionths: Int64) {
    beginField()
    let (whole, fraction) = billionths.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    appendDigits(whole, isNegative: billionths < 0)
    guard fraction > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var rest = fraction
    var worth: UInt64 = 100_000_000
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / worth))
      rest %= worth
      worth /= 10
    }
  }

  private mutating func beginField() {
    if !isAtRowStart { bytes.append(UInt8(ascii: ",")) }
    isAtRowStart = false
  }

  private mutating func appendDigits(_ number: UInt64, isNegative: Bool) {
    if isNegative { bytes.append(UInt8(ascii: "-")) }
    var divisor: UInt64 = 1
    while number / divisor >= 10 { divisor *= 10 }
    var rest = number
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / divisor))
      rest %= divisor
      divisor /= 10
    }
  }
}

/// A figure of a table.
package enum Cell: Hashable, Sendable {
  /// Text, quoted where CSV needs it.
  case text(String)
  /// A whole number.
  case count(UInt64)
  /// A number with decimals.
  case number(Double)
  /// Not applicable: empty in CSV, null in JSON.
  case none

  init(_ text: String?) { self = text.map { .text($0) } ?? .none }
  init(_ number: Double?) { self = number.map { .number($0) } ?? .none }
  init(_ count: Int?) {
    self = count.map { $0 < 0 ? .number(Double($0)) : .count(UInt64($0)) } ?? .none
  }

  /// A mean; not applicable when the count is zero.
  init(_ sum: Double, by count: Int) { self = count > 0 ? .number(sum / Double(count)) : .none }

  /// The figure as a number; nil for a text and for a figure that is not applicable.
  package var value: Double? {
    switch self {
    case .count(let count): Double(count)
    case .number(let number): number
    case .text, .none: nil
    }
  }

  /// The figure as CSV and the summary table write it; numbers have at most twelve digits.
  package var text: String {
    switch self {
    case .text(let text): text
    case .count(let count): "\(count)"
    case .number(let number): twelveDigits(of: number).map { "\($0)" } ?? ""
    case .none: ""
    }
  }
}

extension Cell: Encodable {
  /// Writes the figure as a JSON string, number or null.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .count(let count): try container.encode(count)
    case .number(let number):
      if let rounded = twelveDigits(of: number) {
        try container.encode(rounded)
      } else {
        try container.encodeNil()
      }
    case .none: try container.encodeNil()
    }
  }
}

/// The number rounded to twelve significant digits, which no measurement here exceeds; nil when it
/// is not finite.
func twelveDigits(of number: Double) -> ShortNumber? {
  guard number.isFinite else { return nil }
  var scale = 1.0
  var magnitude = abs(number)
  while magnitude > 0 && magnitude < 1e11 && scale < 1e22 {
    scale *= 10
    magnitude = abs(number) * scale
  }
  let rounded = magnitude < 1e15 ? (number * scale).rounded() / scale : number
  return ShortNumber(value: rounded)
}

/// A number that is written without a fraction when it has none.
struct ShortNumber: Encodable, CustomStringConvertible {
  let value: Double

  var description: String {
    if let whole = Int64(exactly: value), abs(value) < 1e15 { return "\(whole)" }
    return "\(value)"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value)
  }
}
