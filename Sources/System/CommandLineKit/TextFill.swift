/// Text broken into lines that a terminal of 80 columns shows whole.
///
/// A line that starts at the margin goes on in the next one, unless it ends with `.` or `:` and so
/// ends a paragraph. An indented line is an entry: a word, two spaces or more, and what is said of
/// it; lines that start below that text continue it.
package enum TextFill {
  /// How many columns a line has at most.
  package static let width = 80

  /// Breaks a text anew; words are kept, and so are empty lines.
  package static func fill(_ text: String) -> String {
    var blocks: [Block] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let indent = line.prefix { $0 == " " }.count
      let words = line.split(separator: " ").map(String.init)
      if let last = blocks.last, last.isOpen, !words.isEmpty, indent == last.column {
        blocks[blocks.count - 1].words += words
        blocks[blocks.count - 1].endsParagraph = indent == 0 && Self.endsParagraph(line)
      } else {
        blocks.append(Block(line: line, indent: indent))
      }
    }
    return blocks.flatMap(\.lines).joined(separator: "\n")
  }

  /// Breaks what stands behind a label into lines, the second and all later ones below the first.
  static func entry(label: String, text: String) -> String {
    lines(of: text.split(separator: " ").map(String.init), label: label, column: label.count)
      .joined(separator: "\n")
  }

  private static func endsParagraph(_ line: Substring) -> Bool {
    line.hasSuffix(".") || line.hasSuffix(":")
  }

  /// Lines that belong together.
  private struct Block {
    /// What stands ahead of the words in the first line, the spaces between included.
    let label: String
    /// Where the words begin.
    let column: Int
    var words: [String]
    var endsParagraph: Bool

    init(line: Substring, indent: Int) {
      let body = line.dropFirst(indent)
      let gap = indent == 0 ? nil : body.firstRange(of: "  ")
      let label = gap.map { body[..<$0.lowerBound] } ?? ""
      let text = body.dropFirst(label.count)
      let spaces = text.prefix { $0 == " " }
      self.label = String(repeating: " ", count: indent) + label + spaces
      column = self.label.count
      words = text.split(separator: " ").map(String.init)
      endsParagraph = indent == 0 && TextFill.endsParagraph(line)
    }

    /// Whether the next line may continue it.
    var isOpen: Bool { !words.isEmpty && !endsParagraph }

    var lines: [String] { TextFill.lines(of: words, label: label, column: column) }
  }

  private static func lines(of words: [String], label: String, column: Int) -> [String] {
    var lines: [String] = []
    var line = label
    var isEmpty = true
    for word in words {
      if !isEmpty && line.count + 1 + word.count > width {
        lines.append(line)
        line = String(repeating: " ", count: column) + word
      } else {
        line += (isEmpty ? "" : " ") + word
      }
      isEmpty = false
    }
    return lines + [line]
  }
}
