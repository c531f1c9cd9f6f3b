import LogicalTime
import Snapshots

/// A few machines that pay each other over channels without order, with any recorder, as a value.
///
/// Anything that a channel holds can arrive next. The world keeps its own books, so that the check
/// need not believe the recorders.
struct UnorderedWorld<Recorder: StateRecorder<Payment>> {
  /// Something that can happen next.
  enum Action: CustomStringConvertible {
    case pay(MachineID, to: MachineID)
    case deliver(ChannelID, index: Int)
    case initiate
    /// A request to record reaches a machine; only naive snapshots need it.
    case ask(MachineID)

    var description: String {
      switch self {
      case .pay(let source, let target): "\(source) pays \(target)"
      case .deliver(let channel, let index): "\(channel) delivers its item \(index + 1)"
      case .initiate: "0 begins"
      case .ask(let machine): "\(machine) is asked"
      }
    }
  }

  private enum Packet: Hashable {
    case payment(Payment, Round?)
    case marker(SnapshotID)
  }

  /// What crosses the cut, by the world's books; by machine while it records.
  private struct Books {
    var sent: [ChannelID: [Payment]] = [:]
    var received: [ChannelID: [Payment]] = [:]
  }

  let machines: [MachineID]
  private let map: ChannelList
  private let areAsked: Bool
  private let usesRounds: Bool
  private var recorders: [Recorder]
  private var queues: [ChannelID: [Packet]] = [:]
  private var books = Books()
  private var cuts: [MachineID: Books] = [:]
  private var paymentsLeft: [(source: MachineID, target: MachineID)]
  private var roundsLeft: Int
  private var unasked: [MachineID] = []
  private(set) var id: SnapshotID?
  private var parts: [LocalSnapshot<Int, Payment>] = []
  private var open: [LocalSnapshot<Int, Payment>] = []
  private var ledger: TransitLedger<Payment>
  private var earlier: TransitLedger<Payment>.Contents = [:]
  /// How many complete snapshots had a message on a channel.
  private(set) var filledCount = 0
  /// How many snapshots were complete.
  private(set) var completeCount = 0
  /// What is wrong with the first complete snapshot that is not exact; nil while all are.
  private(set) var problem: String?
  /// What each machine has seen, in its order; worlds of equal histories differ in nothing else.
  private(set) var histories: [[UInt8]]

  /// - Parameters:
  ///   - machineCount: How many machines there are, all linked.
  ///   - payments: Who pays whom, each when it likes.
  ///   - rounds: How many snapshots machine 0 begins, one after the other.
  ///   - areAsked: Whether machines are asked to record.
  init(
    machineCount: Int, payments: [(MachineID, MachineID)], rounds: Int = 1, areAsked: Bool = false
  ) {
    machines = (0..<machineCount).map { MachineID($0) }
    map = ChannelList(completeAmong: machines)
    recorders = machines.map { [map] in Recorder(machine: $0, channels: map) }
    paymentsLeft = payments.map { (source: $0.0, target: $0.1) }
    roundsLeft = rounds
    self.areAsked = areAsked
    usesRounds = recorders[0].isRecording
    ledger = TransitLedger(channels: map, machineCount: machineCount)
    histories = Array(repeating: [], count: machineCount)
  }

  private var channels: [ChannelID] {
    machines.flatMap { source in map.targets(of: source).map { ChannelID(from: source, to: $0) } }
  }

  /// Everything that can happen next, in a fixed order.
  var possibleActions: [Action] {
    var actions: [Action] = []
    if roundsLeft > 0, id == nil { actions.append(.initiate) }
    for machine in unasked { actions.append(.ask(machine)) }
    for machine in machines {
      if let next = paymentsLeft.first(where: { $0.source == machine }) {
        actions.append(.pay(machine, to: next.target))
      }
    }
    for channel in channels {
      for index in (queues[channel] ?? []).indices {
        actions.append(.deliver(channel, index: index))
      }
    }
    return actions
  }

  /// Lets one thing happen.
  mutating func perform(_ action: Action) {
    switch action {
    case .pay(let source, let target):
      histories[source.index].append(200 + UInt8(target.number))
      let index = paymentsLeft.firstIndex { $0.source == source } ?? 0
      paymentsLeft.remove(at: index)
      let number = source.index * 100 + paymentsLeft.count { $0.source == source }
      pay(Payment(number: number, amount: 1), from: source, to: target)
    case .deliver(let channel, let index):
      guard let packet = queues[channel]?.remove(at: index) else { return }
      deliver(packet, on: channel)
    case .initiate:
      roundsLeft -= 1
      histories[0].append(250)
      let (id, effects) = recorders[0].initiate()
      self.id = id
      if areAsked { unasked = Array(machines.dropFirst()) }
      carryOut(effects, at: 0)
    case .ask(let machine):
      histories[machine.index].append(251)
      unasked.removeAll { $0 == machine }
      if let id { carryOut(recorders[machine.index].marker(id, from: 0), at: machine) }
    }
    finish()
  }

  private mutating func pay(_ payment: Payment, from source: MachineID, to target: MachineID) {
    let channel = ChannelID(from: source, to: target)
    books.sent[channel, default: []].append(payment)
    queues[channel, default: []].append(.payment(payment, recorders[source.index].round))
    recorders[source.index].sent(payment, to: target)
  }

  private mutating func deliver(_ packet: Packet, on channel: ChannelID) {
    let target = channel.target
    switch packet {
    case .payment(let payment, let round):
      histories[target.index] += [1, UInt8(payment.number / 100), UInt8(payment.number % 100)]
      carryOut(
        recorders[target.index].message(payment, of: round, from: channel.source), at: target)
      books.received[channel, default: []].append(payment)
    case .marker(let id):
      histories[target.index] += [2, UInt8(channel.source.number), UInt8(id.number)]
      carryOut(recorders[target.index].marker(id, from: channel.source), at: target)
    }
  }

  private mutating func carryOut(_ effects: [SnapshotEffect<Payment>], at machine: MachineID) {
    for effect in effects {
      switch effect {
      case .record(let id, let targets):
        cuts[machine] = books
        open.append(LocalSnapshot(id: id, machine: machine, state: 0))
        for target in targets {
          queues[ChannelID(from: machine, to: target), default: []].append(.marker(id))
        }
      case .channelFinal(_, let state):
        guard let index = open.firstIndex(where: { $0.machine == machine }) else { continue }
        open[index].add(state)
      case .transit(_, let report):
        ledger.add(report, of: machine)
      case .caught(let id, let channel, let payment):
        if id == self.id { ledger.add(payment, caughtOn: channel) }
      case .partComplete, .partAborted:
        guard let index = open.firstIndex(where: { $0.machine == machine }) else { continue }
        parts.append(open.remove(at: index))
      case .markerRefused:
        break
      }
    }
  }

  /// Ends the snapshot when all of it is there, and compares it with the books.
  private mutating func finish() {
    guard let id, parts.count == machines.count, !ledger.awaitsMessages else { return }
    var contents: TransitLedger<Payment>.Contents = [:]
    for part in parts {
      let states = usesRounds ? ledger.states(into: part.machine) : part.channels
      for state in states where !state.messages.isEmpty { contents[state.channel] = state.messages }
    }
    completeCount += 1
    if !contents.isEmpty { filledCount += 1 }
    for channel in channels {
      let sent = cuts[channel.source]?.sent[channel] ?? []
      let received = cuts[channel.target]?.received[channel] ?? []
      let orphans = received.filter { !sent.contains($0) }
      let inTransit = Set(sent).subtracting(received)
      if problem == nil, !orphans.isEmpty { problem = "\(channel): an orphan" }
      if problem == nil, Set(contents[channel] ?? []) != inTransit {
        problem = "\(channel): holds \(contents[channel]?.count ?? 0), not \(inTransit.count)"
      }
    }
    for machine in machines { recorders[machine.index].ended(id, isComplete: true) }
    earlier = contents
    ledger = TransitLedger(channels: map, machineCount: machines.count, earlier: earlier)
    (self.id, parts, cuts) = (nil, [], [:])
  }
}

/// What an exploration of every order found.
struct UnorderedExploration<Recorder: StateRecorder<Payment>> {
  /// How many different ends were reached.
  private(set) var endCount = 0
  /// How many of them had every snapshot complete.
  private(set) var completeEndCount = 0
  /// How many snapshots with a message on a channel there were at all ends.
  private(set) var filledCount = 0
  /// The shortest schedule after which a complete snapshot is wrong, and what is; nil for none.
  private(set) var counterexample: (schedule: [String], problem: String)?

  private struct Node {
    let world: UnorderedWorld<Recorder>
    let schedule: [String]
  }

  /// Walks breadth first, each state once.
  init(_ start: UnorderedWorld<Recorder>, rounds: Int = 1) {
    var seen: Set<[[UInt8]]> = []
    var frontier = [Node(world: start, schedule: [])]
    while !frontier.isEmpty {
      var next: [Node] = []
      for node in frontier {
        let actions = node.world.possibleActions
        if actions.isEmpty {
          endCount += 1
          if node.world.completeCount == rounds { completeEndCount += 1 }
          filledCount += node.world.filledCount
        }
        for action in actions {
          var world = node.world
          world.perform(action)
          guard seen.insert(world.histories).inserted else { continue }
          let schedule = node.schedule + ["\(action)"]
          if let problem = world.problem {
            counterexample = (schedule, problem)
            return
          }
          next.append(Node(world: world, schedule: schedule))
        }
      }
      frontier = next
    }
  }
}
