import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import VirtualTime

/// Runs that are carried out a tick at a time, as those who watch want it.
@Suite("Steps of a watched run")
struct StepTests {
  private static func files(
    _ plan: RunPlan, in path: String, _ step: (VirtualRun.Progress) -> VirtualRun.Step
  ) throws -> (journals: [[UInt8]], snapshots: [SnapshotFile], outcome: VirtualRun.Outcome) {
    try FileSystem.makeDirectory(path)
    let directory = RunDirectory(path: path)
    var run = VirtualRun(
      plan: plan, snapshots: SnapshotSchedule(interval: .seconds(1)), endsWithFirstDeath: false)
    run.isWatched = true
    var snapshots: [SnapshotFile] = []
    let outcome = try run.carryOut(
      journalsIn: directory, step: step, takeSnapshot: { snapshots.append($0) })
    let journals = try plan.topology.machineIDs.map {
      try FileSystem.contents(directory.journalPath(of: $0))
    }
    return (journals, snapshots, outcome)
  }

  @Test("Steps of any size give the same run to the byte", arguments: 0..<40 as Range<UInt64>)
  func sameBytes(seed: UInt64) throws {
    var (plan, faults) = try Plans.random(seed: seed)
    plan.faults = faults
    try withTemporaryDirectory { path in
      let whole = try Self.files(plan, in: path + "/whole") { _ in .goOn }
      let single = try Self.files(plan, in: path + "/single") { _ in .ticks(1) }
      #expect(single == whole)
      var random = SplitMix64(seed: seed, purpose: .ticks, index: 3)
      let mixed = try Self.files(plan, in: path + "/mixed") { progress in
        switch random.draw(below: 3) {
        case 0: .ticks(1 + random.draw(below: 9))
        case 1:
          .advance(to: progress.reached + Int64(random.draw(below: 900_000_000)))
        default: .goOn
        }
      }
      #expect(mixed == whole)
    }
  }

  @Test("A step is one tick, and its line is in its file before the next question")
  func oneTick() throws {
    let plan = try Plans.plan(rates: [1, 3, 6], seconds: 5, seed: 7)
    try withTemporaryDirectory { path in
      var counts: [UInt64] = []
      let run = try Self.files(plan, in: path + "/run") { progress in
        counts.append(progress.view?.tickCount ?? 0)
        let lines = (0..<3).map { machine in
          ((try? FileSystem.contents("\(path)/run/machine-\(machine).csv")) ?? [])
            .count { $0 == 10 } - 1
        }
        let snapshots = UInt64(progress.reached.nanoseconds / 1_000_000_000) * 3
        #expect(UInt64(lines.reduce(0, +)) <= counts[counts.count - 1] + snapshots)
        #expect(UInt64(lines.reduce(0, +)) >= counts[counts.count - 1])
        return .ticks(1)
      }
      #expect(counts.dropLast() == Array(0...50)[...])
      #expect(run.outcome.ending == .finished)
    }
  }

  @Test("A run that is abandoned stays as it is")
  func abandoned() throws {
    let plan = try Plans.plan(rates: [1, 3, 6], seconds: 5, seed: 7)
    try withTemporaryDirectory { path in
      let run = try Self.files(plan, in: path + "/run") { progress in
        progress.view?.tickCount ?? 0 < 20 ? .ticks(20) : .abandon
      }
      #expect(run.journals.map { $0.count { $0 == 10 } - 1 }.reduce(0, +) >= 20)
      #expect(run.outcome.summary.machines.map(\.tickCount).reduce(0, +) == 20)
    }
  }
}
