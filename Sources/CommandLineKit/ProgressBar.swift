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

  private func bar(fraction: Double) -> String {
    // Written so that what is no number counts as nothing.
    let share = fraction > 0 ? min(fraction, 1) : 0
    let filled = Int((share * Double(barWidth)).rounded())
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
    return hasEscapes ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar
  }
}
