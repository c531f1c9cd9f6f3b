import LogicalTime
import ScaleModel
import Testing

@testable import VirtualTime

/// Channels that promise less than order, and that each message arrives once.
@Suite("Channels by plan")
struct ChannelPromisesTests {
  private static func plan(
    _ promises: ChannelPromises, delay: Delay, seed: UInt64 = 1, seconds: Double = 200
  ) throws -> RunPlan {
    var plan = try Plans.plan(
      rates: [6, 6, 6], seconds: seconds, die: 12, seed: seed, delay: delay)
    plan.promises = promises
    return plan
  }

  private static let short = Delay.exponential(mean: TimeSpan(nanoseconds: 400_000_000))

  /// The readings of the messages that a machine received from another, in order.
  private static func receipts(_ run: Runs.Result, of target: MachineID, from source: MachineID)
    -> [UInt64]
  {
    run.lines.filter {
      $0.machine == target && $0.event.kind == .receive && $0.event.peer == .machine(source)
    }.map(\.event.messageReading)
  }

  @Test("With loss 1 nothing arrives, nothing waits, and a snapshot is partial")
  func totalLoss() throws {
    let plan = try Self.plan(ChannelPromises(loss: 1, duplicate: 1), delay: Self.short)
    let run = Runs.run(
      plan, snapshots: SnapshotSchedule(entries: [.init(time: .seconds(5), initiator: 0)]))
    #expect(!run.lines.contains { $0.event.kind == .receive })
    #expect(run.summary.sentCount > 0)
    #expect(run.summary.lostOnChannels == run.summary.sentCount)
    #expect(run.summary.waitingOnChannels == 0 && run.summary.waitingInInboxes == 0)
    #expect(run.snapshots.map(\.status) == [.partial])
    #expect(run.snapshots.first?.reason?.isEmpty == false)
  }

  @Test(
    "In order, a doubled message comes right after the first", arguments: [1, 2, 3] as [UInt64])
  func doubledInOrder(seed: UInt64) throws {
    let run = Runs.run(
      try Self.plan(ChannelPromises(duplicate: 1), delay: Self.short, seed: seed),
      snapshots: SnapshotSchedule(interval: .seconds(20)))
    for (source, target) in [(0, 1), (1, 2), (2, 0)] as [(MachineID, MachineID)] {
      let readings = Self.receipts(run, of: target, from: source)
      #expect(readings.count > 10)
      for pair in stride(from: 0, to: readings.count - 1, by: 2) {
        #expect(readings[pair] == readings[pair + 1])
      }
      #expect(readings == readings.sorted())
    }
    #expect(run.summary.doubledOnChannels == run.summary.sentCount)
    // A second marker does no harm.
    #expect(run.snapshots.count { $0.status == .complete } >= 8)
  }

  @Test("Without order messages overtake, and each arrives once", arguments: [1, 2, 3] as [UInt64])
  func overtaking(seed: UInt64) throws {
    let run = Runs.run(
      try Self.plan(ChannelPromises(order: .none), delay: Self.short, seed: seed))
    var overtakingCount = 0
    for (source, target) in [(0, 1), (1, 2), (2, 0)] as [(MachineID, MachineID)] {
      let readings = Self.receipts(run, of: target, from: source)
      #expect(Set(readings).count == readings.count)
      overtakingCount += zip(readings, readings.dropFirst()).count { $0 > $1 }
    }
    #expect(overtakingCount > 0)
    #expect(run.summary.lostOnChannels == 0 && run.summary.doubledOnChannels == 0)
  }

  @Test("Without order and delay, a run is the same as with order")
  func noDelay() throws {
    let ordered = Runs.run(try Self.plan(ChannelPromises(), delay: .none))
    let unordered = Runs.run(try Self.plan(ChannelPromises(order: .none), delay: .none))
    #expect(ordered.lines == unordered.lines)
  }

  @Test("Losses and copies are as likely as the plan says", arguments: [0.1, 0.5, 0.9])
  func shares(probability: Double) throws {
    let run = Runs.run(
      try Self.plan(
        ChannelPromises(order: .none, loss: probability, duplicate: 0.3), delay: Self.short,
        seconds: 2000))
    let sent = Double(run.summary.sentCount)
    func isNear(_ count: UInt64, _ share: Double) -> Bool {
      abs(Double(count) - sent * share) <= 4 * (sent * share * (1 - share)).squareRoot()
    }
    #expect(isNear(run.summary.lostOnChannels, probability))
    #expect(isNear(run.summary.doubledOnChannels, (1 - probability) * 0.3))
  }

  @Test("Snapshots change nothing that machines do", arguments: [1, 2] as [UInt64])
  func markersDrawApart(seed: UInt64) throws {
    let plan = try Self.plan(
      ChannelPromises(order: .none, loss: 0.1, duplicate: 0.1), delay: Self.short, seed: seed)
    let plain = Runs.run(plan)
    let watched = Runs.run(plan, snapshots: SnapshotSchedule(interval: .seconds(3)))
    #expect(watched.lines.filter { $0.event.kind != .snapshot } == plain.lines)
  }
}
