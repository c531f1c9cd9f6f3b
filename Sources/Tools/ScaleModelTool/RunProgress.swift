import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// Shows the progress of a run in wall time.
final class RunProgress: SupervisorObserver {
  private let display: RunDisplay
  private let duration: TimeSpan
  private let snapshots: SnapshotPrinter
  private let events: EventTeller?
  private let onStart: RunBeginning
  private var startTime: Int64 = 0
  /// Each time that all machines went back.
  private(set) var restarts: [Manifest.Restart]

  /// Shows a run.
  ///
  /// - Parameters:
  ///   - display: The display.
  ///   - duration: The planned duration.
  ///   - snapshots: Prints its snapshots.
  ///   - events: Prints its events; nil when not requested.
  ///   - restarts: Those of the run that this one goes on from.
  ///   - onStart: Called when the machines begin, and when they have gone back.
  init(
    display: RunDisplay, duration: TimeSpan, snapshots: SnapshotPrinter, events: EventTeller?,
    restarts: [Manifest.Restart] = [], onStart: @escaping RunBeginning
  ) {
    self.restarts = restarts
    self.display = display
    self.duration = duration
    self.snapshots = snapshots
    self.events = events
    self.onStart = onStart
  }

  var progressInterval: TimeSpan? {
    if events != nil { return .milliseconds(50) }
    return display.hasBar ? .milliseconds(200) : nil
  }

  func started(at systemTime: SystemInstant) {
    startTime = systemTime.nanoseconds
    events?.startTime = startTime
    // A run that cannot write its manifest here has another chance at its end.
    try? onStart(startTime, restarts)
  }

  func restarted(_ restart: Manifest.Restart) throws(SystemError) {
    restarts.append(restart)
    try onStart(startTime, restarts)
  }

  func progressed(elapsed: TimeSpan, _ progress: [MachineProgress], isWhole: Bool) {
    if isWhole { events?.turn(systemTime: startTime + elapsed.nanoseconds) }
    let seconds = elapsed.nanoseconds / 1_000_000_000
    display.draw(
      fraction: elapsed.seconds / duration.seconds,
      text: "\(seconds)s of \(duration)  clocks \(Self.list(progress.map(\.clock)))"
        + "  queues \(Self.list(progress.map { UInt64($0.queueLength) }))"
        + (snapshots.count > 0 ? "  snapshots \(snapshots.count)" : ""))
  }

  /// The numbers of all machines, in id order; of many the smallest and the largest.
  private static func list(_ numbers: [UInt64]) -> String {
    guard numbers.count > 5, let low = numbers.min(), let high = numbers.max() else {
      return numbers.map { "\($0)" }.joined(separator: " ")
    }
    return "\(low)...\(high)"
  }

  func acknowledged(_ words: String) {
    display.tell("\(words)\n")
  }

  func tookSnapshot(_ snapshot: SnapshotFile, isTyped: Bool) {
    snapshots.took(snapshot, isTyped: isTyped)
  }

  func told(_ events: [ToldEvent], by machine: MachineID, leftOutCount: UInt64) {
    self.events?.take(events, leftOutCount: leftOutCount)
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
