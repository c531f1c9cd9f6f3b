import LogicalTime
import Snapshots

/// A small bank with recorders in it, as a value: copied at every fork of an exploration.
///
/// It keeps books of its own about everything, so that the checker need not believe the recorders.
struct ModelWorld {
  /// What is in a channel.
  enum Packet {
    /// A payment, and the clock of its send.
    case payment(Payment, VectorClock)
    case marker(SnapshotID)
    /// The source has closed the channel.
    case end
  }

  /// Something that can happen next.
  enum Action {
    case pay(MachineID)
    case deliver(channel: Int)
    case initiate(index: Int)
    case close(channel: Int)
    /// Only when a mutation made recording and sending two steps.
    case sendMarkers(MachineID)
  }

  /// What a machine's state is when it records: money, and its own account of its channels.
  struct State: Hashable, Sendable {
    var balance: Int
    var clock: VectorClock
    /// How many payments it had sent on each channel, in the scenario's order.
    var sentCounts: [Int]
    /// How many payments it had received from each channel, in the scenario's order.
    var receivedCounts: [Int]
    /// How many events it had carried out.
    var eventCount: Int
  }

  /// An event of the program: a payment sent or received.
  struct Event {
    let machine: MachineID
    let channel: Int
    let payment: Payment
    let isSend: Bool
  }

  /// That a machine recorded, as the world saw it.
  struct Record {
    let id: SnapshotID
    let machine: MachineID
    let state: State
    /// Where the first marker came from; nil at the initiator.
    let firstMarkerFrom: MachineID?
  }

  /// When a snapshot began and when its last part was handed over, in actions.
  struct Duration {
    let id: SnapshotID
    let begin: Int
    var end: Int?
  }

  let scenario: ModelScenario
  private(set) var balances: [Int]
  private(set) var clocks: [VectorClock]
  private(set) var recorders: [SnapshotRecorder<Payment>]
  private(set) var queues: [[Packet]]
  /// Everything ever sent on and received from each channel.
  private(set) var sent: [[Payment]]
  private(set) var received: [[Payment]]
  private(set) var events: [Event] = []
  private(set) var records: [Record] = []
  private(set) var parts: [LocalSnapshot<State, Payment>] = []
  private(set) var snapshots: [Duration] = []
  /// How many markers of each snapshot were put on and taken out of each channel.
  private(set) var markersSent: [SnapshotID: [Int]] = [:]
  private(set) var markersDelivered: [SnapshotID: [Int]] = [:]

  /// What each machine has seen happen, in its order: one byte per action at it.
  ///
  /// Everything a machine does follows from its history and those of the machines it heard from;
  /// so worlds with equal histories differ in nothing but the order of what no machine can order.
  private(set) var histories: [[UInt8]]

  private var paymentsMade: [Int]
  private var initiationsLeft: [Int]
  private var closingsLeft: [Int]
  private var isClosed: [Bool]
  private var openParts: [LocalSnapshot<State, Payment>] = []
  private var unsentMarkers: [(id: SnapshotID, source: MachineID, targets: [MachineID])] = []
  private var actionCount = 0

  init(_ scenario: ModelScenario) {
    self.scenario = scenario
    let machineCount = scenario.machines.count
    let channelCount = scenario.channels.count
    balances = scenario.balances
    clocks = scenario.machines.map { _ in VectorClock(machineCount: machineCount) }
    recorders = scenario.machines.map { SnapshotRecorder(machine: $0, channels: scenario) }
    queues = Array(repeating: [], count: channelCount)
    sent = Array(repeating: [], count: channelCount)
    received = Array(repeating: [], count: channelCount)
    histories = Array(repeating: [], count: machineCount)
    paymentsMade = Array(repeating: 0, count: machineCount)
    initiationsLeft = Array(scenario.initiators.indices)
    closingsLeft = scenario.closings
    isClosed = Array(repeating: false, count: channelCount)
  }

  /// Everything that can happen next; nothing at the end of a run.
  var possibleActions: [Action] {
    var actions: [Action] = []
    for channel in queues.indices where !queues[channel].isEmpty {
      actions.append(.deliver(channel: channel))
    }
    for machine in scenario.machines {
      let made = paymentsMade[machine.index]
      let planned = scenario.payments[machine.index]
      if made < planned.count && planned[made].amount <= balances[machine.index] {
        actions.append(.pay(machine))
      }
    }
    for (left, index) in initiationsLeft.enumerated() {
      // A machine's own initiations come in their order; only orders between machines differ.
      let initiator = scenario.initiators[index]
      if !initiationsLeft[..<left].contains(where: { scenario.initiators[$0] == initiator }) {
        actions.append(.initiate(index: index))
      }
    }
    for channel in closingsLeft { actions.append(.close(channel: channel)) }
    for unsent in unsentMarkers { actions.append(.sendMarkers(unsent.source)) }
    return actions
  }

  /// Lets one thing happen.
  mutating func perform(_ action: Action) {
    actionCount += 1
    switch action {
    case .pay(let machine):
      histories[machine.index].append(251)
      pay(from: machine)
    case .deliver(let channel):
      histories[scenario.channels[channel].target.index].append(UInt8(channel))
      deliver(from: channel)
    case .initiate(let index):
      initiationsLeft.removeAll { $0 == index }
      let machine = scenario.initiators[index]
      histories[machine.index].append(252)
      let (id, effects) = recorders[machine.index].initiate()
      snapshots.append(Duration(id: id, begin: actionCount))
      markersSent[id] = scenario.channels.map { _ in 0 }
      markersDelivered[id] = scenario.channels.map { _ in 0 }
      carryOut(effects, at: machine, firstMarkerFrom: nil)
    case .close(let channel):
      closingsLeft.removeAll { $0 == channel }
      isClosed[channel] = true
      queues[channel].append(.end)
      let ends = scenario.channels[channel]
      histories[ends.source.index].append(253)
      recorders[ends.source.index].channelClosed(to: ends.target)
    case .sendMarkers(let machine):
      guard let index = unsentMarkers.firstIndex(where: { $0.source == machine }) else { return }
      histories[machine.index].append(254)
      let unsent = unsentMarkers.remove(at: index)
      sendMarkers(unsent.id, from: unsent.source, to: unsent.targets)
    }
  }

  /// Whether any machine waits for markers.
  var isRecording: Bool { recorders.contains { $0.isRecording } }

  /// Ends the run for recorders that still wait, as a runtime does at its end.
  mutating func endRun() {
    for machine in scenario.machines {
      for id in recorders[machine.index].recordingIDs {
        let effects = recorders[machine.index].abort(id, because: .runEnded)
        carryOut(effects, at: machine, firstMarkerFrom: nil)
      }
    }
  }

  // MARK: Private

  private mutating func pay(from source: MachineID) {
    let planned = scenario.payments[source.index][paymentsMade[source.index]]
    paymentsMade[source.index] += 1
    let channel = scenario.index(from: source, to: planned.target)
    if isClosed[channel] { return }
    let payment = Payment(
      number: source.index * 1000 + paymentsMade[source.index], amount: planned.amount)
    balances[source.index] -= planned.amount
    clocks[source.index].tick(at: source)
    sent[channel].append(payment)
    events.append(Event(machine: source, channel: channel, payment: payment, isSend: true))
    if scenario.mutation == .markerLate, case .marker = queues[channel].last {
      queues[channel].insert(.payment(payment, clocks[source.index]), at: queues[channel].count - 1)
    } else {
      queues[channel].append(.payment(payment, clocks[source.index]))
    }
  }

  private mutating func deliver(from channel: Int) {
    let overtakes = scenario.mutation == .channelOvertakes && queues[channel].count > 1
    let packet = queues[channel].remove(at: overtakes ? 1 : 0)
    let ends = scenario.channels[channel]
    switch packet {
    case .payment(let payment, let clock):
      receive(payment, sentAt: clock, from: channel)
    case .marker(let id):
      markersDelivered[id]?[channel] += 1
      let effects = recorders[ends.target.index].marker(id, from: ends.source)
      carryOut(effects, at: ends.target, firstMarkerFrom: ends.source)
    case .end:
      let effects = recorders[ends.target.index].channelClosed(from: ends.source)
      carryOut(effects, at: ends.target, firstMarkerFrom: nil)
    }
  }

  private mutating func receive(
    _ payment: Payment, sentAt clock: VectorClock, from channel: Int
  ) {
    let ends = scenario.channels[channel]
    let target = ends.target.index
    if !stopsRecordingEarly(channel, at: ends.target) {
      recorders[target].message(payment, from: ends.source)
    }
    balances[target] += payment.amount
    clocks[target].tick(at: ends.target, receiving: clock)
    received[channel].append(payment)
    events.append(
      Event(machine: ends.target, channel: channel, payment: payment, isSend: false))
  }

  private mutating func carryOut(
    _ effects: [SnapshotEffect<Payment>], at machine: MachineID, firstMarkerFrom: MachineID?
  ) {
    for effect in effects {
      switch effect {
      case .record(let id, let targets):
        record(id, at: machine, firstMarkerFrom: firstMarkerFrom)
        if scenario.mutation == .markersInALaterStep {
          unsentMarkers.append((id, machine, targets))
        } else {
          sendMarkers(id, from: machine, to: targets)
        }
      case .channelFinal(let id, let state):
        guard let index = indexOfOpenPart(id, machine) else { continue }
        openParts[index].add(mutated(state))
      case .partComplete(let id), .partAborted(let id, _):
        guard let index = indexOfOpenPart(id, machine) else { continue }
        parts.append(openParts.remove(at: index))
        if let index = snapshots.firstIndex(where: { $0.id == id }) {
          snapshots[index].end = actionCount
        }
      case .transit, .caught, .markerRefused:
        break
      }
    }
  }

  private mutating func record(
    _ id: SnapshotID, at machine: MachineID, firstMarkerFrom: MachineID?
  ) {
    let state = State(
      balance: balances[machine.index], clock: clocks[machine.index],
      sentCounts: sent.map(\.count), receivedCounts: received.map(\.count),
      eventCount: Int(clocks[machine.index][machine]))
    records.append(
      Record(id: id, machine: machine, state: state, firstMarkerFrom: firstMarkerFrom))
    openParts.append(LocalSnapshot(id: id, machine: machine, state: state))
  }

  private mutating func sendMarkers(
    _ id: SnapshotID, from source: MachineID, to targets: [MachineID]
  ) {
    for target in targets {
      let channel = scenario.index(from: source, to: target)
      markersSent[id]?[channel] += 1
      queues[channel].append(.marker(id))
    }
  }

  private func indexOfOpenPart(_ id: SnapshotID, _ machine: MachineID) -> Int? {
    openParts.firstIndex { $0.id == id && $0.machine == machine }
  }

  /// Whether a mutation keeps the recorder from a message, because one has been kept already.
  private func stopsRecordingEarly(_ channel: Int, at machine: MachineID) -> Bool {
    guard scenario.mutation == .recordingStopsEarly,
      let record = records.last(where: { $0.machine == machine })
    else { return false }
    return received[channel].count > record.state.receivedCounts[channel]
  }

  private func mutated(_ state: ChannelState<Payment>) -> ChannelState<Payment> {
    guard scenario.mutation == .messageSwapped, let first = state.messages.first else {
      return state
    }
    let other = Payment(number: first.number ^ 1, amount: first.amount)
    return ChannelState(
      channel: state.channel, messages: [other] + state.messages.dropFirst())
  }
}
