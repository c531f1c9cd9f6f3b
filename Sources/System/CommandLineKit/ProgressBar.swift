/// A line that shows how far something has come, drawn over itself.
package struct ProgressBar: Sendable {
  /// Whether escape codes may be used: colour, and wiping what is right of the line.
  package let hasEscapes: Bool
  private let barWidth = 24
  /// The least room left for the text; on a terminal with less of it the bar is left out.
  private let textWidthMin = 12

  /// Makes a bar; `NO_COLOR` and dumb terminals ask for one without escape codes.
  package init(hasEscapes: Bool) {
    self.hasEscapes = hasEscapes
  }

  /// The bytes that draw the line in place of the one before.
  ///
  /// - Parameters:
  ///   - fraction: How far it has come, 0 to 1.
  ///   - text: What stands behind the bar.
  ///   - width: How many columns the terminal has; the line is cut to fit.
  /// - Returns: A carriage return, the line, and what clears the rest of the line before it.
  package func line(fraction: Double, text: String, width: Int) -> String {
    let text = ShownText.escaped(text)
    // The last column stays free: a character there makes some terminals begin a new line.
    let hasBar = width - 1 >= barWidth + 1 + textWidthMin
    let room = max(0, width - 1 - (hasBar ? barWidth + 1 : 0))
    let cut = room > 0 ? String(text.prefix(room - 1)) + "…" : ""
    let shown = text.count > room ? cut : text
    let start = "\r" + (hasBar ? bar(fraction: fraction) + " " : "") + shown
    if hasEscapes { return start + Self.wipe }
    return start + String(repeating: " ", count: room - min(room, shown.count))
  }

  /// The bytes that wipe the line away.
  ///
  /// - Parameter width: How many columns the terminal has.
  /// - Returns: The bytes; the cursor is at the start of the empty line then.
  package func clearing(width: Int) -> String {
    if hasEscapes { return "\r" + Self.wipe }
    return "\r" + String(repeating: " ", count: max(0, width - 1)) + "\r"
  }

  private static let wipe = "\u{1B}[K"

  // MARK: With a prompt

  /// What stands before what is typed, on the line below the bar.
  private static let prompt = "> "

  /// The bytes that draw the bar for the first time, and a line below it to type on.
  ///
  /// The terminal shows what is typed where the cursor stands, which is there from now on: the bar
  /// is drawn from there, and the cursor put back.
  package func opening(_ line: String) -> String { "\(line)\n\(Self.prompt)" }

  /// The bytes that draw the bar in place of the one above the prompt.
  package func redrawn(_ line: String) -> String {
    "\u{1B}7\u{1B}[1A\(line)\u{1B}8"
  }

  /// The bytes that put lines above the bar, which moves down with its prompt and what is typed.
  ///
  /// - Parameters:
  ///   - text: Whole lines.
  ///   - width: How many columns the terminal has.
  /// - Returns: Nil for more lines than a small terminal has room for.
  package func above(_ text: String, width: Int) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let rowCount = lines.reduce(0) { $0 + max(1, ($1.count + width - 1) / max(1, width)) }
    guard 1...Self.insertedRowCountMax ~= rowCount else { return nil }
    // Down so many rows in the same column, scrolling where there is no room; there the prompt
    // comes to stand when as many rows are inserted at the bar's.
    return String(repeating: "\u{1B}D", count: rowCount)
      + "\u{1B}7\r\u{1B}[\(rowCount + 1)A\u{1B}[\(rowCount)L\(lines.joined(separator: "\n"))\u{1B}8"
  }

  private static let insertedRowCountMax = 8

  /// The bytes that wipe away bar and prompt, after so many lines were typed below the bar.
  package func clearing(typedLineCount: Int) -> String {
    "\r\u{1B}[\(typedLineCount + 1)A\u{1B}[J"
  }

  private func bar(fraction: Double) -> String {
    // Written so that what is no number counts as nothing.
    let share = fraction > 0 ? min(fraction, 1) : 0
    let filled = Int((share * Double(barWidth)).rounded())
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
    return hasEscapes ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
  }
}
