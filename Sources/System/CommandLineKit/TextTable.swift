/// Rows of words in aligned columns, for people to read.
package struct TextTable: Sendable {
  /// The side a column's words align to.
  package enum Alignment: Sendable {
    case left
    case right
  }

  let rows: [[String]]
  let alignments: [Alignment]

  /// Lays out rows; each has as many words as there are alignments.
  ///
  /// Escapes control characters.
  package init(rows: [[String]], alignments: [Alignment]) {
    self.rows = rows.map { $0.map(ShownText.escaped) }
    self.alignments = alignments
  }

  /// The length of its longest line, in characters.
  package var width: Int {
    text.split(separator: "\n").map(\.count).max() ?? 0
  }

  /// The table: one line per row, columns two spaces apart, no trailing spaces.
  package var text: String {
    let widths = alignments.indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, word) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - word.count)
        line += alignments[column] == .right ? padding + word : word + padding
        line += "  "
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}
