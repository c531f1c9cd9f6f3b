import CommandLineKit
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// Shows on standard error how a run goes on, and what its user should know.
///
/// The bar appears on a terminal only; warnings always do, so many at most.
final class RunProgress: SupervisorObserver {
  private let console: Console
  private let duration: TimeSpan
  private let bar: ProgressBar?
  private let isQuiet: Bool
  private var warningCount = 0
  private(set) var completeSnapshotCount = 0
  private(set) var partialSnapshotCount = 0
  private var isDrawn = false

  private static let warningCountMax = 20

  init(console: Console, options: RunOptions) {
    self.console = console
    duration = options.plan.duration
    isQuiet = options.isQuiet
    let isShown = Descriptor.standardError.isTerminal && !options.isQuiet
    let hasEscapes =
      (ThisProcess.environment("NO_COLOR") ?? "").isEmpty
      && ThisProcess.environment("TERM") != "dumb"
    bar = isShown ? ProgressBar(hasEscapes: hasEscapes) : nil
  }

  var progressNanoseconds: Int64? { bar == nil ? nil : 200_000_000 }

  func started(processIDs: [Int32]) {}

  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress]) {
    guard let bar else { return }
    let ticks = progress.reduce(0) { $0 + $1.ticks }
    let queues = progress.map { String($0.queueLength) }
    let shown = queues.count <= 12 ? queues : queues.prefix(12) + ["…"]
    let elapsed = max(0, elapsedNanoseconds) / 1_000_000_000
    let line = bar.line(
      fraction: Double(elapsedNanoseconds) / Double(duration.nanoseconds),
      text: "\(elapsed)s of \(duration)  ticks \(ticks)  queues \(shown.joined(separator: " "))"
        + (completeSnapshotCount > 0 ? "  snapshots \(completeSnapshotCount)" : ""),
      width: terminalWidth)
    try? Descriptor.standardError.writeAll(line)
    isDrawn = true
  }

  func tookSnapshot(_ snapshot: SnapshotFile) {
    if snapshot.status == .complete {
      completeSnapshotCount += 1
    } else {
      partialSnapshotCount += 1
      warned("snapshot \(snapshot.id) is partial: \(snapshot.reason ?? "")")
      return
    }
    guard bar != nil, completeSnapshotCount <= Self.warningCountMax else { return }
    finish()
    console.note(SnapshotTable(snapshot).headline)
  }

  func warned(_ message: String) {
    warningCount += 1
    finish()
    if warningCount <= Self.warningCountMax { console.warn(message) }
    if warningCount == Self.warningCountMax { console.warn("further warnings are not shown") }
  }

  /// Wipes the bar away.
  func finish() {
    guard let bar, isDrawn else { return }
    try? Descriptor.standardError.writeAll(bar.clearing(width: terminalWidth))
    isDrawn = false
  }

  private var terminalWidth: Int { Descriptor.standardError.terminalWidth ?? 80 }
}
