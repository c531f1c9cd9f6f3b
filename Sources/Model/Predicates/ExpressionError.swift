/// Why a text is no expression, and where in the text.
package struct ExpressionError: Error, Hashable, Sendable {
  /// What is wrong, without the position.
  package let problem: String
  /// How many characters precede the position.
  package let offset: Int
  /// The whole text; the parser adds it.
  package internal(set) var text = ""

  /// Makes an error at the character after the first `offset` ones.
  package init(_ problem: String, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// The text around the position, and below it a caret that points there.
  package var caretLines: String {
    let shown = text.map { $0.isNewline || $0 == "\t" ? " " : $0 }
    let start = max(0, offset - Self.columnCountMax * 3 / 4)
    let stretch = shown.dropFirst(start).prefix(Self.columnCountMax)
    return String(stretch) + "\n" + String(repeating: " ", count: offset - start) + "^"
  }

  /// How much of a long text is shown.
  private static let columnCountMax = 80
}

extension ExpressionError: CustomStringConvertible {
  /// The problem and its position, in one line.
  package var description: String { "\(problem) (character \(offset + 1) of '\(text)')" }
}
