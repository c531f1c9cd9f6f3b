import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import Testing

@testable import VirtualTime

/// Runs with a delay that go on from a snapshot, where messages on channels draw a new one.
@Suite("What runs from a snapshot have in common with runs that were never cut")
struct RestoredLawTests {
  /// What the slowest machine of a run is measured by, within a range of times.
  private struct Measured: SimulationJournal {
    let range: Range<Int64>
    var latest: (reading: UInt64, queueLength: Int)?
    var first: (reading: UInt64, queueLength: Int)?
    var jumps: (sum: Double, count: Double) = (0, 0)
    var hasFailed: Bool { false }

    init(_ range: Range<Int64>) { self.range = range }

    mutating func append<Work: Workload>(
      _ event: Event, of machine: MachineID, at time: RunTime,
      payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
    ) {
      guard machine == 0, range.contains(time.nanoseconds), event.kind != .snapshot else { return }
      let now = (reading: event.reading, queueLength: Int(event.queueLength))
      if let latest, event.kind == .receive {
        jumps.sum += Double(event.reading - latest.reading)
        jumps.count += 1
      }
      first = first ?? now
      latest = now
    }

    /// The clock's rate, the mean jump, and how much the queue has grown.
    var figures: [Double] {
      guard let first, let latest else { return [] }
      return [
        Double(latest.reading - first.reading), jumps.sum / max(1, jumps.count),
        Double(latest.queueLength - first.queueLength),
      ]
    }
  }

  private static let runCount = LongTests.areOn ? 200 : 80
  private static let cut = TimeSpan.seconds(20)

  private static func plan(seed: Int, _ delay: Delay, dieSides: Int) -> RunPlan {
    RunPlan(
      rates: [2, 3, 6], duration: .seconds(60), dieSides: dieSides, seed: UInt64(seed),
      topologyChoice: .complete, topology: Topology(completeWith: 3), delay: delay,
      workload: .chatter)
  }

  /// The range that is measured: from ten mean delays after the cut to the end.
  private static func range(_ delay: Delay) -> Range<Int64> {
    cut.nanoseconds + 10 * delay.mean.nanoseconds..<TimeSpan.seconds(60).nanoseconds
  }

  /// The figures of runs that were never cut, three lists.
  private static func whole(_ seeds: [Int], _ delay: Delay, dieSides: Int = 6) -> [[Double]] {
    sorted(
      seeds.map { seed in
        let plan = plan(seed: seed, delay, dieSides: dieSides)
        var run = Simulation(
          plan: plan, workload: Chatter(dieSides: dieSides), journal: Measured(range(delay)))
        run.advance(to: plan.end)
        return run.journal.figures
      })
  }

  /// The figures of runs that go on from a snapshot of others.
  private static func restored(_ seeds: [Int], _ delay: Delay) throws -> [[Double]] {
    sorted(
      try seeds.map { seed in
        let plan = plan(seed: seed, delay, dieSides: 6)
        let work = Chatter(dieSides: 6)
        var before = Simulation(
          plan: plan, workload: work,
          snapshots: SnapshotSchedule(entries: [.init(time: cut, initiator: 0)]),
          journal: NoJournal())
        before.advance(to: plan.end)
        let snapshot = try #require(before.takeSettledSnapshots().first)
        let point = try RestorePoint(snapshot, path: "s", plan: plan, workload: work)
        var run = Simulation(
          plan: plan, workload: work, from: point, journal: Measured(range(delay)))
        run.advance(to: plan.end)
        return run.journal.figures
      })
  }

  private static func sorted(_ runs: [[Double]]) -> [[Double]] {
    (0..<3).map { figure in runs.map { $0[figure] }.sorted() }
  }

  /// The largest difference between the shares of two sorted samples of one size that are at most a
  /// value, times the root of half the size: above 1.628 in one of 100 pairs of samples of one law.
  ///
  /// - SeeAlso: N. Smirnov, "Table for Estimating the Goodness of Fit of Empirical Distributions",
  ///   Annals of Mathematical Statistics 19(2), 1948.
  private static func distance(_ one: [Double], _ other: [Double]) -> Double {
    let count = Double(one.count)
    let largest = (one + other).map { value in
      let below = { (sample: [Double]) in Double(sample.count { $0 <= value }) / count }
      return abs(below(one) - below(other))
    }.max()
    return (largest ?? 0) * (count / 2).squareRoot()
  }

  @Test(
    "Clock rate, mean jump and growth of the queue are of one law after ten delays",
    arguments: LongTests.first(1, of: ["400ms", "10ms...900ms", "~300ms"]))
  func sameLaw(delay: String) throws {
    let delay = try #require(Delay(delay))
    let whole = Self.whole(Array(1...Self.runCount), delay)
    let restored = try Self.restored(Array(Self.runCount + 1...2 * Self.runCount), delay)
    for (one, other) in zip(whole, restored) { #expect(Self.distance(one, other) < 1.628) }
    // The test tells runs with another die apart.
    let others = Self.whole(Array(1...Self.runCount), delay, dieSides: 7)
    #expect(zip(restored, others).contains { Self.distance($0, $1) > 1.628 })
  }
}
