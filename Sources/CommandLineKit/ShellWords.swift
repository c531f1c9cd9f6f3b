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
    // A quote that bears an accent is a character of its own to Swift, and a quote to a shell.
    let parts = word.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
    return "'" + parts.map { String($0) }.joined(separator: "'\\''") + "'"
  }
}
