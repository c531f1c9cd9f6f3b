import LogicalTime
import RunRecord
import ScaleModel

/// Prints the events of a run on standard error, in order of time; without internal ones when
/// messages have fields.
///
/// In wall time each machine reports its events on request. An event is printed after every machine
/// was asked for it and has answered, so a receipt is printed after its send; a machine that does
/// not answer is waited for no longer than a second.
final class EventTeller {
  private let display: RunDisplay
  /// The system time of the run's start.
  var startTime: Int64 = 0
  /// The events not yet printed, in order of arrival.
  private var waiting: [ToldEvent] = []
  /// How many events machines have left out without a note so far.
  private var leftOutCount: UInt64 = 0
  /// The system time of the last request to the machines.
  private var askedTime = Int64.min
  private var text = ""
  /// The word for the events left out.
  private let noun: String
  private let names: FieldNames

  /// The size at which buffered text is written.
  private static let textByteCountMax = 1 << 15

  /// Prints the events of a plan.
  init(display: RunDisplay, plan: RunPlan) {
    self.display = display
    names = plan.workload.fields
    noun = names.message.isEmpty ? "event" : "message"
  }

  /// Prints an event that comes after all printed ones.
  func tell(_ event: ToldEvent) {
    text += "\(elapsed(event)) \(event.words(names))\n"
    if text.utf8.count >= Self.textByteCountMax { flush() }
  }

  /// The time since the start, in milliseconds: `12.305s`.
  private func elapsed(_ event: ToldEvent) -> String {
    let milliseconds = max(0, event.systemTime - startTime) / 1_000_000
    let digits = "\(milliseconds % 1000)"
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(milliseconds / 1000).\(zeros)\(digits)s"
  }

  /// Adds events that may be later than some still to come.
  func take(_ events: [ToldEvent], leftOutCount: UInt64) {
    waiting += events
    self.leftOutCount += leftOutCount
  }

  /// Prints the events from before the last request to the machines, which are asked again now.
  func turn(systemTime: Int64) {
    tellWaiting(through: askedTime)
    askedTime = systemTime
  }

  /// Prints all remaining events.
  func finish() {
    tellWaiting(through: .max)
  }

  private func tellWaiting(through time: Int64) {
    let due = waiting.enumerated().filter { $0.element.systemTime <= time }
      .sorted { ($0.element.systemTime, $0.offset) < ($1.element.systemTime, $1.offset) }
    waiting.removeAll { $0.systemTime <= time }
    for (_, event) in due { tell(event) }
    if leftOutCount > 0 {
      text += "… and \(counted(leftOutCount, noun)) that came too fast to print\n"
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
