import LogicalTime
import RunRecord
import ScaleModel
import WallTime

/// Shows how a run in wall time goes on.
final class RunProgress: SupervisorObserver {
  private let display: RunDisplay
  private let duration: TimeSpan
  private let snapshots: SnapshotTeller
  private let transfers: TransferTeller?
  private let onStart: (Int64) -> Void
  private var startTime: Int64 = 0

  /// Shows a run.
  ///
  /// - Parameters:
  ///   - display: Where it is shown.
  ///   - duration: How long it is to be.
  ///   - snapshots: Tells of its snapshots.
  ///   - transfers: Tells of its transfers; nil when nobody asked for that.
  ///   - onStart: Called with the system time of tick 0.
  init(
    display: RunDisplay, duration: TimeSpan, snapshots: SnapshotTeller, transfers: TransferTeller?,
    onStart: @escaping (Int64) -> Void
  ) {
    self.display = display
    self.duration = duration
    self.snapshots = snapshots
    self.transfers = transfers
    self.onStart = onStart
  }

  var progressNanoseconds: Int64? {
    if transfers != nil { return 50_000_000 }
    return display.hasBar ? 200_000_000 : nil
  }

  func started(at systemTime: Int64) {
    startTime = systemTime
    onStart(systemTime)
  }

  func progressed(elapsedNanoseconds: Int64, _ progress: [MachineProgress]) {
    transfers?.turn(systemTime: startTime + elapsedNanoseconds)
    let ticks = progress.reduce(0) { $0 + $1.ticks }
    let queues = progress.map { String($0.queueLength) }
    let shown = queues.count <= 12 ? queues : queues.prefix(12) + ["…"]
    let elapsed = max(0, elapsedNanoseconds) / 1_000_000_000
    display.draw(
      fraction: Double(elapsedNanoseconds) / Double(duration.nanoseconds),
      text: "\(elapsed)s of \(duration)  ticks \(ticks)  queues \(shown.joined(separator: " "))"
        + (snapshots.count > 0 ? "  snapshots \(snapshots.count)" : ""))
  }

  func acknowledged(_ words: String) {
    display.tell("\(words)\n")
  }

  func tookSnapshot(_ snapshot: SnapshotFile, isTyped: Bool) {
    snapshots.took(snapshot, isTyped: isTyped)
  }

  func transferred(_ transfers: [Transfer], by machine: MachineID, leftOutCount: UInt64) {
    self.transfers?.take(transfers, leftOutCount: leftOutCount)
  }

  func typed(lineCount: Int) {
    display.typed(lineCount: lineCount)
  }

  func interrupted() {
    display.interrupted()
  }

  func warned(_ message: String) {
    display.warn(message)
  }
}
