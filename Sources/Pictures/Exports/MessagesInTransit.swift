import Analysis
import LogicalTime
import RunRecord
import ScaleModel

/// What a picture keeps of each message from its send to its receipt.
struct MessagesInTransit<Kept> {
  private struct Message {
    let kept: Kept
    let targetNumber: UInt32
    /// How many receipts are still to come.
    var receiptCount: Int
  }

  private let topology: Topology
  private let lacksReadings: Bool
  /// By reading, one per source; looked up, never iterated.
  private var messages: [[UInt64: Message]]

  /// - Parameters:
  ///   - topology: Which channels there are.
  ///   - lacksReadings: Whether a reading of 0 says that nobody knows which it is.
  init(_ topology: Topology, lacksReadings: Bool = false) {
    (self.topology, self.lacksReadings) = (topology, lacksReadings)
    messages = Array(repeating: [:], count: topology.machineCount)
  }

  /// Nothing is on its way yet in this run.
  init(in run: RecordedRun) {
    self.init(run.topology, lacksReadings: run.lacks(.message))
  }

  /// Takes in what is kept of the message that an event sends.
  mutating func add(_ kept: Kept, sentBy event: CausalEvent) {
    let line = event.line
    guard line.peer != .none, isKnown(line.messageReading) else { return }
    let count = line.peer == .all ? topology.neighbourhood(of: event.machine).count : 1
    guard count > 0 else { return }
    messages[event.machine.index][line.messageReading] = Message(
      kept: kept, targetNumber: line.peerNumber, receiptCount: count)
  }

  /// What was kept of the message that an event receives; nil when nobody sent it in the window.
  mutating func remove(receivedBy event: CausalEvent) -> Kept? {
    let reading = event.line.messageReading
    guard isKnown(reading),
      case .machine(let source) = event.line.peer, source.index < messages.count,
      var message = messages[source.index][reading],
      message.targetNumber == event.machine.number
        || message.targetNumber == JournalLine.everybody
    else { return nil }
    message.receiptCount -= 1
    messages[source.index][reading] = message.receiptCount > 0 ? message : nil
    return message.kept
  }
  private func isKnown(_ reading: UInt64) -> Bool { reading > 0 || !lacksReadings }
}
