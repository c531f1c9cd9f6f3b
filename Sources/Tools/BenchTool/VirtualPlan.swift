import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

/// A plan in virtual time that reference programs accept in the same terms.
struct VirtualPlan {
  let machineCount: Int
  let topology: TopologyChoice
  /// The rates one by one; nil when they are drawn from the seed.
  let rates: [Int]?
  let seconds: Int
  /// How long messages are on their way.
  var delay = Delay.none
  /// How many threads carry it out.
  var threadCount = 1

  static let seed: UInt64 = 7
  private static let rateRange = 1...6

  /// Machines that are all linked, at these rates.
  init(rates: [Int], seconds: Int) {
    machineCount = rates.count
    topology = .complete
    self.rates = rates
    self.seconds = seconds
  }

  /// Machines at the default rates.
  init(machineCount: Int, topology: TopologyChoice, seconds: Int) {
    self.machineCount = machineCount
    self.topology = topology
    rates = nil
    self.seconds = seconds
  }

  /// The rates as an argument of a reference program.
  var rateWord: String {
    rates.map { $0.map { "\($0)" }.joined(separator: ",") }
      ?? "\(Self.rateRange.lowerBound)...\(Self.rateRange.upperBound)"
  }

  /// The result of carrying out the plan.
  struct Result {
    let summary: SimulationSummary
    let nanoseconds: Int64

    var tickCount: UInt64 { summary.tickCount }
    var clockSum: UInt64 { summary.machines.reduce(0) { $0 + $1.clock } }
    var millionTicksPerSecond: Double { Double(tickCount) / Double(nanoseconds) * 1000 }
  }

  /// Carries out the plan, timed from the first tick to the write of the last line.
  func carryOut(journalsIn directory: RunDirectory?) throws -> Result {
    let plan = RunPlan(
      rates: rates
        ?? RunPlan.drawnRates(
          machineCount: machineCount, range: Self.rateRange, seed: Self.seed),
      duration: .seconds(Int64(seconds)), dieSides: 10, seed: Self.seed, topologyChoice: topology,
      topology: try topology.topology(machineCount: machineCount, seed: Self.seed), delay: delay,
      workload: .chatter)
    var start: Int64?
    var end: Int64 = 0
    var run = VirtualRun(plan: plan)
    run.threadCount = threadCount
    let outcome = try run.carryOut(journalsIn: directory) { _ in
      end = SystemClock.monotonicNanoseconds
      start = start ?? end
      return true
    }
    // With journals the last lines are written after the last tick.
    if directory != nil { end = SystemClock.monotonicNanoseconds }
    return Result(summary: outcome.summary, nanoseconds: end - (start ?? end))
  }
}
