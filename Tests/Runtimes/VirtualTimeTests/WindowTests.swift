import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import VirtualTime

/// Runs on several threads.
@Suite("Windows of the least delay")
struct WindowTests {
  /// A random plan of a kind for each seed, with snapshots and faults.
  private static func run(seed: UInt64) throws -> VirtualRun {
    var random = SplitMix64(seed: seed, purpose: .ticks, index: 78)
    func draw<Value>(_ values: [Value]) -> Value {
      values[Int(random.draw(below: UInt64(values.count)))]
    }
    var (plan, faults) = try Plans.random(seed: seed)
    plan.delay =
      Delay(draw(["50ms", "10ms...700ms", "1ns", "300ns...2s", "1s", "3ns...9ns"])) ?? .none
    plan.faults = faults
    switch seed % 8 {
    case 1:
      plan.promises.order = .none
      plan.snapshotAlgorithm = draw([.laiYang, .naive, .mattern])
    case 2: plan.promises.loss = 0.2
    case 3: plan.promises.duplicate = 0.2
    case 4:
      plan.faults = faults.filter { if case .kill = $0 { true } else { false } }
      plan.restartCountMax = 10
    case 5: plan.snapshotAlgorithm = draw([.induced, .independent, .laiYang])
    case 6: plan.markerHandling = .tick
    case 7: plan.workload = .bank(Bank(balance: 100, transferProbability: 0.4))
    default: break
    }
    if seed % 5 == 0 {
      plan.physicalClocks.skew = .seconds(1)
      plan.physicalClocks.driftMillionths = 50_000
      plan.tickClock = .ownClock
    }
    if seed % 7 == 3 { plan.snapshotCost = TimeSpan(nanoseconds: 300_000_000) }
    var run = VirtualRun(
      plan: plan,
      snapshots: SnapshotSchedule(
        interval: TimeSpan(nanoseconds: draw([700_000_000, 2_500_000_000]))),
      endsWithFirstDeath: seed % 11 == 0)
    run.sharedTickCountMin = 0
    run.tickCountPerReport = draw([20, 1 << 16])
    return run
  }

  /// All that a run leaves behind.
  private struct Traces: Equatable {
    var journals: [[UInt8]]
    var snapshots: [SnapshotFile]
    var outcome: VirtualRun.Outcome
  }

  private static func traces(
    _ run: VirtualRun, threadCount: Int,
    while continues: (VirtualRun.Progress) -> Bool = { _ in true }
  ) throws -> Traces {
    var run = run
    run.threadCount = threadCount
    return try withTemporaryDirectory { path in
      var snapshots: [SnapshotFile] = []
      var outcome = try run.carryOut(
        journalsIn: RunDirectory(path: path), while: continues,
        takeSnapshot: { snapshots.append($0) })
      #expect(outcome.threadCount <= threadCount)
      (outcome.threadCount, outcome.windowCount) = (1, 0)
      return Traces(
        journals: try run.plan.topology.machineIDs.map {
          try FileSystem.contents(RunDirectory(path: path).journalPath(of: $0))
        }, snapshots: snapshots, outcome: outcome)
    }
  }

  @Test(
    "Any number of threads leaves the same bytes",
    arguments: 0..<(LongTests.areOn ? 200 : 25) as Range<UInt64>)
  func sameBytes(seed: UInt64) throws {
    let run = try Self.run(seed: seed)
    let alone = try Self.traces(run, threadCount: 1)
    for threadCount in [2, 3, 7] {
      #expect(try Self.traces(run, threadCount: threadCount) == alone)
    }
  }

  @Test("Windows are carried out in nearly all of these runs, and most begin anew after a fault")
  func windowCounts() throws {
    let counts = try (0..<200 as Range<UInt64>).map { seed in
      var run = try Self.run(seed: seed)
      run.threadCount = 3
      return try run.carryOut(journalsIn: nil).windowCount
    }
    #expect(counts.count { $0 > 0 } >= 190)
    #expect(counts.count { $0 >= 10 } >= 120)
  }

  @Test("A run that is ended early is so at the same place", arguments: 0..<20 as Range<UInt64>)
  func interrupted(seed: UInt64) throws {
    var run = try Self.run(seed: seed)
    run.tickCountPerReport = 50
    func traces(_ threadCount: Int) throws -> Traces {
      var count = 0
      return try Self.traces(run, threadCount: threadCount) { _ in
        count += 1
        return count < 4
      }
    }
    #expect(try traces(3) == traces(1))
  }

  @Test("Too many waiting messages end it at the same tick", arguments: [100, 101, 137, 200])
  func tooManyMessages(most: Int) throws {
    var plan = try Plans.plan(
      rates: [1, 9, 9, 8], seconds: 60, die: 3, seed: 4,
      delay: .constant(TimeSpan(nanoseconds: 300_000_000)))
    plan.phases = .random
    var run = VirtualRun(plan: plan)
    (run.waitingCountMax, run.sharedTickCountMin) = (most, 0)
    let alone = try Self.traces(run, threadCount: 1)
    #expect(try Self.traces(run, threadCount: 3) == alone)
    if case .failed = alone.outcome.ending {} else { Issue.record("the run has not failed") }
  }

  @Test("Windows are carried out on threads, and only where there is a least delay")
  func usesThreads() throws {
    for (delay, reason) in [
      (Delay.none, true), (.exponential(mean: .seconds(1)), true), (.constant(.seconds(1)), false),
      (.uniform(.seconds(0), .seconds(1)), true),
      (.uniform(.seconds(1), .seconds(2)), false),
    ] {
      var run = VirtualRun(plan: try Plans.plan(rates: [1, 3, 6], delay: delay))
      run.threadCount = 2
      let outcome = try run.carryOut(journalsIn: nil)
      #expect((outcome.reasonForOneThread != nil) == reason)
      #expect(outcome.threadCount == (reason ? 1 : 2))
    }
  }
}
