import LogicalTime
import ScaleModel
import Testing

@testable import VirtualTime

/// Counts of fault effects, made during a run, against its events.
@Suite("Counts of fault effects")
struct FaultCountTests {
  @Test("Held messages, delayed and missed ticks match the events", arguments: 1...60)
  func random(seed: UInt64) throws {
    let (plan, faults) = try Plans.random(seed: seed)
    let run = Runs.run(plan, faults: faults)
    try #require(run.ending == .finished)
    var lostCount: UInt64 = 0
    for (index, fault) in faults.enumerated() {
      let counts = run.summary.faults[index]
      lostCount += counts.messagesLost
      switch fault {
      case .kill(let machine, let time):
        let isFirst = Self.death(of: machine, faults) == time.nanoseconds
        let due = isFirst ? Self.ticks(of: machine, plan, from: time.nanoseconds) : []
        #expect(counts.ticksMissed == UInt64(due.count))
      case .pause(let machine, let from, let until):
        let end = min(until.nanoseconds, Self.death(of: machine, faults))
        let due = Self.ticks(of: machine, plan, from: from.nanoseconds, until: end)
        let carriedOut = Set(run.lines.filter { $0.machine == machine }.map(\.event.tick))
        let delayedCount = due.count { carriedOut.contains($0) }
        #expect(counts.ticksDelayed == UInt64(delayedCount))
        #expect(counts.ticksMissed == UInt64(due.count - delayedCount))
      case .lose, .tell: Issue.record("no plan here has one")
      case .partition:
        guard let delay = Self.constantDelay(of: plan) else { continue }
        let held = Self.heldCounts(run.lines, plan, faults, delay: delay)
        #expect(counts.messagesHeld == held[index])
      }
    }
    #expect(run.summary.lostCount == lostCount)
  }

  @Test("A pause cut short by the run's end misses its ticks; a tick in two pauses counts twice")
  func cutShort() throws {
    let plan = try Plans.plan(rates: [2, 2], seconds: 10)
    let run = Runs.run(
      plan,
      faults: [
        .pause(0, from: .seconds(2), until: .seconds(4)),
        .pause(0, from: .seconds(3), until: .seconds(5)),
        .pause(1, from: .seconds(9), until: .seconds(20)),
      ])
    // A tick is held at 2 s, but not at the end of an interval.
    #expect(run.summary.faults.map(\.ticksDelayed) == [4, 4, 0])
    #expect(run.summary.faults.map(\.ticksMissed) == [0, 0, 3])
  }

  @Test("Markers that a partition holds are counted separately from messages")
  func markers() throws {
    let plan = try Plans.plan(rates: [1, 1, 1], seconds: 10, die: 1_000_000_000)
    let run = Runs.run(
      plan, faults: [.partition([0], from: .seconds(3), until: .seconds(6))],
      snapshots: SnapshotSchedule(entries: [.init(time: .seconds(4), initiator: 0)], interval: nil))
    // The two that machine 0 sends wait; all others are sent after those have arrived.
    #expect(run.summary.faults.map(\.markersHeld) == [2])
    #expect(run.summary.faults.map(\.messagesHeld) == [0])
  }

  @Test("A partition does not count messages that were due after the run's end anyway")
  func dueAfterTheEnd() throws {
    let plan = try Plans.plan(rates: [5, 5], seconds: 10, die: 1, delay: .constant(.seconds(4)))
    let run = Runs.run(plan, faults: [.partition([0], from: .seconds(8), until: .seconds(20))])
    let dueInTime = run.lines.count {
      $0.event.kind == .send && (4_000_000_000...6_000_000_000).contains($0.nanoseconds)
    }
    #expect(dueInTime > 0)
    #expect(run.summary.faults.map(\.messagesHeld) == [UInt64(dueInTime)])
  }

  // MARK: By the definition

  /// When a machine dies, in nanoseconds; `Int64.max` for never.
  private static func death(of machine: MachineID, _ faults: [Fault]) -> Int64 {
    faults.compactMap { fault -> Int64? in
      guard case .kill(machine, let time) = fault else { return nil }
      return time.nanoseconds
    }.min() ?? .max
  }

  /// The ticks of a machine that are due in an interval and before the run's end.
  private static func ticks(
    of machine: MachineID, _ plan: RunPlan, from: Int64, until: Int64 = .max
  ) -> [UInt64] {
    let rate = plan.rates[machine.index]
    let last = UInt64(plan.duration.nanoseconds / 1_000_000_000 + 1) * UInt64(rate)
    return (1...last).filter {
      let due = plan.due(tick: $0, of: machine).nanoseconds
      return from <= due && due < until && due <= plan.duration.nanoseconds
    }
  }

  private static func constantDelay(of plan: RunPlan) -> Int64? {
    switch plan.delay {
    case .none: 0
    case .constant(let span): span.nanoseconds
    case .uniform, .exponential: nil
    }
  }

  /// How many messages each partition held: one per fault.
  private static func heldCounts(
    _ lines: [EventList.Line], _ plan: RunPlan, _ faults: [Fault], delay: Int64
  ) -> [UInt64] {
    var counts = Array(repeating: UInt64(0), count: faults.count)
    let partitions = faults.enumerated().compactMap { index, fault in
      if case .partition(let apart, nil, let from, let until) = fault {
        return (index: index, apart: apart, from: from.nanoseconds, until: until.nanoseconds)
      }
      return nil
    }.sorted { $0.from < $1.from }
    for line in lines where line.event.kind == .send {
      for target in targets(of: line, plan)
      where death(of: target, faults) > line.nanoseconds {
        var due = line.nanoseconds + delay
        for partition in partitions
        where partition.apart.contains(target) != partition.apart.contains(line.machine)
          && partition.from <= due && due < partition.until
        {
          // Messages due after the run's end do not count as held.
          if due <= plan.duration.nanoseconds { counts[partition.index] += 1 }
          due = partition.until
        }
      }
    }
    return counts
  }

  private static func targets(of line: EventList.Line, _ plan: RunPlan) -> [MachineID] {
    switch line.event.peer {
    case .neighbour(let neighbour): [plan.topology.id(of: neighbour, from: line.machine)]
    case .all: Array(plan.topology.neighbours(of: line.machine))
    default: []
    }
  }
}
