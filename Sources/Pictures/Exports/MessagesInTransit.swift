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
  /// By reading, one per source; looked up, never iterated.
  private var messages: [[UInt64: Message]]

  init(_ topology: Topology) {
    self.topology = topology
    messages = Array(repeating: [:], count: topology.machineCount)
  }

  /// Takes in what is kept of the message that an event sends.
  mutating func add(_ kept: Kept, sentBy event: CausalEvent) {
    let line = event.line
    guard line.peer != .none else { return }
    let count = line.peer == .all ? topology.neighbourhood(of: event.machine).count : 1
    guard count > 0 else { return }
    messages[event.machine.index][line.messageReading] = Message(
      kept: kept, targetNumber: line.peerNumber, receiptCount: count)
  }

  /// What was kept of the message that an event receives; nil when nobody sent it in the window.
  mutating func remove(receivedBy event: CausalEvent) -> Kept? {
    let reading = event.line.messageReading
    guard case .machine(let source) = event.line.peer, source.index < messages.count,
      var message = messages[source.index][reading],
      message.targetNumber == event.machine.number
        || message.targetNumber == JournalLine.everybody
    else { return nil }
    message.receiptCount -= 1
    messages[source.index][reading] = message.receiptCount > 0 ? message : nil
    return message.kept
  }
}
