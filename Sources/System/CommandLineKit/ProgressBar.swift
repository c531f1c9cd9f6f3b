/// A line that shows progress and is redrawn in place.
package struct ProgressBar: Sendable {
  /// Whether escape codes may be used: colour, and clearing the rest of the line.
  package let hasEscapes: Bool
  private let barWidth = 24
  /// The minimum width of the text; a narrower terminal gets no bar.
  private let textWidthMin = 12

  /// Makes a bar; pass false when `NO_COLOR` is set or the terminal is dumb.
  package init(hasEscapes: Bool) {
    self.hasEscapes = hasEscapes
  }

  /// The bytes that redraw the line.
  ///
  /// - Parameters:
  ///   - fraction: The progress, 0 to 1.
  ///   - text: The text after the bar.
  ///   - width: How many columns the terminal has; the line is cut to fit.
  /// - Returns: A carriage return, the line, and what clears the rest of the previous line.
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

  /// The bytes that clear the line.
  ///
  /// - Parameter width: How many columns the terminal has.
  /// - Returns: The bytes; they leave the cursor at the start of the empty line.
  package func clearing(width: Int) -> String {
    if hasEscapes { return "\r" + Self.wipe }
    return "\r" + String(repeating: " ", count: max(0, width - 1)) + "\r"
  }

  private static let wipe = "\u{1B}[K"

  // MARK: With a prompt

  /// The prompt, on the line below the bar.
  private static let prompt = "> "

  /// The bytes that first draw the bar, and a prompt line below it.
  ///
  /// The terminal echoes input at the cursor, which stays on the prompt line: redrawing the bar
  /// moves the cursor up and back.
  package func opening(_ line: String) -> String { "\(line)\n\(Self.prompt)" }

  /// The bytes that redraw the bar above the prompt.
  package func redrawn(_ line: String) -> String {
    "\u{1B}7\u{1B}[1A\(line)\u{1B}8"
  }

  /// The bytes that insert lines above the bar; the bar, the prompt and typed input move down.
  ///
  /// - Parameters:
  ///   - text: Whole lines.
  ///   - width: How many columns the terminal has.
  /// - Returns: Nil for more lines than a small terminal has room for.
  package func above(_ text: String, width: Int) -> String? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let rowCount = lines.reduce(0) { $0 + max(1, ($1.count + width - 1) / max(1, width)) }
    guard 1...Self.insertedRowCountMax ~= rowCount else { return nil }
    // Moves down this many rows in the same column, scrolling at the bottom; inserting as many rows
    // at the bar then moves the prompt to the cursor.
    return String(repeating: "\u{1B}D", count: rowCount)
      + "\u{1B}7\r\u{1B}[\(rowCount + 1)A\u{1B}[\(rowCount)L\(lines.joined(separator: "\n"))\u{1B}8"
  }

  private static let insertedRowCountMax = 8

  /// The bytes that clear bar and prompt, after this many lines were typed below the bar.
  package func clearing(typedLineCount: Int) -> String {
    "\r\u{1B}[\(typedLineCount + 1)A\u{1B}[J"
  }

  private func bar(fraction: Double) -> String {
    // Written so that NaN counts as zero.
    let share = fraction > 0 ? min(fraction, 1) : 0
    let filled = Int((share * Double(barWidth)).rounded())
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
    return hasEscapes ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
  }
}
