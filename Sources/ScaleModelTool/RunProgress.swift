import RunRecord
import ScaleModel
import WallTime

/// Shows how a run in wall time goes on.
final class RunProgress: SupervisorObserver {
  private let display: RunDisplay
  private let duration: TimeSpan
  private let onStart: (Int64) -> Void
  private var snapshotCount = 0

  /// How many snapshots are told one by one.
  private static let toldSnapshotCountMax = 20

  /// Shows a run on `display`; `onStart` is called with the system time of tick 0.
  init(display: RunDisplay, duration: TimeSpan, onStart: @escaping (Int64) -> Void) {
    self.display = display
    self.onStart = onStart
    self.duration = duration
  }

  var progressNanoseconds: Int64? { display.hasBar ? 200_000_000 : nil }

  func started(at systemTime: Int64) {
    onStart(systemTime)
  }

  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress]) {
    let ticks = progress.reduce(0) { $0 + $1.ticks }
    let queues = progress.map { String($0.queueLength) }
    let shown = queues.count <= 12 ? queues : queues.prefix(12) + ["…"]
    let elapsed = max(0, elapsedNanoseconds) / 1_000_000_000
    display.draw(
      fraction: Double(elapsedNanoseconds) / Double(duration.nanoseconds),
      text: "\(elapsed)s of \(duration)  ticks \(ticks)  queues \(shown.joined(separator: " "))"
        + (snapshotCount > 0 ? "  snapshots \(snapshotCount)" : ""))
  }

  func tookSnapshot(_ snapshot: SnapshotFile) {
    snapshotCount += 1
    if snapshot.status == .partial {
      display.warn("snapshot \(snapshot.id) is partial: \(snapshot.reason ?? "")")
    } else if snapshotCount <= Self.toldSnapshotCountMax {
      display.note(SnapshotTable(snapshot).headline)
    }
  }

  func warned(_ message: String) {
    display.warn(message)
  }
}
