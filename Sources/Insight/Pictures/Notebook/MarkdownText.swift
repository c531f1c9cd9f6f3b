import CommandLineKit

/// Escapes text for a Markdown page, so that files cannot inject markup.
enum MarkdownText {
  /// A text that may have emphasis and links, but no HTML markup and no section markers.
  ///
  /// Control characters except line ends are escaped.
  static func prose(_ text: String) -> String {
    // By scalars: a `<` with a combining accent is another character to Swift, but not to HTML.
    ShownText.escapedLines(text).unicodeScalars.reduce(into: "") { prose, scalar in
      if scalar == "<" { prose += "&lt;" } else { prose.unicodeScalars.append(scalar) }
    }
  }

  /// The text on a single line.
  static func line(_ text: String) -> String { prose(ShownText.escaped(text)) }

  /// A text for a table cell, with the table's special characters escaped.
  static func cell(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "<": escaped += "&lt;"
      case "&": escaped += "&amp;"
      case "|", "*", "_", "`", "[", "]", "\\", "~": escaped += "\\\(scalar)"
      case "\n", "\r": escaped += " "
      default: escaped += ShownText.escaped(String(scalar))
      }
    }
    return escaped
  }

  /// A table with a header row; columns of numbers are right-aligned.
  static func table(_ rows: [[String]], numbersFrom column: Int) -> String {
    guard let header = rows.first else { return "" }
    let rule = header.indices.map { $0 < column ? "---" : "---:" }
    return ([header, rule] + rows.dropFirst()).map { "| \($0.joined(separator: " | ")) |\n" }
      .joined()
  }
}

/// A mean with as many digits as its interval supports.
enum RoundedText {
  /// The mean and half its 95 % interval: `4.12 ± 0.35`; the mean alone without scatter; `–` when
  /// there is none.
  static func estimate(mean: Double?, interval: ClosedRange<Double>?) -> String {
    guard let mean else { return "–" }
    let reach = interval.map { ($0.upperBound - $0.lowerBound) / 2 } ?? 0
    // A difference in the last bits comes from the order of summation.
    guard reach > abs(mean) * 1e-12 else { return DecimalText.digits(mean, 4) }
    let decimals = Self.decimals(for: reach)
    return "\(rounded(mean, decimals)) ± \(rounded(reach, decimals))"
  }

  /// How many decimals show half an interval with two digits; negative when units are too fine.
  static func decimals(for reach: Double) -> Int {
    var decimals = 0
    var scaled = reach
    while scaled < 9.95 && decimals < 12 {
      scaled *= 10
      decimals += 1
    }
    while scaled >= 99.5 {
      scaled /= 10
      decimals -= 1
    }
    return decimals
  }

  private static func rounded(_ number: Double, _ decimals: Int) -> String {
    if decimals >= 0 {
      let text = DecimalText.short(number, decimals: decimals)
      // Trailing zeros are measured digits.
      let shown = text.split(separator: ".").dropFirst().first?.count ?? 0
      guard decimals > shown else { return text }
      return text + (shown == 0 ? "." : "") + String(repeating: "0", count: decimals - shown)
    }
    let unit = (0..<(-decimals)).reduce(1.0) { unit, _ in unit * 10 }
    return DecimalText.short((number / unit).rounded() * unit, decimals: 0)
  }
}
