import LogicalTime
import ScaleModel
import Snapshots

/// Records a machine's decisions, in order.
struct RecordingSink<Payload: Hashable & Sendable>: EffectSink {
  enum Effect: Hashable {
    case send(Message<Payload>, to: Neighbour)
    case sendToAll(Message<Payload>)
    case log(Event)
    case sendMarker(SnapshotID, to: MachineID)
    case recorded(MachinePart<Payload>)
    case finished(SnapshotID, MachinePart<Payload>?)
  }

  var effects: [Effect] = []

  mutating func send(_ message: Message<Payload>, to neighbour: Neighbour) {
    effects.append(.send(message, to: neighbour))
  }

  mutating func sendToAll(_ message: Message<Payload>) {
    effects.append(.sendToAll(message))
  }

  mutating func log(_ event: Event) {
    effects.append(.log(event))
  }

  mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {
    effects.append(.sendMarker(id, to: target))
  }

  mutating func recorded(_ part: MachinePart<Payload>) {
    effects.append(.recorded(part))
  }

  mutating func finished(_ id: SnapshotID, part: MachinePart<Payload>?) {
    effects.append(.finished(id, part))
  }

  /// Returns the decisions since the last call.
  mutating func take() -> [Effect] {
    defer { effects = [] }
    return effects
  }
}

/// A workload that does what it is told, and holds coins: a send takes them out at once.
struct Script: Workload {
  var instructions: [Instruction<Int64>]
  var coins: Int64

  init(_ instructions: [Instruction<Int64>], coins: Int64 = 100) {
    self.instructions = instructions
    self.coins = coins
  }

  mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<Int64> {
    let instruction = instructions.isEmpty ? .internal : instructions.removeFirst()
    switch instruction {
    case .internal: break
    case .send(let amount, _), .sendToAll(let amount): coins -= amount
    }
    return instruction
  }

  mutating func receive(_ payload: Int64) { coins += payload }
  mutating func takeBack(_ payload: Int64) { coins += payload }
  static func payload(carrying amount: Int64?) -> Int64? { amount }
  static func amount(of payload: Int64) -> Int64? { payload }
  var balance: Int64? { coins }
}

extension Machine {
  /// Makes a machine of a test that takes no snapshots: all of five machines are linked.
  init(id: MachineID, neighbours: Neighbours, workload: Work, seed: UInt64) {
    self.init(
      id: id, neighbours: neighbours, workload: workload, seed: seed,
      channels: TopologyChannels(Topology(completeWith: 5)))
  }
}
