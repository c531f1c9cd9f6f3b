/// A text as lines of words: `#` begins a comment, and lines without words are left out.
struct WordLines {
  /// A line with words.
  struct Line {
    /// Its number in the text, from 1.
    let number: Int
    let words: [String]
    /// The words as errors show them, shortened if needed.
    var shown: String { String(words.joined(separator: " ").prefix(40)) }
  }

  /// The lines with words, in order.
  let lines: [Line]
  /// The number of the line after the last one.
  let endNumber: Int

  init(_ text: String) {
    var lines: [Line] = []
    var number = 0
    for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      let words = line.prefix { $0 != UInt8(ascii: "#") }.split { byte in
        byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\r")
      }
      if !words.isEmpty {
        lines.append(Line(number: number, words: words.map { String(Substring($0)) }))
      }
    }
    self.lines = lines
    endNumber = (lines.last?.number ?? 0) + 1
  }
}

extension String {
  /// The number these digits write; nil for a sign, other characters or an overflow.
  var asCount: Int? {
    guard let first = utf8.first, first >= UInt8(ascii: "0"), first <= UInt8(ascii: "9") else {
      return nil
    }
    return Int(self)
  }

  /// Whether it sorts before another text, byte by byte: `N10` before `N2`.
  func precedesAsText(_ other: String) -> Bool {
    utf8.lexicographicallyPrecedes(other.utf8)
  }
}
