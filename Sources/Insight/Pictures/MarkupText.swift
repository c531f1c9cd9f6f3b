import CommandLineKit

/// Escapes text for HTML and SVG, so that logs and names cannot inject markup.
package enum MarkupText {
  /// Escapes a text for use in an element or in a quoted attribute.
  ///
  /// Control characters become `U+FFFD`, so that an SVG file stays well-formed and no name turns
  /// the direction of text beside it; tabs and line ends stay.
  ///
  /// - Parameter text: Any text.
  /// - Returns: The same text with `&`, `<`, `>`, `"` and `'` as character references.
  package static func escaped(_ text: some StringProtocol) -> String {
    var escaped = ""
    escaped.reserveCapacity(text.utf8.count)
    for character in text.unicodeScalars {
      switch character {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\t", "\n", "\r": escaped.unicodeScalars.append(character)
      case "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      case _ where ShownText.isControl(character): escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(character)
      }
    }
    return escaped
  }
}
