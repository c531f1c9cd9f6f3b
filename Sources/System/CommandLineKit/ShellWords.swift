/// Words as a shell reads them.
package enum ShellWords {
  /// The words joined with spaces; quotes those that a shell would split or interpret.
  package static func text(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".", ",", "_", "-", "/", ":", "=", "@", "+", "%": true
      default: false
      }
    }
    if isPlain && !word.isEmpty { return word }
    guard ShownText.escaped(word) == word else { return "$'" + ansiQuoted(word) + "'" }
    return singleQuoted(word)
  }

  /// The word in single quotes, in which a shell interprets nothing.
  static func singleQuoted(_ word: String) -> String {
    // Swift sees a quote with a combining accent as one character; a shell sees a quote.
    let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
  }

  /// The inside of `$'…'`, in which a shell such as bash interprets escapes: always one line.
  private static func ansiQuoted(_ word: String) -> String {
    word.unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "'": text += "\\'"
      case "\\": text += "\\\\"
      case _ where ShownText.escaped(String(scalar)) == String(scalar):
        text.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      }
    }
  }

  /// Why a text cannot be split into words.
  package enum SplitError: Error, Hashable, Sendable {
    /// This quotation mark, the character of that number from 1, has no second one.
    case openQuote(Unicode.Scalar, column: Int)
    /// Nothing follows the backslash at the end.
    case openBackslash
  }

  /// Splits a text into words as a shell does: spaces separate, quotes and backslashes protect.
  ///
  /// Nothing is expanded or interpreted; every other character stands for itself.
  package static func split(_ text: String) throws(SplitError) -> [String] {
    var words: [String] = []
    var word: String.UnicodeScalarView?
    var quote: (mark: Unicode.Scalar, column: Int)?
    var isEscaped = false
    for (index, scalar) in text.unicodeScalars.enumerated() {
      if isEscaped {
        isEscaped = false
        // Between double quotes a backslash protects only what would end or change the quotation.
        if quote != nil, !"\"\\$`\n".unicodeScalars.contains(scalar) { word?.append("\\") }
        if scalar != "\n" { word = (word ?? "".unicodeScalars) + [scalar] }
      } else if scalar == "\\", quote?.mark != "'" {
        isEscaped = true
      } else if let open = quote {
        if scalar == open.mark { quote = nil } else { word?.append(scalar) }
      } else if scalar == "'" || scalar == "\"" {
        quote = (scalar, index + 1)
        word = word ?? "".unicodeScalars
      } else if scalar == " " || scalar == "\t" || scalar == "\n" {
        if let ended = word { words.append(String(ended)) }
        word = nil
      } else {
        word = (word ?? "".unicodeScalars) + [scalar]
      }
    }
    if let quote { throw .openQuote(quote.mark, column: quote.column) }
    if isEscaped { throw .openBackslash }
    if let word { words.append(String(word)) }
    return words
  }
}

extension ShellWords.SplitError: CustomStringConvertible {
  /// The error and its remedy, as a clause.
  package var description: String {
    switch self {
    case .openQuote(let mark, let column):
      "the \(mark) at column \(column) is not closed; add another \(mark)"
    case .openBackslash:
      "nothing follows the backslash at the end; leave it out, or write two"
    }
  }
}
