import Foundation
import LogicalTime
import ScaleModel
import Snapshots
import Testing

/// When machines record for a synchronised snapshot, against the law of naive ones.
@Suite("Moments of synchronised snapshots")
struct RecordRequestsTests {
  private static func plan(
    machineCount: Int, seed: UInt64, _ choose: (inout PhysicalClocks) -> Void
  ) throws -> RunPlan {
    let topology = TopologyChoice.complete
    var plan = RunPlan(
      rates: Array(repeating: 1, count: machineCount), duration: .seconds(60), dieSides: 10,
      seed: seed, topologyChoice: topology,
      topology: try topology.topology(machineCount: machineCount, seed: seed), delay: .none,
      workload: .chatter)
    plan.snapshotAlgorithm = .synchronised
    choose(&plan.physicalClocks)
    return plan
  }

  /// The moments at which machines record a snapshot that machine 0 begins at 5 s.
  private static func moments(_ plan: RunPlan) -> [MachineID: Int64] {
    var requests = RecordRequests<RunTime>(plan)
    _ = requests.begin(by: 0, at: RunTime(.seconds(5)))
    var moments: [MachineID: Int64] = [:]
    while requests.nextDue < .never {
      let due = requests.nextDue
      guard let (_, machine) = requests.popDue(now: due) else { break }
      moments[machine] = due.nanoseconds
    }
    return moments
  }

  /// Given the moments, the cut of two machines with Poisson sends is consistent with probability
  /// e^(−μ·(|t₁ − t₀| − d)⁺); the law is its mean over independent offsets.
  @Test("Over 10,000 seeds the law with W = the skew holds, and below the delay nothing is wrong")
  func law() throws {
    let (skew, delay, rate, count) = (2.0, 0.5, 1.0, 10_000)
    var (sum, squares, widest) = (0.0, 0.0, 0.0)
    for seed in 1...UInt64(count) {
      let moments = Self.moments(
        try Self.plan(machineCount: 2, seed: seed) { $0.skew = .seconds(2) })
      let (one, two) = (try #require(moments[0]), try #require(moments[1]))
      let apart = Double(abs(one - two)) / 1e9
      widest = max(widest, apart)
      let share = 1 - exp(-rate * max(0, apart - delay))
      sum += share
      squares += share * share
    }
    let mean = sum / Double(count)
    let error = ((squares / Double(count) - mean * mean) / Double(count)).squareRoot()
    let h = skew - delay
    let none =
      1 - (h / skew) * (h / skew)
      + 2 / (skew * skew) * (h / rate - (1 - exp(-rate * h)) / (rate * rate))
    #expect(abs(mean - (1 - none)) < 3 * error, "\(mean) of \(1 - none)")
    #expect(widest <= skew, "With a delay above the skew nothing can be wrong")
  }

  @Test("Each machine records when its own clock first shows the time that the initiator names")
  func named() throws {
    for seed in 1...30 as ClosedRange<UInt64> {
      let plan = try Self.plan(machineCount: 4, seed: seed) { clocks in
        clocks.skew = .seconds(1)
        clocks.driftMillionths = 1000
        clocks.sync = PhysicalClocks.Sync("2s,10ms,slew")
      }
      let moments = Self.moments(plan)
      #expect(moments.count == 4)
      let shown = plan.topology.machineIDs.map { machine in
        var clock = PhysicalClock(of: machine, plan.physicalClocks, seed: seed)
        return clock.time(at: moments[machine] ?? 0)
      }
      let least = try #require(shown.min())
      #expect(try #require(shown.max()) - least < 10, "\(shown)")
      #expect(moments.values.allSatisfy { $0 >= 5_000_000_000 })
    }
  }

  @Test("A clock from the future names a time that no other shows during the run")
  func future() throws {
    let lead = try #require(PhysicalClocks.Lead("8h@0"))
    let plan = try Self.plan(machineCount: 3, seed: 1) { $0.leads = [lead] }
    #expect(Self.moments(plan).count == 1)
  }
}
