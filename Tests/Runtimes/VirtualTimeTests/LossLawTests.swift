import LogicalTime
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import VirtualTime

/// Chandy–Lamport snapshots over channels that lose markers: all N(N − 1) markers must arrive.
@Suite("Snapshots and lost markers")
struct LossLawTests {
  /// The snapshots of short runs, each with whether all its markers arrive, and is it complete.
  private static func snapshots(
    machineCount: Int, loss: Double, runCount: Int
  ) throws -> [(allMarkersArrive: Bool, isComplete: Bool)] {
    try (1...UInt64(runCount)).flatMap { seed in
      var plan = try Plans.plan(
        rates: Array(repeating: 2, count: machineCount), seconds: 54, die: 20, seed: seed,
        delay: .exponential(mean: TimeSpan(nanoseconds: 200_000_000)))
      plan.promises = ChannelPromises(loss: loss)
      let run = Runs.run(plan, snapshots: SnapshotSchedule(interval: .seconds(1)))
      // Those of the last seconds may still be under way at the end.
      return run.snapshots.filter { $0.requestedTimeNs <= 48_000_000_000 }.map { snapshot in
        let allMarkersArrive = plan.topology.machineIDs.allSatisfy { source in
          plan.topology.neighbours(of: source).allSatisfy { target in
            ChannelFate(
              plan.promises, seed: seed, channel: (source, target), markerWord: snapshot.id.word
            ).copyCount > 0
          }
        }
        return (allMarkersArrive, snapshot.status == .complete)
      }
    }
  }

  @Test(
    "A share of (1 − p)^(N(N − 1)) is complete, and no snapshot that lacks a marker",
    arguments: [(2, 0.1), (3, 0.05), (4, 0.02)])
  func completeShare(machineCount: Int, loss: Double) throws {
    let snapshots = try Self.snapshots(
      machineCount: machineCount, loss: loss, runCount: LongTests.areOn ? 400 : 80)
    #expect(snapshots.allSatisfy { $0.allMarkersArrive == $0.isComplete })
    var law = 1.0
    for _ in 0..<(machineCount * (machineCount - 1)) { law *= 1 - loss }
    let share = Double(snapshots.count { $0.isComplete }) / Double(snapshots.count)
    #expect(abs(share - law) < 0.02, "\(share) of \(snapshots.count), law \(law)")
  }
}
