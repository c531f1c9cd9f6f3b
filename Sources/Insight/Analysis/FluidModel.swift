import LogicalTime
import RunRecord
import ScaleModel

/// The average effect of the die's rules, computed without a run: messages as a fluid.
///
/// A machine spends the share ρ of its ticks on receipts and is free in the rest; a free tick sends
/// s messages to a given neighbour on average. So messages arrive at machine i with
/// λᵢ = c · Σⱼ sⱼᵢ · rⱼ · (1 − ρⱼ) per second, and ρᵢ = min(1, λᵢ / rᵢ); c is how many copies of a
/// message arrive. A machine with λ > r never sends again, and its queue grows at λ − r per second;
/// the other queues stay bounded.
package struct FluidModel {
  /// Instructions per second: one per machine, in id order.
  package let rates: [Double]
  /// Messages that arrive per second (λ): one per machine, in id order.
  package let arrivalRates: [Double]
  /// How many copies of a message arrive on average: 1 where channels neither lose nor double any.
  package let copies: Double

  /// Solves the equations by sweeping over the machines until nothing changes: each sweep gives
  /// every machine the free ticks that the others' sends leave it.
  ///
  /// - Parameters:
  ///   - topology: Has the channels.
  ///   - rates: Instructions per second, one per machine, in id order.
  ///   - dieSides: How many sides the die has.
  ///   - promises: What the channels promise.
  package init(
    topology: Topology, rates: [Int], dieSides: Int, promises: ChannelPromises = ChannelPromises()
  ) {
    let copies = (1 - promises.loss) * (1 + promises.duplicate)
    let streams = MessageStreams(topology: topology, dieSides: dieSides)
    let rates = rates.map(Double.init)
    var freeTicks = rates
    var totalFreeTicks = rates.reduce(0, +)
    var sweepCount = 0
    var change = Double.infinity
    let largestRate = rates.max() ?? 0
    while change > largestRate * 1e-13 && sweepCount < Self.sweepCountMax(rates.count) {
      change = 0
      for machine in rates.indices {
        let arrivals = copies * streams.arrivals(at: machine, freeTicks, total: totalFreeTicks)
        let free = max(0, rates[machine] - arrivals)
        change = max(change, abs(free - freeTicks[machine]))
        totalFreeTicks += free - freeTicks[machine]
        freeTicks[machine] = free
      }
      // A running total gathers rounding errors; a fresh one has none.
      totalFreeTicks = freeTicks.reduce(0, +)
      sweepCount += 1
    }
    self.rates = rates
    arrivalRates = rates.indices.map {
      copies * streams.arrivals(at: $0, freeTicks, total: totalFreeTicks)
    }
    self.copies = copies
  }

  /// Makes the model of a run's die; nil for a workload without a die, for a run that went on after
  /// a death, because the model has only living machines, and for ticks by clocks of their own.
  package init?(of manifest: Manifest, _ topology: Topology) {
    let plan = manifest.plan
    let deathCount = manifest.deaths?.count ?? 0
    guard deathCount == 0 || deathCount == 1 && manifest.status == .failed else { return nil }
    guard plan.workload == "chatter", plan.ticksBy == nil else { return nil }
    self.init(topology: topology, rates: plan.rates, dieSides: plan.die, promises: plan.promises)
  }

  /// The share of its ticks a machine spends on receipts, 0 to 1.
  package func receivingShare(of machine: MachineID) -> Double {
    min(1, arrivalRates[machine.index] / rates[machine.index])
  }

  /// How fast a machine's queue grows, in messages per second; zero when it stays bounded.
  package func queueGrowth(of machine: MachineID) -> Double {
    let growth = arrivalRates[machine.index] - rates[machine.index]
    // A machine that is exactly busy shows rounding errors, not growth.
    return growth > 1e-9 * rates[machine.index] ? growth : 0
  }

  private static func sweepCountMax(_ machineCount: Int) -> Int {
    max(100, min(10_000, 100_000_000 / machineCount))
  }
}

/// How many messages a free tick of each machine sends to each other one, on average.
struct MessageStreams {
  /// The machines whose die sends to each machine with side 1 or 2.
  private let choosers: [[Int]]
  /// The machines whose die sends to each machine with side 3; nil when all others do.
  private let sources: [[Int]]?
  private let sideChance: Double
  private let hasSideForAll: Bool

  init(topology: Topology, dieSides: Int) {
    let machineCount = topology.machineCount
    sideChance = 1 / Double(dieSides)
    hasSideForAll = dieSides >= 3
    var choosers: [[Int]] = Array(repeating: [], count: machineCount)
    for source in topology.machineIDs {
      let neighbours = topology.neighbourhood(of: source)
      guard neighbours.count > 0 else { continue }
      for chosen in [neighbours.next, neighbours.previous].prefix(dieSides) {
        choosers[topology.id(of: chosen, from: source).index].append(source.index)
      }
    }
    self.choosers = choosers
    let isComplete = topology.channelCount == machineCount * (machineCount - 1)
    let channels = TopologyChannels(topology)
    sources =
      isComplete
      ? nil : topology.machineIDs.map { channels.sources(of: $0).map(\.index) }
  }

  /// The messages that arrive at a machine per second, given each machine's free ticks per second,
  /// in id order, and their `total`.
  func arrivals(at machine: Int, _ freeTicks: [Double], total: Double) -> Double {
    var ticks = choosers[machine].reduce(0) { $0 + freeTicks[$1] }
    if hasSideForAll {
      ticks += sources?[machine].reduce(0) { $0 + freeTicks[$1] } ?? (total - freeTicks[machine])
    }
    return ticks * sideChance
  }
}
