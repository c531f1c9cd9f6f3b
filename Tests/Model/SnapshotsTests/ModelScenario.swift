import LogicalTime
import Snapshots

/// A message of the model: money with a name, so that two payments of one amount stay two.
struct Payment: Hashable, Sendable {
  /// Unlike that of any other payment of the run, and the same in every interleaving.
  let number: Int
  let amount: Int
}

/// A payment a machine makes at some time, if it has the money and the channel is open.
struct PlannedPayment: Sendable {
  let target: MachineID
  let amount: Int
}

/// The flaws the checkers must notice.
enum Mutation: CaseIterable, Sendable {
  /// A channel hands out its second packet before its first.
  case channelOvertakes
  /// A message sent behind a marker arrives before it.
  case markerLate
  /// The machine stops recording a channel after the first message kept.
  case recordingStopsEarly
  /// Recording and sending markers are two steps, with others between them.
  case markersInALaterStep
  /// A message in a channel is replaced by another of the same amount.
  case messageSwapped
}

/// What there is to be explored: machines, channels, and what happens at any time at all.
///
/// A class, so that the many worlds of one exploration share it.
final class ModelScenario: ChannelMap {
  let name: String
  let machines: [MachineID]
  /// The channels, ascending; queues and accounts stand in this order.
  let channels: [ChannelID]
  /// Each machine's money at the start.
  let balances: [Int]
  /// Each machine's payments, made in this order, at any times.
  let payments: [[PlannedPayment]]
  /// Who begins a snapshot, once per entry, at any time; a machine may begin several.
  let initiators: [MachineID]
  /// The channels whose source closes them at some time.
  let closings: [Int]
  let mutation: Mutation?

  private let sourcesOfMachine: [[MachineID]]
  private let targetsOfMachine: [[MachineID]]
  private let indexes: [Int]

  init(
    _ name: String, machineCount: Int, channels: [ChannelID], balances: [Int]? = nil,
    payments: [(source: MachineID, target: MachineID, amount: Int)],
    initiators: [MachineID], closing: [ChannelID] = [], mutation: Mutation? = nil
  ) {
    let machines = (0..<machineCount).map { MachineID($0) }
    let sorted = channels.sorted()
    self.name = name
    self.machines = machines
    self.channels = sorted
    self.balances = balances ?? machines.map { _ in 100 }
    self.payments = machines.map { machine in
      payments.filter { $0.source == machine }
        .map { PlannedPayment(target: $0.target, amount: $0.amount) }
    }
    self.initiators = initiators
    closings = closing.compactMap { sorted.firstIndex(of: $0) }
    self.mutation = mutation
    sourcesOfMachine = machines.map { machine in
      sorted.filter { $0.target == machine }.map(\.source)
    }
    targetsOfMachine = machines.map { machine in
      sorted.filter { $0.source == machine }.map(\.target)
    }
    var indexes = [Int](repeating: -1, count: machineCount * machineCount)
    for (index, channel) in sorted.enumerated() {
      indexes[channel.source.index * machineCount + channel.target.index] = index
    }
    self.indexes = indexes
  }

  func sources(of machine: MachineID) -> [MachineID] { sourcesOfMachine[machine.index] }
  func targets(of machine: MachineID) -> [MachineID] { targetsOfMachine[machine.index] }

  /// The index of a channel that exists among ``channels``.
  func index(from source: MachineID, to target: MachineID) -> Int {
    indexes[source.index * machines.count + target.index]
  }

  /// Whether every marker can reach every machine, as long as nothing closes.
  var isStronglyConnected: Bool {
    machines.allSatisfy { machinesOutOfReach(of: $0, among: machines).isEmpty }
  }

  // MARK: Shapes

  static func complete(_ count: Int) -> [ChannelID] {
    pairs(count).filter { $0.source != $0.target }
  }

  static func ring(_ count: Int) -> [ChannelID] {
    complete(count).filter {
      let step = ($0.target.index - $0.source.index + count) % count
      return step == 1 || step == count - 1
    }
  }

  static func oneWayRing(_ count: Int) -> [ChannelID] {
    pairs(count).filter { $0.target.index == ($0.source.index + 1) % count }
  }

  static func line(_ count: Int) -> [ChannelID] {
    pairs(count).filter { $0.target.index == $0.source.index + 1 }
  }

  private static func pairs(_ count: Int) -> [ChannelID] {
    (0..<count).flatMap { source in
      (0..<count).map { ChannelID(from: MachineID(source), to: MachineID($0)) }
    }
  }
}
