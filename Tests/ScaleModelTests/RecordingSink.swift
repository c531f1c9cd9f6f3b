import LogicalTime
import ScaleModel

/// Keeps what a machine decides, in the order it decides it.
struct RecordingSink<Payload: Hashable & Sendable>: EffectSink {
  enum Effect: Hashable {
    case send(Message<Payload>, to: Neighbour)
    case sendToAll(Message<Payload>)
    case log(Event)
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

  /// Hands over what was decided since the last time.
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
