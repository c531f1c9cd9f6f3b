import LogicalTime
import Snapshots

/// A snapshot of the bank: the money of every node, and the money in transit on every channel.
struct BankSnapshot: Hashable, Sendable {
  /// The nodes' ids, in the order of creation; a node's index is its machine.
  let nodeIDs: [Int64]
  /// The money each node had when it recorded, in the same order.
  private var balances: [Int64]
  /// The money on non-empty channels; looked up, never iterated.
  private var moneyOfChannel: [ChannelID: Int64] = [:]

  /// Makes the snapshot of these nodes, without any recorded state.
  init(nodeIDs: [Int64]) {
    self.nodeIDs = nodeIDs
    balances = Array(repeating: 0, count: nodeIDs.count)
  }

  /// Adds a node's recorded balance.
  mutating func add(balance: Int64, of node: MachineID) {
    balances[node.index] = balance
  }

  /// Adds a node's recorded channel.
  mutating func add(_ state: ChannelState<Int64>) {
    // All money in the bank fits in 64 bits, so this sum does.
    let money = state.messages.reduce(0, +)
    if money > 0 { moneyOfChannel[state.channel] = money }
  }

  /// Appends the snapshot's lines to a text: the nodes by number, then all ordered pairs of them by
  /// source and target.
  func write(to text: inout [UInt8]) {
    let order = nodeIDs.indices.sorted { nodeIDs[$0] < nodeIDs[$1] }
    text.append(text: "---Node states\n")
    for index in order {
      text.append(text: "node ")
      text.append(decimal: nodeIDs[index])
      text.append(text: " = ")
      text.append(decimal: balances[index])
      text.append(text: "\n")
    }
    text.append(text: "---Channel states\n")
    for source in order {
      for target in order where target != source {
        text.append(text: "channel (")
        text.append(decimal: nodeIDs[source])
        text.append(text: " -> ")
        text.append(decimal: nodeIDs[target])
        text.append(text: ") = ")
        let channel = ChannelID(from: MachineID(source), to: MachineID(target))
        text.append(decimal: moneyOfChannel[channel] ?? 0)
        text.append(text: "\n")
      }
    }
  }
}
