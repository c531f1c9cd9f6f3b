/// A line that shows how far something has come, drawn over itself.
package struct ProgressBar: Sendable {
  /// Whether colour may be used.
  package let hasColour: Bool
  private static let barWidthMax = 24

  /// Makes a bar; `NO_COLOR` and dumb terminals ask for one without colour.
  package init(hasColour: Bool) {
    self.hasColour = hasColour
  }

  /// The bytes that draw the line in place of the one before.
  ///
  /// - Parameters:
  ///   - fraction: How far it has come, 0 to 1; anything else counts as the nearer of the two.
  ///   - text: What stands behind the bar.
  ///   - width: How many columns the terminal has; bar and text are cut to leave the last one free,
  ///     for some terminals begin a new line when it is written.
  /// - Returns: A carriage return, the line, and an order to clear what is right of it.
  package func line(fraction: Double, text: String, width: Int) -> String {
    let barWidth = max(0, min(Self.barWidthMax, width - 1))
    let share = fraction > 0 ? min(fraction, 1) : 0
    let filled = Int((share * Double(barWidth)).rounded())
    let bar =
      String(repeating: "█", count: filled) + String(repeating: "░", count: barWidth - filled)
    let room = max(0, width - barWidth - 2)
    let shown = text.count > room ? String(text.prefix(max(0, room - 1))) + "…" : text
    return "\r" + (hasColour ? "\u{1B}[36m\(bar)\u{1B}[0m" : bar)
      + (room > 0 ? " " + shown : "") + "\u{1B}[K"
  }

  /// The bytes that wipe the line away.
  package var clearing: String { "\r\u{1B}[K" }
}
