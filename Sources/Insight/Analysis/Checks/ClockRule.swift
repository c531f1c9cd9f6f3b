import RunRecord
import ScaleModel

/// Every reading is exactly what Lamport's rules give.
///
/// - SeeAlso: L. Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
///   CACM 21(7), 1978, rules IR1 and IR2. <https://doi.org/10.1145/359545.359563>
struct ClockRule: JournalRule {
  static let name = "clock"
  private var clock: UInt64 = 0
  private var previous: UInt64 = 0

  init() {}

  @inline(__always)
  mutating func accepts(_ line: JournalLine) -> Bool {
    previous = clock
    clock = line.clock
    switch line.kind {
    case .internal, .deposit, .withdraw: return line.clock == previous + 1
    case .send: return line.clock == previous + 1 && line.messageReading == line.clock
    case .receive: return line.clock == max(previous, line.messageReading) + 1
    case .snapshot: return line.clock == previous
    }
  }

  func problem(with line: JournalLine) -> String {
    switch line.kind {
    case .snapshot:
      return "the clock reads \(line.clock); a snapshot leaves it at \(previous)"
    case .receive:
      let expected = max(previous, line.messageReading) + 1
      return "the clock reads \(line.clock); "
        + "after \(previous), receiving \(line.messageReading) reads \(expected)"
    case .send where line.clock == previous + 1:
      return "the message carries \(line.messageReading); its send reads \(line.clock)"
    case .internal, .send, .deposit, .withdraw:
      return "the clock reads \(line.clock); after \(previous) the next event reads \(previous + 1)"
    }
  }
}
