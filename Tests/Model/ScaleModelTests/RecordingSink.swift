import LogicalTime
import Snapshots

@testable import ScaleModel

/// Records a machine's decisions, in order.
struct RecordingSink<Work: Workload>: EffectSink {
  typealias Payload = Work.Payload

  enum Effect: Hashable {
    case send(Message<Payload>, to: Neighbour)
    case sendToAll(Message<Payload>)
    case log(Logged)
    case sendMarker(SnapshotID, to: MachineID)
    case recorded(MachinePart<Payload>)
    case finished(SnapshotID, MachinePart<Payload>?)
  }

  var effects: [Effect] = []
  /// The machine's topology; without one no machine is a neighbour by its id.
  var topology: Topology?
  var machine: MachineID = 0

  func neighbour(_ machine: MachineID) -> Neighbour? {
    topology?.neighbour(machine, of: self.machine)
  }

  mutating func send(_ message: Message<Payload>, to neighbour: Neighbour) {
    effects.append(.send(message, to: neighbour))
  }

  mutating func sendToAll(_ message: Message<Payload>) {
    effects.append(.sendToAll(message))
  }

  mutating func log(_ event: Event, payload: Payload?, workload: Work) {
    let fields = WorkloadFields(workload)
    effects.append(
      .log(
        Logged(
          event, payload.flatMap { fields.values(of: $0).first } ?? .nothing,
          fields.values(of: workload).first ?? .nothing)))
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

/// A line of a journal: the event, and the first fields of its message and of the state after it.
struct Logged: Hashable {
  let event: Event
  let amount: FieldValue
  let balance: FieldValue

  init(_ event: Event, _ amount: FieldValue, _ balance: FieldValue) {
    (self.event, self.amount, self.balance) = (event, amount, balance)
  }

  init(
    tick: UInt64, kind: Event.Kind, reading: UInt64, queueLength: Int, peer: Event.Peer = .none,
    messageReading: UInt64 = 0, amount: Int64? = nil, balance: Int64? = nil
  ) {
    self.init(
      Event(
        tick: tick, kind: kind, reading: reading, queueLength: queueLength, peer: peer,
        messageReading: messageReading), amount.fieldValue, balance.fieldValue)
  }
}

extension Workload {
  /// Chooses an instruction where only the neighbours matter.
  mutating func chooseInstruction(
    neighbours: Neighbours, random: inout SplitMix64
  ) -> Instruction<Payload> {
    var chance = Chance(random)
    defer { random = SplitMix64(state: chance.state) }
    return chooseInstruction(
      Surroundings(machine: 0, neighbours: neighbours, tick: 1, reading: 1), chance: &chance)
  }

  /// Receives a payload where nothing else matters.
  mutating func receive(_ payload: Payload) {
    let neighbours = Topology(completeWith: 2).neighbourhood(of: 0)
    _ = receive(
      Message(source: 1, reading: 1, payload: payload),
      Surroundings(machine: 0, neighbours: neighbours, tick: 1, reading: 2))
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
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<Int64> {
    let instruction = instructions.isEmpty ? .internal : instructions.removeFirst()
    switch instruction {
    case .internal: break
    case .send(let amount, _), .sendToAll(let amount), .reply(let amount, _): coins -= amount
    }
    return instruction
  }

  mutating func receive(
    _ message: Message<Int64>, _ surroundings: Surroundings
  ) -> [Instruction<Int64>] {
    coins += message.payload
    return []
  }

  mutating func takeBack(_ payload: Int64) { coins += payload }
  var messageFields: [Field<Int64>] { [Field("amount", \.self)] }
  var stateFields: [Field<Script>] { [Field("coins", \.coins)] }
  var blankPayload: Int64 { 0 }
}

extension Machine {
  /// Makes a machine of a test that takes no snapshots: all of five machines are linked.
  init(id: MachineID, neighbours: Neighbours, workload: Work, seed: UInt64) {
    self.init(
      id: id, neighbours: neighbours, workload: workload, seed: seed,
      channels: TopologyChannels(Topology(completeWith: 5)))
  }
}
