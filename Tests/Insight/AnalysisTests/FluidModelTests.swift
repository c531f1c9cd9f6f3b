import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import Testing
import VirtualTime

@testable import Analysis

/// Each row is a published or computed case: rates, die, and the closed forms after 60 s.
@Suite("The fluid model")
struct FluidModelTests {
  struct Row: Sendable {
    let rates: [Int]
    let dieSides: Int
    let queues: [Double]
    /// Mean jump: the largest rate divided by the arrivals or ticks per second.
    let jumps: [Double]
  }

  @Test(
    "Rates and dice whose outcome is known",
    arguments: [
      Row(rates: [1, 3, 6], dieSides: 10, queues: [30, 0, 0], jumps: [4, 2, 1]),
      Row(rates: [1, 6, 6], dieSides: 10, queues: [60, 0, 0], jumps: [3, 1, 1]),
      Row(rates: [2, 4, 6], dieSides: 10, queues: [0, 0, 0], jumps: [3, 1.5, 1]),
      Row(rates: [4, 5, 6], dieSides: 10, queues: [0, 0, 0], jumps: [1.5, 1.2, 1]),
      Row(rates: [1, 1, 1], dieSides: 10, queues: [0, 0, 0], jumps: [1, 1, 1]),
      Row(rates: [1, 3, 6], dieSides: 4, queues: [120, 0, 0], jumps: [2, 2, 1]),
      Row(rates: [2, 2, 5], dieSides: 10, queues: [0, 0, 0], jumps: [2.5, 2.5, 1]),
      Row(rates: [2, 5, 5], dieSides: 10, queues: [0, 0, 0], jumps: [2.5, 1, 1]),
      Row(rates: [3, 4, 5], dieSides: 10, queues: [0, 0, 0], jumps: [5.0 / 3, 1.25, 1]),
      Row(rates: [1, 8, 8], dieSides: 10, queues: [100, 0, 0], jumps: [3, 1, 1]),
      Row(rates: [1, 5, 10], dieSides: 10, queues: [90, 0, 0], jumps: [4, 2, 1]),
      Row(rates: [3, 5, 2], dieSides: 10, queues: [0, 0, 0], jumps: [5.0 / 3, 1, 2.5]),
    ])
  func knownOutcome(row: Row) throws {
    let model = FluidModel(
      topology: Topology(completeWith: 3), rates: row.rates, dieSides: row.dieSides)
    let fastest = Double(try #require(row.rates.max()))
    for machine in 0..<3 {
      let id = MachineID(machine)
      #expect(abs(model.queueGrowth(of: id) * 60 - row.queues[machine]) < 1e-9)
      let pace = max(model.rates[machine], model.arrivalRates[machine])
      #expect(abs(fastest / pace - row.jumps[machine]) < 1e-9)
    }
  }

  @Test(
    "Loss and copies change arrivals as (1 − p)(1 + q), and simulated receipts and queues agree",
    .long,
    arguments: [(0.3, 0.0), (0.0, 0.5), (0.5, 1.0), (1.0, 0.5)])
  func lossAndCopies(loss: Double, duplicate: Double) throws {
    let promises = ChannelPromises(loss: loss, duplicate: duplicate)
    let model = FluidModel(
      topology: Topology(completeWith: 3), rates: [1, 3, 6], dieSides: 10, promises: promises)
    let seconds = 300.0
    var (receipts, queues) = ([0.0, 0, 0], [0.0, 0, 0])
    let runCount = 100
    for seed in 1...UInt64(runCount) {
      var plan = RunPlan(
        rates: [1, 3, 6], duration: .seconds(Int64(seconds)), dieSides: 10, seed: seed,
        topologyChoice: .complete, topology: Topology(completeWith: 3), delay: .none,
        workload: .chatter)
      plan.promises = promises
      var run = Simulation(
        plan: plan, workload: Chatter(dieSides: 10), journal: ReceiptCounts())
      run.advance(to: plan.end)
      for machine in 0..<3 {
        receipts[machine] += Double(run.journal.counts[machine])
        queues[machine] += Double(run[MachineID(machine)].inbox.count)
      }
    }
    for machine in 0..<3 {
      let id = MachineID(machine)
      let arrivals = model.arrivalRates[machine] * seconds
      // Arrivals come in copies: their variance is at most twice their mean, and so is a queue's.
      let error = 4 * (2 * arrivals / Double(runCount)).squareRoot()
      let share = receipts[machine] / Double(runCount) / (model.rates[machine] * seconds)
      #expect(abs(share - model.receivingShare(of: id)) < 0.02)
      let queue = queues[machine] / Double(runCount)
      #expect(abs(queue - model.queueGrowth(of: id) * seconds) <= error + 4, "\(queue)")
    }
  }

  @Test("The share of ticks spent receiving, as others measured it")
  func receivingShares() {
    let model = FluidModel(topology: Topology(completeWith: 3), rates: [1, 3, 6], dieSides: 10)
    let shares = (0..<3).map { (100 * model.receivingShare(of: MachineID($0))).rounded() }
    #expect(shares == [100, 38, 6])
    // Equal machines: λ = 2 · 0.2 · r · (1 − λ/r), so λ/r = 0.4/1.4.
    let equal = FluidModel(topology: Topology(completeWith: 3), rates: [4, 4, 4], dieSides: 10)
    #expect(abs(equal.receivingShare(of: 1) - 0.4 / 1.4) < 1e-12)
  }

  @Test(
    "The messages that a die's sides send, on every topology",
    arguments: [
      // Two machines: sides 1, 2 and 3 all send to the other.
      (TopologyChoice.complete, 2, 10, 1, 0.3),
      (.complete, 2, 1, 1, 1.0), (.complete, 2, 2, 1, 1.0),
      // Five machines: side 1 of machine 0, side 2 of machine 2, side 3 of all four others.
      (.complete, 5, 10, 1, 0.6),
      (.complete, 5, 2, 1, 1.0), (.complete, 5, 1, 1, 1.0),
      // A star: each of four leaves sends to the middle with three sides.
      (.star, 5, 10, 0, 1.2),
      // The centre sends to leaf 1 with sides 1 and 3, to leaf 2 with 3, to leaf 4 with 2 and 3.
      (.star, 5, 10, 1, 0.2), (.star, 5, 10, 2, 0.1), (.star, 5, 10, 4, 0.2),
      // A row of four: machine 0's three sides, and of machine 2's (neighbours 1 and 3) 1 and 3.
      (.line, 4, 10, 1, 0.5),
      // A circle of four: machine 1 is the first neighbour of 0 and of 2.
      (.ring, 4, 10, 1, 0.4),
    ])
  func streams(
    choice: TopologyChoice, machineCount: Int, dieSides: Int, target: Int, perTick: Double
  ) throws {
    let topology = try choice.topology(machineCount: machineCount, seed: 1)
    let streams = MessageStreams(topology: topology, dieSides: dieSides)
    let freeTicks = (0..<machineCount).map { $0 == target ? 0.0 : 1.0 }
    let total = Double(machineCount - 1)
    #expect(abs(streams.arrivals(at: target, freeTicks, total: total) - perTick) < 1e-12)
  }

  /// The messages that a roll of the source's die sends to the target, by trying every side.
  private static func chance(
    _ topology: Topology, _ source: Int, _ target: Int, _ dieSides: Int
  ) -> Double {
    let id = MachineID(source)
    let neighbours = topology.neighbourhood(of: id)
    guard topology.hasChannel(from: id, to: MachineID(target)) else { return 0 }
    var count = 0
    for side in 1...dieSides {
      switch side {
      case 1: count += topology.id(of: neighbours.next, from: id).index == target ? 1 : 0
      case 2: count += topology.id(of: neighbours.previous, from: id).index == target ? 1 : 0
      case 3: count += 1
      default: break
      }
    }
    return Double(count) / Double(dieSides)
  }

  @Test("The equations hold on every topology, for many rates", arguments: 0..<60 as Range<UInt64>)
  func equationsHold(seed: UInt64) throws {
    var random = SplitMix64(seed: seed, purpose: .rates)
    let machineCount = 2 + Int(random.draw(below: 9))
    let choices: [TopologyChoice] = [
      .complete, .ring, .line, .random(neighbourCount: 1),
    ]
    let choice = choices[Int(random.draw(below: 4))]
    let topology = try choice.topology(machineCount: machineCount, seed: seed)
    let rates = (0..<machineCount).map { _ in 1 + Int(random.draw(below: 12)) }
    let dieSides = 4 + Int(random.draw(below: 12))
    let model = FluidModel(topology: topology, rates: rates, dieSides: dieSides)
    for target in 0..<machineCount {
      var arrivals = 0.0
      for source in 0..<machineCount where source != target {
        arrivals +=
          Self.chance(topology, source, target, dieSides) * Double(rates[source])
          * (1 - model.receivingShare(of: MachineID(source)))
      }
      #expect(abs(arrivals - model.arrivalRates[target]) < 1e-9)
    }
  }
}

/// How many messages each of three machines has received.
private struct ReceiptCounts: SimulationJournal {
  private(set) var counts = [0, 0, 0]
  let hasFailed = false

  mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at: RunTime, payload: Work.Payload?,
    workload: Work, fields: WorkloadFields<Work>
  ) {
    if event.kind == .receive { counts[machine.index] += 1 }
  }
}
