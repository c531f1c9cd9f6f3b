import LogicalTime
import ScaleModel
import Testing

@testable import VirtualTime

/// The schedule's groups and blocks, against the definition: tick k of rate r is due at k/r.
@Suite("Tick schedule")
struct TickScheduleTests {
  /// One tick, by the definition.
  private struct Tick: Comparable {
    let numerator: UInt64
    let rate: UInt64
    let machine: Int

    var due: RunTime { TickTime.due(tick: numerator, rate: Int(rate)) }

    static func < (left: Tick, right: Tick) -> Bool {
      let (leftProduct, rightProduct) = (left.numerator * right.rate, right.numerator * left.rate)
      return leftProduct != rightProduct ? leftProduct < rightProduct : left.machine < right.machine
    }
  }

  /// A tick of either side: its time and its machine.
  private struct Due: Hashable {
    let time: RunTime
    let machine: Int
  }

  private func naive(rates: [Int], through end: RunTime) -> [Due] {
    var ticks: [Tick] = []
    for (machine, rate) in rates.enumerated() {
      var tick = Tick(numerator: 1, rate: UInt64(rate), machine: machine)
      while tick.due <= end {
        ticks.append(tick)
        tick = Tick(numerator: tick.numerator + 1, rate: tick.rate, machine: machine)
      }
    }
    return ticks.sorted().map { Due(time: $0.due, machine: $0.machine) }
  }

  private func scheduled(
    rates: [Int], blockCountMax: Int, through end: RunTime
  ) -> [Due] {
    scheduled(
      TickSchedule(rates: rates, blockCountMax: blockCountMax), through: end)
  }

  private func scheduled(_ schedule: TickSchedule, through end: RunTime) -> [Due] {
    var schedule = schedule
    var ticks: [Due] = []
    while true {
      for instant in schedule.instants {
        let due = schedule.due(at: instant)
        if due > end { return ticks }
        for index in instant.membersStart..<instant.membersEnd {
          ticks.append(Due(time: due, machine: schedule.members[Int(index)].index))
        }
      }
      schedule.advance()
    }
  }

  @Test(
    "Every machine ticks at k/r, in exact order, machines of one instant by id",
    arguments: [
      [1], [6], [1, 3, 6], [6, 3, 1], [2, 4, 6], [5, 5, 5], [7, 11, 13, 7], [1, 2, 3, 4, 5, 6],
      [12, 18, 30, 60, 97],
    ])
  func matchesDefinition(rates: [Int]) {
    let end: RunTime = 2_700_000_000
    let expected = naive(rates: rates, through: end)
    for blockCountMax in [1, 2, 5, 1 << 18] {
      #expect(
        scheduled(rates: rates, blockCountMax: blockCountMax, through: end) == expected)
    }
  }

  @Test("Random rates match the definition", arguments: 0..<30 as Range<UInt64>)
  func matchesDefinitionAtRandom(seed: UInt64) {
    var random = SplitMix64(state: seed)
    let rates = (0..<(1 + Int(random.draw(below: 12)))).map { _ in
      1 + Int(random.draw(below: 40))
    }
    let end: RunTime = 1_300_000_000
    let block = 1 + Int(random.draw(below: 200))
    #expect(
      scheduled(rates: rates, blockCountMax: block, through: end)
        == naive(rates: rates, through: end))
  }

  @Test("Fractions that fall into one nanosecond keep their order")
  func keepsFractionOrder() {
    // 1/1,000,000 and 1/999,999 both round down to 1000 ns; the first is the earlier.
    let rates = [999_999, 1_000_000]
    let end: RunTime = 2_000_000
    let expected = naive(rates: rates, through: end)
    let ticks = scheduled(rates: rates, blockCountMax: 100, through: end)
    #expect(ticks == expected)
    #expect(ticks.first == Due(time: 1000, machine: 1))
    #expect(ticks.dropFirst().first == Due(time: 1000, machine: 0))
  }

  @Test(
    "Machines with phases of their own tick at k/r less their leads, in exact order",
    arguments: [1, 3, 100, 1 << 18])
  func leads(blockCountMax: Int) {
    let rates = [1, 3, 6, 6, 7, 3]
    // Machines 1 and 5 share all instants; the last is ahead by all but a nanosecond of its period.
    let leads: [UInt32] = [999_999_999, 41, 0, 166_666_665, 142_857_141, 41]
    let expected = (0..<6).flatMap { machine -> [Due] in
      let tickZero = RunTime(nanoseconds: -Int64(leads[machine]))
      return (1...UInt64(3 * rates[machine])).map { tick in
        Due(
          time: TickTime.due(tick: tick, rate: rates[machine], after: tickZero), machine: machine)
      }
    }.sorted { ($0.time, $0.machine) < ($1.time, $1.machine) }
    let schedule = TickSchedule(rates: rates, leads: leads, blockCountMax: blockCountMax)
    #expect(scheduled(schedule, through: 3_000_000_000) == expected)
  }

  @Test("A second with more instants than a block holds takes no more memory")
  func staysWithinBlock() {
    let schedule = TickSchedule(rates: Array(900...1000), blockCountMax: 1000)
    #expect(schedule.instants.count == 1000)
    #expect(!schedule.isPeriodic)
    #expect(TickSchedule(rates: [1, 3, 6]).isPeriodic)
  }

  @Test("By their own perfect clocks machines tick as by true time")
  func perfectOwnClocks() throws {
    var plan = try Plans.plan(rates: [3, 7, 1], seconds: 20)
    let byTrueTime = scheduled(TickSchedule(of: plan), through: 20_000_000_000)
    plan.tickClock = .ownClock
    let byOwnClock = scheduled(TickSchedule(of: plan), through: 20_000_000_000)
    #expect(byOwnClock == byTrueTime && byOwnClock.count == 220)
  }

  @Test(
    "A tick is due when its machine's clock first shows its time since the start",
    arguments: ["30s", "3s,1s,step", "2s,100ms,slew"])
  func ownClocks(sync: String) throws {
    var plan = try Plans.plan(rates: [5, 8], seconds: 30, seed: 9)
    plan.tickClock = .ownClock
    plan.physicalClocks.skew = .seconds(2)
    plan.physicalClocks.driftMillionths = 100_000
    plan.physicalClocks.sync = PhysicalClocks.Sync(sync)
    let end = plan.end
    let ticks = scheduled(
      TickSchedule(of: plan), through: end)
    #expect(ticks == ticks.sorted { ($0.time, $0.machine) < ($1.time, $1.machine) })
    for machine in 0...1 {
      var clock = PhysicalClock(of: MachineID(machine), plan.physicalClocks, seed: plan.seed)
      let start = RunTime(nanoseconds: clock.time(at: 0))
      let own = ticks.filter { $0.machine == machine }
      #expect(own.count > 20 * plan.rates[machine])
      for (index, tick) in own.enumerated() {
        let shown = TickTime.due(
          tick: UInt64(index + 1), rate: plan.rates[machine], after: start)
        #expect(clock.time(at: tick.time.nanoseconds) >= shown.nanoseconds)
      }
      let rest = TickTime.due(
        tick: UInt64(own.count + 1), rate: plan.rates[machine], after: start)
      #expect(clock.time(at: end.nanoseconds) < rest.nanoseconds, "No tick is left out at the end")
    }
  }

  @Test("A clock that steps back a century ticks no more, and the schedule goes on")
  func stillClock() throws {
    var plan = try Plans.plan(rates: [2, 2], seconds: 10)
    plan.tickClock = .ownClock
    plan.physicalClocks.leads = ["36499d@0"].compactMap { PhysicalClocks.Lead($0) }
    plan.physicalClocks.sync = PhysicalClocks.Sync("1s,0s,step")
    let ticks = scheduled(TickSchedule(of: plan), through: 10_000_000_000)
    // Machine 0's clock goes back a century at the first sync.
    #expect(ticks.filter { $0.machine == 0 }.map(\.time) == [500_000_000])
    #expect(ticks.count { $0.machine == 1 } == 20)
  }
}
