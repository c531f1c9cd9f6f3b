import LogicalTime
import RunRecord
import ScaleModel

/// What a figure or a history keeps of each message between its send and its receipt.
package struct MessagesInTransit<Kept> {
  private struct Message {
    let kept: Kept
    let targetNumber: UInt32
    /// How many receipts are still expected.
    var receiptCount: Int
  }

  private let topology: Topology
  private let lacksReadings: Bool
  /// The groups of machines that journal lines name as recipients.
  private let groups: [[Int]]
  /// How many copies of a message may arrive at one machine.
  private let copyCountMax: Int
  /// By reading, one per source, in order of the sends; looked up, never iterated.
  private var messages: [[UInt64: [Message]]]

  /// Starts with no messages in flight.
  ///
  /// - Parameters:
  ///   - topology: Which channels there are.
  ///   - lacksReadings: Whether a reading of 0 means that the reading is unknown.
  ///   - groups: The groups of machines that journal lines name as recipients.
  ///   - copyCountMax: How many copies of a message may arrive at one machine.
  package init(
    _ topology: Topology, lacksReadings: Bool = false, groups: [[Int]] = [], copyCountMax: Int = 1
  ) {
    (self.topology, self.lacksReadings) = (topology, lacksReadings)
    (self.groups, self.copyCountMax) = (groups, copyCountMax)
    messages = Array(repeating: [:], count: topology.machineCount)
  }

  /// Starts with no messages in flight in this run.
  package init(in run: StoredRun) {
    self.init(
      run.topology, lacksReadings: run.manifest.imported != nil,
      groups: run.manifest.imported?.groups ?? [],
      copyCountMax: run.manifest.plan.promises.duplicate > 0 ? 2 : 1)
  }

  /// Keeps a value for the message that an event sends.
  package mutating func add(_ kept: Kept, sentBy event: CausalEvent) {
    let line = event.line
    guard line.peer != .none, isKnown(line.messageReading) else { return }
    let count =
      switch line.peer {
      case .all: topology.neighbourhood(of: event.machine).count
      case .group(let group): groups.indices.contains(group) ? groups[group].count : 0
      case .machine, .none: 1
      }
    guard count > 0 else { return }
    messages[event.machine.index][line.messageReading, default: []].append(
      Message(
        kept: kept, targetNumber: line.peerNumber, receiptCount: count * copyCountMax))
  }

  /// The value kept for the message that an event receives; nil when the window has no send for it.
  package mutating func remove(receivedBy event: CausalEvent) -> Kept? {
    take(receivedBy: event)?.kept
  }

  /// The value kept for the message that an event receives, and whether no other receipt of it is
  /// expected; nil when the window has no send for it.
  mutating func take(receivedBy event: CausalEvent) -> (kept: Kept, isLast: Bool)? {
    let reading = event.line.messageReading
    guard isKnown(reading),
      case .machine(let source) = event.line.peer, source.index < messages.count,
      let index = messages[source.index][reading]?.firstIndex(where: {
        isFor(event.machine, $0.targetNumber)
      }), let message = messages[source.index][reading]?[index]
    else { return nil }
    messages[source.index][reading]?[index].receiptCount -= 1
    if message.receiptCount == 1 { messages[source.index][reading]?.remove(at: index) }
    if messages[source.index][reading]?.isEmpty == true { messages[source.index][reading] = nil }
    return (message.kept, message.receiptCount == 1)
  }

  /// Whether a message goes to a machine, alone or with others.
  private func isFor(_ machine: MachineID, _ targetNumber: UInt32) -> Bool {
    if targetNumber == machine.number || targetNumber == JournalLine.allPeers { return true }
    guard targetNumber >= JournalLine.groupBase else { return false }
    let group = Int(targetNumber - JournalLine.groupBase)
    return groups.indices.contains(group) && groups[group].contains(machine.index)
  }

  private func isKnown(_ reading: UInt64) -> Bool { reading > 0 || !lacksReadings }
}
