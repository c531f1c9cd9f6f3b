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

  @Test("A snapshot that lacks a marker ends when its time is over, and later ones are as good")
  func timesOut() throws {
    var plan = try Plans.plan(
      rates: [2, 2, 2], seconds: 2000, die: 20, delay: .constant(.seconds(2)))
    plan.promises = ChannelPromises(loss: 0.3)
    let pause = Fault.pause(1, from: .seconds(100), until: .seconds(103))
    for faults in [[], [pause]] {
      let run = Runs.run(
        plan, faults: faults, snapshots: SnapshotSchedule(interval: .seconds(1)))
      let partial = run.snapshots.filter {
        $0.status == .partial && $0.requestedTimeNs < 1_900_000_000_000
      }
      #expect(partial.count > 1000)
      // Two hops of 2 s, and 10 s; and the pause, if any.
      let patience: Int64 = faults.isEmpty ? 14_000_000_000 : 17_000_000_000
      #expect(partial.allSatisfy { $0.completedTimeNs - $0.requestedTimeNs == patience })
      #expect(partial.allSatisfy { $0.reason?.contains("timed out") == true })
      #expect(run.snapshots.contains { $0.status == .complete })
    }
  }

  @Test(
    "A share of (1 − p)^(N(N − 1)) is complete, and no snapshot that lacks a marker", .long,
    arguments: [(2, 0.1), (3, 0.05), (4, 0.02)])
  func completeShare(machineCount: Int, loss: Double) throws {
    let snapshots = try Self.snapshots(
      machineCount: machineCount, loss: loss, runCount: 400)
    #expect(snapshots.allSatisfy { $0.allMarkersArrive == $0.isComplete })
    var law = 1.0
    for _ in 0..<(machineCount * (machineCount - 1)) { law *= 1 - loss }
    let share = Double(snapshots.count { $0.isComplete }) / Double(snapshots.count)
    #expect(abs(share - law) < 0.02, "\(share) of \(snapshots.count), law \(law)")
  }
}
