import LogicalTime
import Snapshots

/// A snapshot of the bank: the money of every node, and the money on its way on every channel.
package struct BankSnapshot: Hashable, Sendable {
  /// The nodes' ids, in the order in which they were created; a node's place is its machine.
  let nodeIDs: [Int64]
  /// The money each node had when it recorded, in the same order.
  private var balances: [Int64]
  /// The money on the channels that had any; looked up, never iterated.
  private var moneyOfChannel: [ChannelID: Int64] = [:]

  /// Makes the snapshot of these nodes; what they record is added as it comes.
  init(nodeIDs: [Int64]) {
    self.nodeIDs = nodeIDs
    balances = Array(repeating: 0, count: nodeIDs.count)
  }

  /// Adds what a node has recorded of itself.
  mutating func add(balance: Int64, of node: MachineID) {
    balances[node.index] = balance
  }

  /// Adds what a node has recorded of a channel.
  mutating func add(_ state: ChannelState<Int64>) {
    // All money there is fits in 64 bits, so this sum does.
    let money = state.messages.reduce(0, +)
    if money > 0 { moneyOfChannel[state.channel] = money }
  }
}

extension BankSnapshot: TextOutputStreamable {
  /// Writes the nodes by number, then all ordered pairs of them by source and target.
  package func write(to target: inout some TextOutputStream) {
    let places = nodeIDs.indices.sorted { nodeIDs[$0] < nodeIDs[$1] }
    target.write("---Node states\n")
    for place in places { target.write("node \(nodeIDs[place]) = \(balances[place])\n") }
    target.write("---Channel states\n")
    for source in places {
      for end in places where end != source {
        let channel = ChannelID(from: MachineID(source), to: MachineID(end))
        let money = moneyOfChannel[channel] ?? 0
        target.write("channel (\(nodeIDs[source]) -> \(nodeIDs[end])) = \(money)\n")
      }
    }
  }
}
