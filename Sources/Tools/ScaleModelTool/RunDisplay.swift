import CommandLineKit
import SystemCalls

/// Shows a run's progress on standard error: a bar, with lines above it.
///
/// The bar is drawn only on a terminal; warnings are always printed, up to a limit. Where commands
/// are typed, a prompt is below the bar. In wall time nothing here waits for a blocked reader:
/// lines are then dropped and counted, and the bar is not drawn.
final class RunDisplay {
  private let console: Console
  private let output = StandardError.shared
  private let bar: ProgressBar?
  /// Whether a prompt is below the bar.
  private let hasPrompt: Bool
  private let isQuiet: Bool
  /// Whether lines wait a while for a blocked reader, as is possible without a running clock.
  private let waits: Bool
  private var isDrawn = false
  private var warningCount = 0

  private static let warningCountMax = 20

  /// Makes the display; a quiet one has no bar.
  ///
  /// `NO_COLOR` and dumb terminals get no escape codes.
  ///
  /// - Parameters:
  ///   - console: Formats its messages.
  ///   - isQuiet: Whether only warnings are shown.
  ///   - takesCommands: Whether commands are read from standard input.
  ///   - waits: Whether lines wait a while for a blocked reader, as they may in virtual
  ///     time.
  init(console: Console, isQuiet: Bool, takesCommands: Bool = false, waits: Bool = false) {
    self.console = console
    self.waits = waits
    self.isQuiet = isQuiet
    let isShown = Descriptor.standardError.isTerminal && !isQuiet
    let hasEscapes =
      (ThisProcess.environment("NO_COLOR") ?? "").isEmpty
      && ThisProcess.environment("TERM") != "dumb"
    bar = isShown ? ProgressBar(hasEscapes: hasEscapes) : nil
    hasPrompt =
      isShown && hasEscapes && takesCommands && Descriptor.standardInput.isTerminal
  }

  /// Whether there is a bar.
  var hasBar: Bool { bar != nil }

  /// Redraws the bar.
  func draw(fraction: Double, text: String) {
    guard let bar, output.isTakenUp else { return }
    let line = bar.line(fraction: fraction, text: text, width: terminalWidth)
    if !hasPrompt {
      output.write(line)
    } else {
      output.write(isDrawn ? bar.redrawn(line) : bar.opening(line))
    }
    isDrawn = true
  }

  /// Erases the bar, and the prompt with the text typed there.
  func wipe() { wipe(typedLineCount: 0) }

  /// Handles typed lines: the terminal has moved the cursor below them.
  func typed(lineCount: Int) {
    if hasPrompt { wipe(typedLineCount: lineCount) }
  }

  private func wipe(typedLineCount: Int) {
    guard let bar, isDrawn else { return }
    output.write(
      hasPrompt
        ? bar.clearing(typedLineCount: typedLineCount) : bar.clearing(width: terminalWidth))
    isDrawn = false
  }

  /// Handles Ctrl-C: its echo on the terminal must not start the next line.
  func interrupted() {
    guard let bar else { return }
    if isDrawn { wipe() } else { output.write(bar.clearing(width: terminalWidth)) }
  }

  /// Prints a note, where there is a bar.
  func note(_ line: String) {
    if hasBar { show(Console.line(line)) }
  }

  /// Prints whole lines that the user asked for, unless quiet.
  func tell(_ lines: String) {
    if !isQuiet { show(lines) }
  }

  /// Prints a warning.
  func warn(_ message: String) {
    warningCount += 1
    if warningCount <= Self.warningCountMax { show(console.warningLine(message)) }
    if warningCount == Self.warningCountMax {
      show(console.warningLine("further warnings are not shown"))
    }
  }

  /// Prints a final warning, regardless of the limit.
  func conclude(_ message: String) {
    show(console.warningLine(message))
  }

  /// Writes whole lines above the bar, or in its place where it cannot move down.
  private func show(_ lines: String) {
    if hasPrompt, isDrawn, let bar, let text = bar.above(lines, width: terminalWidth) {
      output.write(text)
    } else {
      wipe()
      output.write(lines, waits: waits)
    }
  }

  private var terminalWidth: Int { Descriptor.standardError.terminalWidth ?? 80 }
}
