/// Makes foreign names and texts safe for a terminal, a table or a page.
///
/// A run's name, a file's name and an experiment's question may hold anything: escape sequences
/// that clear a screen, line ends that forge a verdict, formulas that a spreadsheet runs. All
/// output except JSON goes through these rules.
package enum ShownText {
  /// Escapes control characters, as `\u{1B}` and `\n`, so that a text stays one line and cannot
  /// command a terminal.
  ///
  /// Line and paragraph separators count as control characters, as do those that change the writing
  /// direction.
  package static func escaped(_ text: String) -> String { escaped(text, sparing: []) }

  /// Escapes control characters except line feeds.
  package static func escapedLines(_ text: String) -> String { escaped(text, sparing: ["\n"]) }

  /// A text as a cell of CSV, before it is quoted.
  ///
  /// Escapes control characters. Prefixes an apostrophe to a text that a spreadsheet would take for
  /// a formula because it begins with `=`, `+`, `-` or `@` and is not a number.
  package static func cell(_ text: String) -> String {
    let isFormula = text.unicodeScalars.first.map(formulaStarts.contains) == true
    return (isFormula && Double(text) == nil ? "'" : "") + escaped(text)
  }

  /// A path as a link target, with reserved characters as `%` and two digits.
  package static func percentEncoded(_ path: String) -> String {
    path.utf8.reduce(into: "") { target, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "/"), UInt8(ascii: "~"):
        target.unicodeScalars.append(Unicode.Scalar(byte))
      default: target += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
  }

  /// Whether no rule changes the text; a fast check, since most texts pass.
  package static func isPlain(_ text: String) -> Bool {
    var isFirst = true
    for byte in text.utf8 {
      if isFirst, formulaStarts.contains(Unicode.Scalar(byte)) { return false }
      guard byte >= 0x20, byte < 0x7F else { return false }
      isFirst = false
    }
    return true
  }

  /// The second four are the full-width forms that Chinese and Japanese keyboards produce.
  private static let formulaStarts: [Unicode.Scalar] = [
    "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}",
  ]

  private static func escaped(_ text: String, sparing spared: [Unicode.Scalar]) -> String {
    let mayNeedIt = text.utf8.contains { byte in
      // Control characters beyond ASCII begin with these bytes.
      byte < 0x20 && byte != 0x0A || byte == 0x0A && spared.isEmpty || byte == 0x7F
        || byte == 0xC2 || byte == 0xE2
    }
    guard mayNeedIt else { return text }
    return text.unicodeScalars.reduce(into: "") { escaped, scalar in
      if isControl(scalar), !spared.contains(scalar) {
        escaped += scalar.escaped(asASCII: true)
      } else {
        escaped.unicodeScalars.append(scalar)
      }
    }
  }

  /// Whether a character controls a terminal or a reader instead of being shown.
  package static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}", "\u{2028}", "\u{2029}": true
    default: scalar.properties.generalCategory == .control
    }
  }
}
