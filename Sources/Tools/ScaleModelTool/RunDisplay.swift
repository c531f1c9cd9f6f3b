import CommandLineKit
import SystemCalls

/// What is seen of a run on standard error while it goes on: a bar, and lines above it.
///
/// The bar is drawn only on a terminal; warnings always are, so many at most. Where commands are
/// typed a prompt stands below the bar. In wall time nothing here waits for a reader that takes
/// nothing: lines are then left out and counted, and the bar is not drawn.
final class RunDisplay {
  private let console: Console
  private let output = StandardError.shared
  private let bar: ProgressBar?
  /// Whether a line to type on stands below the bar.
  private let hasPrompt: Bool
  private let isQuiet: Bool
  /// Whether lines wait a while for a reader, as they may where no clock runs on meanwhile.
  private let waits: Bool
  private var isDrawn = false
  private var warningCount = 0

  private static let warningCountMax = 20

  /// Makes the display; a quiet one has no bar.
  ///
  /// `NO_COLOR` and dumb terminals get no escape codes.
  ///
  /// - Parameters:
  ///   - console: Words its messages.
  ///   - isQuiet: Whether only warnings are shown.
  ///   - takesCommands: Whether lines typed on standard input are obeyed.
  ///   - waits: Whether lines wait a while for a reader that takes nothing, as they may in virtual
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

  /// Draws the bar in place of the one before.
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

  /// Wipes the bar away, and the prompt with what is typed there.
  func wipe() { wipe(typedLineCount: 0) }

  /// Takes in that so many lines were typed: the terminal has moved the cursor below them.
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

  /// Takes in that the run is to end early: what the terminal shows of Ctrl-C must not open the
  /// next line.
  func interrupted() {
    guard let bar else { return }
    if isDrawn { wipe() } else { output.write(bar.clearing(width: terminalWidth)) }
  }

  /// Says something the user may like to know, where there is a bar.
  func note(_ line: String) {
    if hasBar { show(Console.line(line)) }
  }

  /// Writes whole lines the user has asked for, unless all is to be quiet.
  func tell(_ lines: String) {
    if !isQuiet { show(lines) }
  }

  /// Says something the user should know.
  func warn(_ message: String) {
    warningCount += 1
    if warningCount <= Self.warningCountMax { show(console.warningLine(message)) }
    if warningCount == Self.warningCountMax {
      show(console.warningLine("further warnings are not shown"))
    }
  }

  /// Says at the end what the user should know, however many warnings there were.
  func conclude(_ message: String) {
    show(console.warningLine(message))
  }

  /// Writes whole lines: above the bar where it can move down, or in its place.
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
