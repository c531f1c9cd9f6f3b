import CommandLineKit
import SystemCalls

/// What is seen of a run on standard error while it goes on: a bar, and lines above it.
///
/// The bar is drawn only on a terminal; warnings always are, so many at most.
final class RunDisplay {
  private let console: Console
  private let bar: ProgressBar?
  private let isQuiet: Bool
  private var isDrawn = false
  private var warningCount = 0

  private static let warningCountMax = 20

  /// Makes the display; a quiet one has no bar.
  ///
  /// `NO_COLOR` and dumb terminals get no escape codes.
  init(console: Console, isQuiet: Bool) {
    self.console = console
    self.isQuiet = isQuiet
    let isShown = Descriptor.standardError.isTerminal && !isQuiet
    let hasEscapes =
      (ThisProcess.environment("NO_COLOR") ?? "").isEmpty
      && ThisProcess.environment("TERM") != "dumb"
    bar = isShown ? ProgressBar(hasEscapes: hasEscapes) : nil
  }

  /// Whether there is a bar.
  var hasBar: Bool { bar != nil }

  /// Draws the bar in place of the one before.
  func draw(fraction: Double, text: String) {
    guard let bar else { return }
    try? Descriptor.standardError.writeAll(
      bar.line(fraction: fraction, text: text, width: terminalWidth))
    isDrawn = true
  }

  /// Wipes the bar away.
  func wipe() {
    guard let bar, isDrawn else { return }
    try? Descriptor.standardError.writeAll(bar.clearing(width: terminalWidth))
    isDrawn = false
  }

  /// Says something the user may like to know, where there is a bar.
  func note(_ line: String) {
    guard hasBar else { return }
    wipe()
    console.note(line)
  }

  /// Writes whole lines the user has asked for, unless all is to be quiet.
  func tell(_ lines: String) {
    if isQuiet { return }
    wipe()
    try? Descriptor.standardError.writeAll(lines)
  }

  /// Says something the user should know.
  func warn(_ message: String) {
    warningCount += 1
    wipe()
    if warningCount <= Self.warningCountMax { console.warn(message) }
    if warningCount == Self.warningCountMax { console.warn("further warnings are not shown") }
  }

  private var terminalWidth: Int { Descriptor.standardError.terminalWidth ?? 80 }
}
