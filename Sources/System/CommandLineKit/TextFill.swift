/// Text broken into lines that fit a terminal of 80 columns.
///
/// A line that starts at the margin continues in the next one, unless it ends with `.` or `:` and
/// so ends a paragraph. An indented line is an entry: a word, two spaces or more, and its
/// description; lines that start below that description continue it.
package enum TextFill {
  /// The maximum length of a line, in columns.
  package static let width = 80

  /// Rewraps a text; words and empty lines are kept.
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

  /// Wraps the text after a label; later lines align below the first.
  static func entry(label: String, text: String) -> String {
    lines(of: text.split(separator: " ").map(String.init), label: label, column: label.count)
      .joined(separator: "\n")
  }

  private static func endsParagraph(_ line: Substring) -> Bool {
    line.hasSuffix(".") || line.hasSuffix(":")
  }

  /// Lines that belong together.
  private struct Block {
    /// The text before the words of the first line, including its spaces.
    let label: String
    /// The column where the words begin.
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
