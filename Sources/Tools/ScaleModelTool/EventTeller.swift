import LogicalTime
import RunRecord
import ScaleModel

/// Tells the events of a run on standard error, in the order of time; of a bank the transfers.
///
/// In wall time machines tell theirs when they are asked, each for itself; an event is told when
/// every machine has been asked after it and has had a turn to answer, so a receipt is told after
/// its send.
final class EventTeller {
  private let display: RunDisplay
  /// When the run began: system time.
  var startTime: Int64 = 0
  /// What is not told yet, in the order it came.
  private var waiting: [ToldEvent] = []
  /// How many events machines have left out, and are not told of yet.
  private var leftOutCount: UInt64 = 0
  /// When the machines were last asked: system time.
  private var askedTime = Int64.min
  private var text = ""
  /// What the events are called that were left out.
  private let noun: String

  /// How much text is gathered before it is written.
  private static let textByteCountMax = 1 << 15

  /// Tells the events of a plan.
  init(display: RunDisplay, plan: RunPlan) {
    self.display = display
    noun = plan.workload.startBalance == nil ? "event" : "transfer"
  }

  /// Tells an event that comes after all that were told before.
  func tell(_ event: ToldEvent) {
    text += event.balance == nil ? "\(elapsed(event)) \(event)\n" : "\(event)\n"
    if text.utf8.count >= Self.textByteCountMax { flush() }
  }

  /// The time since the start, in milliseconds: `12.305s`.
  private func elapsed(_ event: ToldEvent) -> String {
    let milliseconds = max(0, event.systemTime - startTime) / 1_000_000
    let digits = "\(milliseconds % 1000)"
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(milliseconds / 1000).\(zeros)\(digits)s"
  }

  /// Takes events that may be later than some that are still to come.
  func take(_ events: [ToldEvent], leftOutCount: UInt64) {
    waiting += events
    self.leftOutCount += leftOutCount
  }

  /// Tells what happened before the machines were last asked; they are asked again now.
  func turn(systemTime: Int64) {
    tellWaiting(through: askedTime)
    askedTime = systemTime
  }

  /// Tells all the rest.
  func finish() {
    tellWaiting(through: .max)
  }

  private func tellWaiting(through time: Int64) {
    let due = waiting.enumerated().filter { $0.element.systemTime <= time }
      .sorted { ($0.element.systemTime, $0.offset) < ($1.element.systemTime, $1.offset) }
    waiting.removeAll { $0.systemTime <= time }
    for (_, event) in due { tell(event) }
    if leftOutCount > 0 {
      text += "… and \(counted(leftOutCount, noun)) that came too fast to be told\n"
      leftOutCount = 0
    }
    flush()
  }

  private func flush() {
    if text.isEmpty { return }
    display.tell(text)
    text = ""
  }
}
