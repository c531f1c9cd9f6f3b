import ScaleModel
import SystemCalls

/// Shows the progress of a long simulation; a short one is over before that.
final class VirtualProgress {
  private let display: RunDisplay
  private let duration: TimeSpan
  private var nextTime = SystemClock.monotonicNanoseconds + 300_000_000

  init(display: RunDisplay, duration: TimeSpan) {
    self.display = display
    self.duration = duration
  }

  /// Records how far the simulation has come.
  func reached(_ time: RunTime, waitingCount: Int) {
    let now = SystemClock.monotonicNanoseconds
    guard now >= nextTime else { return }
    nextTime = now + 100_000_000
    display.draw(
      fraction: Double(time.nanoseconds) / Double(duration.nanoseconds),
      text: "\(time.nanoseconds / 1_000_000_000)s of \(duration)  waiting messages \(waitingCount)")
  }
}
