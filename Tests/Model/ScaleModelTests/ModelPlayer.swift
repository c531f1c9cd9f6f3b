import LogicalTime
import ScaleModel
import Snapshots
import Synchronization
import TestSupport

/// A workload that does on its next free tick what a story told it, and holds 100 coins.
struct Puppet: Workload {
  /// What the next free tick does; shared with the player, who writes it.
  final class Orders: Hashable, Sendable {
    private let next = Mutex<Instruction<Int64>>(.internal)

    func give(_ instruction: Instruction<Int64>) { next.withLock { $0 = instruction } }

    /// The instruction given last; an internal event once it is taken.
    func take() -> Instruction<Int64> {
      next.withLock { next in
        defer { next = .internal }
        return next
      }
    }

    static func == (left: Orders, right: Orders) -> Bool { left === right }
    func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
  }

  let orders = Orders()
  /// Returns the orders one by one, and holds the coins.
  private var script = Script([])

  mutating func chooseInstruction(
    _ surroundings: Surroundings, chance: inout Chance
  ) -> Instruction<Int64> {
    script.instructions = [orders.take()]
    return script.chooseInstruction(surroundings, chance: &chance)
  }

  mutating func receive(
    _ message: Message<Int64>, _ surroundings: Surroundings
  ) -> [Instruction<Int64>] { script.receive(message, surroundings) }

  mutating func takeBack(_ payload: Int64) { script.takeBack(payload) }
  var messageFields: [Field<Int64>] { script.messageFields }
  var stateFields: [Field<Puppet>] { [Field("coins", \.coins)] }
  var blankPayload: Int64 { 0 }
  var coins: Int64 {
    get { script.coins }
    set { script.coins = newValue }
  }
}

/// Plays stories of whole models: machines as values, and channels that deliver when the story says.
///
/// Each machine holds 100 coins and does what it is told. A channel is a list; `deliver` takes its
/// first item out, a message or a marker.
struct ModelPlayer {
  private enum Item {
    case message(Message<Int64>)
    case marker(SnapshotID)
  }

  private var topology = Topology(completeWith: 1)
  private var machines: [Machine<Puppet>] = []
  private var channels: [ChannelID: [Item]] = [:]

  /// Carries out one command.
  ///
  /// - Returns: A line for each effect, in order.
  /// - Throws: ``UnknownCommand``.
  mutating func carryOut(_ words: [Substring]) throws -> [String] {
    let numbers = words.map { Int($0) }
    switch (words.first, words.count) {
    case ("machines", 2...3):
      guard let count = numbers[1] else { break }
      topology =
        words.last == "ring" ? .ring(machineCount: count) : Topology(completeWith: count)
      machines = topology.machineIDs.map { id in
        Machine(
          id: id, neighbours: topology.neighbourhood(of: id), workload: Puppet(), seed: 0,
          channels: TopologyChannels(topology),
          markerHandling: words.last == "markers-wait" ? .tick : .arrival)
      }
      return []
    case ("tick", 2...):
      guard let index = numbers[1], machines.indices.contains(index),
        let instruction = instruction(words.dropFirst(2), of: machines[index].id)
      else { break }
      return step(index) { machine, sink in
        // An order that a receipt pushes aside is dropped: the story gives it again.
        machine.workload.orders.give(instruction)
        machine.tick(into: &sink)
        machine.workload.orders.give(.internal)
      }
    case ("snapshot", 2):
      guard let index = numbers[1], machines.indices.contains(index) else { break }
      return step(index) { machine, sink in _ = machine.beginSnapshot(into: &sink) }
    case ("end-ticks", 2):
      guard let index = numbers[1], machines.indices.contains(index) else { break }
      return step(index) { machine, sink in machine.endTicks(into: &sink) }
    case ("deliver", 3), ("close", 3):
      guard let source = numbers[1], let target = numbers[2], machines.indices.contains(source),
        machines.indices.contains(target)
      else { break }
      let channel = ChannelID(from: MachineID(source), to: MachineID(target))
      return words[0] == "deliver" ? deliver(from: channel) : close(channel)
    case ("show", 1):
      return machines.map(describe)
    default:
      break
    }
    throw UnknownCommand(words)
  }

  /// Reads `send 30 to 2`, `send 30 to all`, or no words at all: what a free tick is to do.
  private func instruction(
    _ words: ArraySlice<Substring>, of id: MachineID
  ) -> Instruction<Int64>? {
    if words.isEmpty { return .internal }
    guard words.count == 4, words.first == "send", let amount = Int64(words[words.startIndex + 1]),
      let last = words.last
    else { return nil }
    if last == "all" { return .sendToAll(amount) }
    return Int(last).flatMap { topology.neighbour(MachineID($0), of: id) }.map {
      .send(amount, to: $0)
    }
  }

  private mutating func deliver(from channel: ChannelID) -> [String] {
    guard channels[channel]?.isEmpty == false, let item = channels[channel]?.removeFirst() else {
      return ["nothing is on its way"]
    }
    return step(channel.target.index) { machine, sink in
      switch item {
      case .message(let message): machine.arrive(message)
      case .marker(let id): machine.arriveMarker(id, from: channel.source, into: &sink)
      }
    }
  }

  /// Closes a channel with its contents, and notifies the machines at both ends.
  private mutating func close(_ channel: ChannelID) -> [String] {
    channels[channel] = nil
    if let neighbour = topology.neighbour(channel.target, of: channel.source) {
      machines[channel.source.index].closeChannel(to: neighbour)
    }
    return step(channel.target.index) { machine, sink in
      machine.closeChannel(from: channel.source, into: &sink)
    }
  }

  /// Lets one machine take an input, puts what it sends on the channels, and tells its effects.
  private mutating func step(
    _ index: Int, _ input: (inout Machine<Puppet>, inout RecordingSink<Puppet>) -> Void
  ) -> [String] {
    var sink = RecordingSink<Puppet>()
    input(&machines[index], &sink)
    let id = machines[index].id
    return sink.effects.map { effect in
      switch effect {
      case .send(let message, let neighbour):
        let target = topology.id(of: neighbour, from: id)
        put(.message(message), on: ChannelID(from: id, to: target))
        return "send \(message.payload) at reading \(message.reading) to \(target)"
      case .sendToAll(let message):
        for target in topology.neighbours(of: id) {
          put(.message(message), on: ChannelID(from: id, to: target))
        }
        return "send \(message.payload) at reading \(message.reading) to all"
      case .sendMarker(let snapshot, let target):
        put(.marker(snapshot), on: ChannelID(from: id, to: target))
        return "send marker \(snapshot) to \(target)"
      case .log(let event):
        let (event, balance) = (event.event, event.balance)
        return "journal: \(event.kind.word) at tick \(event.tick), reading \(event.reading), "
          + "queue \(event.queueLength), balance \(balance)"
      case .recorded(let part):
        return "record \(part.id): clock \(part.state.clock), balance "
          + "\(part.state.values.first ?? .nothing), inbox \(part.state.inbox.map(\.payload))"
      case .finished(let snapshot, let part):
        let channels = part?.channels.map { channel in
          "\(channel.channel.source) \(channel.messages.map(\.payload))"
            + (channel.incompleteBecause.map { " (\($0))" } ?? "")
        }
        return "finish \(snapshot): " + (channels ?? ["nothing recorded"]).joined(separator: ", ")
      }
    }
  }

  private mutating func put(_ item: Item, on channel: ChannelID) {
    channels[channel, default: []].append(item)
  }

  private func describe(_ machine: Machine<Puppet>) -> String {
    let out = topology.neighbours(of: machine.id).map { target in
      let items = (channels[ChannelID(from: machine.id, to: target)] ?? []).map { item in
        switch item {
        case .message(let message): "\(message.payload)"
        case .marker(let id): "marker \(id)"
        }
      }
      return "to \(target) [\(items.joined(separator: ", "))]"
    }
    return "\(machine.id): clock \(machine.clock.reading), "
      + "balance \(machine.workload.coins), "
      + "inbox \(machine.inbox.messages.map(\.payload)), \(out.joined(separator: ", "))"
  }
}
