import LogicalTime
import RunRecord
import ScaleModel
import Testing

@testable import VirtualTime

/// What a plan predicts of its snapshots, against snapshots taken.
@Suite("Times of snapshots, predicted and measured")
struct SnapshotTimesTests {
  /// The latencies of snapshots by all machines in turn, in seconds, beside their estimates.
  private func latencies(
    _ topology: String, _ count: Int, delay: String, seed: UInt64
  ) throws -> [(taken: Double, estimate: Double, timeout: Double)] {
    let choice = try #require(TopologyChoice(word: topology))
    let plan = RunPlan(
      rates: Array(repeating: 2, count: count), duration: .seconds(400), dieSides: 10, seed: seed,
      topologyChoice: choice, topology: try choice.topology(machineCount: count, seed: seed),
      delay: try #require(Delay(delay)), workload: .chatter,
      snapshots: SnapshotSchedule(interval: .seconds(30)))
    var rows: [(taken: Double, estimate: Double, timeout: Double)] = []
    _ = try VirtualRun(plan: plan, snapshots: plan.snapshots).carryOut(
      journalsIn: nil,
      takeSnapshot: { file in
        guard file.status == .complete else { return }
        rows.append(
          (
            file.latencyMicroseconds / 1e6,
            plan.snapshotEstimate(by: file.initiator).seconds,
            plan.snapshotTimeout(by: file.initiator).seconds
          ))
      })
    try #require(rows.count >= 10)
    return rows
  }

  @Test(
    "Constant delays: exactly the estimate, whatever the topology",
    arguments: ["complete", "ring", "star", "line", "grid:2x3"])
  func constant(topology: String) throws {
    for row in try latencies(topology, 6, delay: "700ms", seed: 5) {
      #expect(abs(row.taken - row.estimate) < 1e-6)
    }
  }

  @Test(
    "Random delays: the estimate is within 40 % of the mean, and no time-out is too short",
    arguments: ["0ms...2s", "1s...2s", "~1s"], ["complete", "ring"])
  func random(delay: String, topology: String) throws {
    let rows = try (0..<8).flatMap { seed in
      try latencies(topology, 5, delay: delay, seed: UInt64(seed))
    }
    let taken = rows.map(\.taken).reduce(0, +) / Double(rows.count)
    let estimate = rows.map(\.estimate).reduce(0, +) / Double(rows.count)
    #expect(0.6 * taken <= estimate && estimate <= 1.4 * taken, "\(estimate) for \(taken)")
    for row in rows { #expect(row.taken < row.timeout) }
  }
}
