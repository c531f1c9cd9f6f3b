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
    blocks(of: text).flatMap(\.lines).joined(separator: "\n")
  }

  /// The paragraphs, entries and empty lines of a text.
  static func blocks(of text: String) -> [Block] {
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
    return blocks
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
  struct Block {
    /// The text before the words of the first line, including its spaces.
    let label: String
    /// The column where the words begin.
    let column: Int
    /// How many spaces of the label are between its name and the words.
    let gap: Int
    fileprivate(set) var words: [String]
    fileprivate var endsParagraph: Bool

    fileprivate init(line: Substring, indent: Int) {
      let body = line.dropFirst(indent)
      let gap = indent == 0 ? nil : body.firstRange(of: "  ")
      let label = gap.map { body[..<$0.lowerBound] } ?? ""
      let text = body.dropFirst(label.count)
      let spaces = text.prefix { $0 == " " }
      self.label = String(repeating: " ", count: indent) + label + spaces
      column = self.label.count
      self.gap = spaces.count
      words = text.split(separator: " ").map(String.init)
      endsParagraph = indent == 0 && TextFill.endsParagraph(line)
    }

    /// Whether the next line may continue it.
    fileprivate var isOpen: Bool { !words.isEmpty && !endsParagraph }

    fileprivate var lines: [String] { TextFill.lines(of: words, label: label, column: column) }
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
