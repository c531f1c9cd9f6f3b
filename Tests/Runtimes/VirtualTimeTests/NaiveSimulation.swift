import LogicalTime
import ScaleModel
import Snapshots

@testable import VirtualTime

/// A simulation by the definition: each step searches everything for what is due first.
///
/// It shares the machines with the simulation under test, but not its agenda, schedule, channels
/// and faults. It is slow, and short enough to verify by reading.
struct NaiveSimulation {
  private struct Delivery {
    let due: Int64
    let order: Int
    let message: Message<NoPayload>
    let target: MachineID
  }

  private struct Sink: EffectSink {
    typealias Work = Chatter

    var sent: [(message: Message<NoPayload>, neighbour: Neighbour)] = []
    var logged: Event?
    let neighbourCount: Int

    mutating func send(_ message: Message<NoPayload>, to neighbour: Neighbour) {
      sent.append((message, neighbour))
    }

    mutating func sendToAll(_ message: Message<NoPayload>) {
      for index in 0..<neighbourCount { send(message, to: Neighbour(index: index)) }
    }

    // Chatter sends no replies.
    func neighbour(_ machine: MachineID) -> Neighbour? { nil }

    mutating func log(_ event: Event, payload: NoPayload?, workload: Chatter) { logged = event }

    // This simulation takes no snapshots.
    mutating func sendMarker(_ id: SnapshotID, to target: MachineID) {}
    mutating func recorded(_ part: MachinePart<NoPayload>) {}
    mutating func finished(_ id: SnapshotID, part: MachinePart<NoPayload>?) {}
  }

  private let plan: RunPlan
  private let faults: [Fault]
  private var machines: [Machine<Chatter>]
  private var nextTicks: [UInt64]
  private var deliveries: [Delivery] = []
  private var deliveryCount = 0
  private var channelDues: [ChannelID: Int64] = [:]
  private var channelCounts: [ChannelID: UInt64] = [:]
  private var dead: Set<MachineID> = []
  private var missed: [MachineID: Int] = [:]
  private(set) var lines: [EventList.Line] = []

  init(plan: RunPlan, faults: [Fault]) {
    self.plan = plan
    self.faults = faults
    let map = TopologyChannels(plan.topology)
    machines = plan.topology.machineIDs.map {
      Machine(
        id: $0, neighbours: plan.topology.neighbourhood(of: $0),
        workload: Chatter(dieSides: plan.dieSides), seed: plan.seed,
        channels: map)
    }
    nextTicks = Array(repeating: 1, count: plan.machineCount)
  }

  var inboxes: [[Message<NoPayload>]] { machines.map { $0.inbox.messages } }

  /// Runs to the end of the plan.
  mutating func run() {
    var turnsLeft = turns
    while true {
      let delivery = deliveries.min { ($0.due, $0.order) < ($1.due, $1.order) }
      let machine = plan.topology.machineIDs.min { isTickBefore($0, $1) } ?? 0
      let tickDue = plan.due(tick: nextTicks[machine.index], of: machine).nanoseconds
      let turnDue = turnsLeft.first?.time ?? Int64.max
      let deliveryDue = delivery?.due ?? Int64.max
      guard min(deliveryDue, turnDue, tickDue) <= plan.duration.nanoseconds else { return }
      if deliveryDue <= turnDue, deliveryDue <= tickDue, let delivery {
        deliveries.removeAll { $0.order == delivery.order }
        arrive(delivery.message, at: delivery.target)
      } else if turnDue <= tickDue {
        take(turnsLeft.removeFirst())
      } else {
        nextTicks[machine.index] += 1
        if isPaused(machine, at: tickDue) {
          missed[machine, default: 0] += 1
        } else {
          tick(machine, now: tickDue)
        }
      }
    }
  }

  private func isTickBefore(_ one: MachineID, _ other: MachineID) -> Bool {
    let dues = [one, other].map { plan.due(tick: nextTicks[$0.index], of: $0) }
    if dues[0] != dues[1] { return dues[0] < dues[1] }
    if plan.phases == .random { return one < other }
    let left = nextTicks[one.index] * UInt64(plan.rates[other.index])
    let right = nextTicks[other.index] * UInt64(plan.rates[one.index])
    return left != right ? left < right : one < other
  }

  private func isPaused(_ machine: MachineID, at time: Int64) -> Bool {
    faults.contains { fault in
      if case .pause(machine, let from, let until) = fault {
        from.nanoseconds <= time && time < until.nanoseconds
      } else {
        false
      }
    }
  }

  // MARK: Kills and the ends of pauses

  private struct Turn: Comparable {
    let time: Int64
    let isResumption: Bool
    let machine: MachineID

    static func < (left: Turn, right: Turn) -> Bool {
      (left.time, left.isResumption ? 1 : 0, left.machine)
        < (right.time, right.isResumption ? 1 : 0, right.machine)
    }
  }

  private var turns: [Turn] {
    faults.compactMap { fault in
      switch fault {
      case .kill(let machine, let time):
        Turn(time: time.nanoseconds, isResumption: false, machine: machine)
      case .pause(let machine, _, let until):
        Turn(time: until.nanoseconds, isResumption: true, machine: machine)
      case .partition, .lose, .tell: nil
      }
    }.sorted()
  }

  private mutating func take(_ turn: Turn) {
    guard turn.isResumption else {
      dead.insert(turn.machine)
      for source in plan.topology.machineIDs {
        guard let index = plan.topology.neighbours(of: source).firstIndex(of: turn.machine) else {
          continue
        }
        machines[source.index].closeChannel(to: Neighbour(index: index))
      }
      return
    }
    if isPausedByAnother(turn) { return }
    for _ in 0..<(missed[turn.machine] ?? 0) { tick(turn.machine, now: turn.time) }
    missed[turn.machine] = 0
  }

  /// Whether another pause began before this one ends, and goes on.
  private func isPausedByAnother(_ turn: Turn) -> Bool {
    faults.contains { fault in
      if case .pause(turn.machine, let from, let until) = fault {
        from.nanoseconds < turn.time && turn.time < until.nanoseconds
      } else {
        false
      }
    }
  }

  // MARK: Ticks and channels

  private mutating func tick(_ id: MachineID, now: Int64) {
    if dead.contains(id) { return }
    let neighbours = plan.topology.neighbours(of: id)
    var sink = Sink(neighbourCount: neighbours.count)
    machines[id.index].tick(into: &sink)
    for (message, neighbour) in sink.sent {
      put(message, target: neighbours[Int(neighbour.index)], now: now)
    }
    if let event = sink.logged {
      lines.append(EventList.Line(machine: id, nanoseconds: now, event: event))
    }
  }

  private mutating func put(_ message: Message<NoPayload>, target: MachineID, now: Int64) {
    let channel = ChannelID(from: message.source, to: target)
    let transit = plan.delay.transit(
      seed: plan.seed, source: message.source, target: target,
      messageIndex: channelCounts[channel, default: 0])
    channelCounts[channel, default: 0] += 1
    var due = max(now + transit.nanoseconds, channelDues[channel, default: 0])
    channelDues[channel] = due
    let partitions = faults.compactMap {
      fault -> (apart: [MachineID], from: Int64, until: Int64)? in
      guard case .partition(let apart, nil, let from, let until) = fault else { return nil }
      return (apart, from.nanoseconds, until.nanoseconds)
    }
    for (apart, from, until) in partitions.sorted(by: { $0.from < $1.from })
    where apart.contains(message.source) != apart.contains(target) && from <= due && due < until {
      due = until
    }
    if due <= now { return arrive(message, at: target) }
    deliveryCount += 1
    deliveries.append(
      Delivery(due: due, order: deliveryCount, message: message, target: target))
  }

  private mutating func arrive(_ message: Message<NoPayload>, at target: MachineID) {
    if !dead.contains(target) { machines[target.index].arrive(message) }
  }
}
