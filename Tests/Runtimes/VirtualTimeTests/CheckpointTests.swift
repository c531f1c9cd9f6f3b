import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import VirtualTime

/// Checkpoints that each machine records alone, in virtual time.
@Suite("Independent and induced checkpoints")
struct CheckpointTests {
  private static func run(
    _ algorithm: SnapshotAlgorithm, seed: UInt64 = 1, rates: [Int] = [7, 5, 6],
    delay: Delay = .none, every: SnapshotSchedule = SnapshotSchedule(interval: .seconds(3))
  ) throws -> Runs.Result {
    var plan = try Plans.plan(rates: rates, seconds: 60, seed: seed, delay: delay)
    plan.snapshotAlgorithm = algorithm
    return Runs.run(plan, snapshots: every)
  }

  @Test("Machines record at the interval, a share of it apart, and make no snapshot")
  func times() throws {
    let run = try Self.run(.independent)
    let times = (0..<3).map { machine in
      run.lines.filter { $0.machine == MachineID(machine) && $0.event.kind == .snapshot }
        .map { $0.nanoseconds / 1_000_000_000 }
    }
    #expect(times[0] == Array(stride(from: 3, to: 60, by: 3)))
    #expect(times[1] == Array(stride(from: 1, to: 60, by: 3)))
    #expect(times[2] == Array(stride(from: 2, to: 60, by: 3)))
    #expect(run.snapshots.isEmpty && run.snapshotIDs.isEmpty)
    for machine in 0..<3 {
      let numbers = run.lines.filter {
        $0.machine == MachineID(machine) && $0.event.kind == .snapshot
      }.map { SnapshotID(word: $0.event.messageReading) }
      #expect(numbers.map(\.number) == Array(1...UInt32(numbers.count)))
      #expect(numbers.allSatisfy { $0.initiator == MachineID(machine) })
    }
  }

  @Test(
    "Checkpoints change nothing that the machines do",
    arguments: [SnapshotAlgorithm.independent, .induced])
  func application(algorithm: SnapshotAlgorithm) throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      let delay = seed % 2 == 0 ? Delay.none : .exponential(mean: .seconds(1))
      let with = try Self.run(algorithm, seed: seed, delay: delay)
      let without = try Self.run(
        .chandyLamport, seed: seed, delay: delay, every: SnapshotSchedule())
      func own(_ run: Runs.Result) -> [[UInt64]] {
        run.lines.filter { $0.event.kind != .snapshot }.map {
          [UInt64($0.machine.index), $0.event.tick, $0.event.reading, $0.event.messageReading]
        }
      }
      #expect(own(with) == own(without))
    }
  }

  @Test("The induced checkpoints of an index are a consistent cut", arguments: UInt64(1)...30)
  func induced(seed: UInt64) throws {
    let run = try Self.run(
      .induced, seed: seed, rates: [6, 1, 3, 5],
      delay: seed % 2 == 0 ? .none : .exponential(mean: .seconds(1)))
    var forcedCount = 0
    // Of each machine, the index that it has reached.
    var indices: [MachineID: UInt32] = [:]
    for line in run.lines {
      if line.event.kind == .snapshot {
        let index = SnapshotID(word: line.event.messageReading).number
        #expect(index > indices[line.machine, default: 0])
        indices[line.machine] = index
        if line.event.peer != .none { forcedCount += 1 }
      } else if line.event.kind == .receive {
        // So what an index's checkpoint has received was sent before its sender's.
        #expect(line.event.round <= indices[line.machine, default: 0])
      } else if line.event.kind == .send {
        #expect(line.event.round == indices[line.machine, default: 0])
      }
    }
    #expect(forcedCount > 5)
  }

  @Test("A dead machine records no more")
  func death() throws {
    var plan = try Plans.plan(rates: [4, 4], seconds: 60)
    plan.snapshotAlgorithm = .induced
    let run = Runs.run(
      plan, faults: [.kill(1, at: .seconds(20))],
      snapshots: SnapshotSchedule(interval: .seconds(3)))
    let last = run.lines.last { $0.machine == 1 && $0.event.kind == .snapshot }
    #expect((last?.nanoseconds ?? .max) < 20_000_000_000)
    #expect(run.lines.contains { $0.machine == 0 && $0.nanoseconds > 50_000_000_000 })
  }

  @Test(
    "A machine that has recorded carries out no tick for the cost",
    arguments: [SnapshotAlgorithm.chandyLamport, .naive, .laiYang, .independent, .induced])
  func cost(algorithm: SnapshotAlgorithm) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      var plan = try Plans.plan(
        rates: [9, 8, 7], seconds: 60, seed: seed,
        delay: seed == 1 ? .none : .constant(.seconds(1)))
      (plan.snapshotAlgorithm, plan.snapshotCost) = (algorithm, .seconds(2))
      let run = Runs.run(plan, snapshots: SnapshotSchedule(interval: .seconds(9)))
      var busyUntil: [MachineID: Int64] = [:]
      var ticks: [MachineID: UInt64] = [:]
      for line in run.lines {
        if line.event.kind == .snapshot {
          busyUntil[line.machine] = line.nanoseconds + 2_000_000_000
        } else {
          #expect(line.nanoseconds >= busyUntil[line.machine, default: 0])
          ticks[line.machine, default: 0] += 1
          #expect(line.event.tick == ticks[line.machine])
        }
      }
      #expect(busyUntil.count == 3)
      // It ticks at once when it is not busy any more.
      #expect((ticks[0] ?? 0) > 9 * 60 - 9 * 2 * 13 && (ticks[0] ?? 0) < 9 * 60 - 9 * 2 * 3)
    }
  }

  // The benchmark `rollback` has more crashes, and messages.
  @Test(
    "The domino effect goes as far as its law says", .long,
    arguments: [(1.0, 1.648_721, 8, 500), (2.0, 2.718_282, 12, 300)]
  )
  func domino(messages: Double, exponential: Double, spacing: Int, count: Int) {
    let trial = RollbackTrial(messagesPerInterval: messages, seed: 5)
    #expect(abs(trial.messagesPerInterval - messages) < 0.003)
    let rollbacks = trial.rollbacks(count: count, spacing: spacing)
    let mean = rollbacks.reduce(0, +) / Double(count)
    let variance =
      rollbacks.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)
    let error = (variance / Double(count)).squareRoot()
    let law = RollbackTrial.law(exponential: exponential)
    #expect(abs(mean - law) < 3 * error, "mean \(mean) ± \(error), law \(law)")
    #expect(error < law / 10)
  }

  @Test("Induced checkpoints have no domino effect")
  func noDomino() {
    let trial = RollbackTrial(messagesPerInterval: 8, .induced, seed: 5)
    // Every half interval a checkpoint is recorded, and both machines soon have its index.
    #expect(trial.rollbacks(count: 50, spacing: 2).allSatisfy { $0 < 2 })
  }
}
