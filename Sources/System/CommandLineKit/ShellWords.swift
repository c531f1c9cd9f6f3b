/// Words as a shell reads them.
package enum ShellWords {
  /// The words with spaces between them, those in quotes that a shell would take apart.
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
    // A quote that bears an accent is a character of its own to Swift, and a quote to a shell.
    let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
  }

  /// The inside of `$'…'`, in which a shell such as bash reads escapes: always one line.
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
