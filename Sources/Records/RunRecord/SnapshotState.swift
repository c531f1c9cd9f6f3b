import Predicates
import ScaleModel

/// The global state that a complete snapshot recorded.
package struct SnapshotState: GlobalState {
  private struct State {
    let clock: UInt64
    let queueLength: Int
    let owedCount: Int
    /// One per field of states.
    let values: [FieldValue]
  }

  private let states: [State]
  /// One per field of messages: its sum over all messages in inboxes and on channels.
  private let sums: [WideSum]
  /// How many messages are in inboxes and on channels.
  package let messageCountOnTheWay: Int

  /// The state in a snapshot's file; nil for a partial one.
  package init?(_ file: SnapshotFile, _ names: FieldNames) {
    guard file.status == .complete else { return nil }
    var states: [State] = []
    var sums = names.message.map { _ in WideSum() }
    var count = 0
    func add(_ message: SnapshotFile.Message) {
      count += 1
      for (field, value) in message.fields.values(of: names.message).enumerated() {
        if let number = value.integer { sums[field] += number }
      }
    }
    for machine in file.machines {
      states.append(
        State(
          clock: machine.clock, queueLength: machine.inbox.count,
          owedCount: machine.owed?.count ?? 0, values: machine.fields.values(of: names.state)))
      machine.inbox.forEach(add)
    }
    for channel in file.channels { channel.messages.forEach(add) }
    (self.states, self.sums, messageCountOnTheWay) = (states, sums, count)
  }

  /// How many machines there are.
  package var machineCount: Int { states.count }

  /// The value of a field of a machine's state.
  package func value(of field: Int, at machine: Int) -> FieldValue {
    states[machine].values[field]
  }

  /// How many messages wait in a machine's inbox.
  package func queueLength(at machine: Int) -> Int { states[machine].queueLength }

  /// The reading of a machine's Lamport clock.
  package func clock(at machine: Int) -> UInt64 { states[machine].clock }

  /// How many instructions a machine owes.
  package func owedCount(at machine: Int) -> Int { states[machine].owedCount }

  /// The sum of a field over all messages in inboxes and on channels; nil beyond 64 bits.
  package func sumOnTheWay(of field: Int) -> Int64? { sums[field].value }
}
