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
}
