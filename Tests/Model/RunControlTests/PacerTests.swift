import ScaleModel
import TestSupport
import Testing

@testable import RunControl

/// The clock and the sleeps are the test's own: no time passes.
@Suite("The pacer")
struct PacerTests {
  private static func plan(
    seconds: Int64, machineCount: Int = 3, rate: Int = 1
  ) -> RunPlan {
    RunPlan(
      rates: Array(repeating: rate, count: machineCount), duration: .seconds(seconds),
      dieSides: 10, seed: 0, topologyChoice: .complete,
      topology: Topology(completeWith: machineCount), delay: .none, workload: .chatter)
  }

  /// A run as the owner of a pacer saw it.
  private struct Trace {
    var ticks: [MonotonicInstant] = []
    /// How long before its deadline each last sleep before a tick should end.
    var margins: [Int64] = []
    var spunNanoseconds: Int64 = 0
    var longestSpinNanoseconds: Int64 = 0
  }

  private static let start: MonotonicInstant = 5_000_000_000_000

  /// Runs a pacer to the end: sleeps end late by `delay`, and a tick takes 2 µs.
  private func run(
    _ plan: RunPlan, _ delay: (MonotonicInstant) -> Int64
  ) -> Trace {
    var pacer = Pacer(start: Self.start, plan: plan, machine: 0)
    var trace = Trace()
    var now = Self.start - 1_000_000
    var wakeTime: MonotonicInstant?
    while true {
      switch pacer.advise(now: now) {
      case .tick:
        let due =
          Self.start.at(plan.due(tick: UInt64(trace.ticks.count + 1), of: 0))
        if let wakeTime { trace.margins.append(due - wakeTime) }
        wakeTime = nil
        trace.ticks.append(now)
        pacer.ticked()
        now += 2000
      case .spin(let until):
        trace.spunNanoseconds += until - now
        trace.longestSpinNanoseconds = max(trace.longestSpinNanoseconds, until - now)
        now = until
      case .sleep(let until):
        #expect(until > now, "A sleep that is advised lies ahead")
        wakeTime = until
        now = until + delay(until)
      case .rest(let until):
        #expect(until == Self.start + plan.duration)
        return trace
      }
    }
  }

  @Test("Its advice, step by step, worked out by hand")
  func advice() {
    var pacer = Pacer(start: 0, plan: Self.plan(seconds: 2), machine: 0)
    // A long sleep ends a 400th early, a short one 100 µs before the deadline: the first margin.
    #expect(pacer.advise(now: 0) == .sleep(until: 997_400_250))
    #expect(pacer.advise(now: 997_500_000) == .sleep(until: 999_900_000))
    // An arrival woke the owner: the sleep continues.
    #expect(pacer.advise(now: 998_000_000) == .sleep(until: 999_900_000))
    #expect(pacer.advise(now: 999_950_000) == .spin(until: 1_000_000_000))
    #expect(pacer.advise(now: 1_000_000_100) == .tick)
    #expect(pacer.advise(now: 1_000_000_200) == .tick, "Until it is told that it was")
    pacer.ticked()
    // That sleep ended 50 µs late, within the margin, which has become 99 µs.
    #expect(pacer.advise(now: 1_998_000_000) == .sleep(until: 1_999_901_000))
    #expect(pacer.advise(now: 2_000_000_000) == .tick)
    pacer.ticked()
    #expect(pacer.advise(now: 2_000_000_001) == .rest(until: 2_000_000_000))
  }

  @Test("After its last tick a machine rests until the run's end")
  func rest() {
    var plan = Self.plan(seconds: 1)
    plan.duration = TimeSpan(nanoseconds: 1_500_000_000)
    var pacer = Pacer(start: 0, plan: plan, machine: 0)
    #expect(pacer.advise(now: 1_000_000_000) == .tick)
    pacer.ticked()
    #expect(pacer.advise(now: 1_000_000_001) == .rest(until: 1_500_000_000))
  }

  @Test("A delayed machine carries out every tick it missed")
  func catchesUp() {
    var pacer = Pacer(start: 0, plan: Self.plan(seconds: 60, rate: 6), machine: 0)
    var tickCount = 0
    while pacer.advise(now: 30_000_000_000) == .tick {
      pacer.ticked()
      tickCount += 1
    }
    #expect(tickCount == 180)
    let next = TickTime.due(tick: 181, rate: 6, after: MonotonicInstant(nanoseconds: 0))
    #expect(pacer.advise(now: next) == .tick)
  }

  @Test(
    "Every tick comes, in order and never early, however late sleeps end",
    arguments: [1, 3, 6, 7, 1000, 20_000], [0, 60_000, 300_000, 5_000_000] as [Int64])
  func everyTickComes(rate: Int, delayMax: Int64) {
    var plan = Self.plan(seconds: rate > 100 ? 1 : 60, rate: rate)
    var random = SplitMix64(state: UInt64(rate) + UInt64(delayMax))
    plan.phases = delayMax == 60_000 ? .random : .aligned
    let trace = run(plan) { _ in Int64(random.draw(below: UInt64(delayMax) + 1)) }
    #expect(UInt64(trace.ticks.count) == plan.tickCount(of: 0))
    for (index, time) in trace.ticks.enumerated() {
      let due = Self.start.at(plan.due(tick: UInt64(index + 1), of: 0))
      #expect(time >= due)
      // A late tick does not delay the next one: lateness never adds up.
      #expect(
        time <= due + delayMax + 2000 * (1 + (delayMax + 1) * Int64(rate) / 1_000_000_000 + 1))
    }
  }

  @Test(
    "Spinning stays within its share of a core, however late sleeps end",
    arguments: [(1, 3), (6, 3), (100, 3), (1000, 3), (20_000, 3), (6, 100)])
  func spinIsBounded(rate: Int, machineCount: Int) {
    let plan = Self.plan(seconds: rate > 100 ? 2 : 60, machineCount: machineCount, rate: rate)
    var random = SplitMix64(state: 1)
    // Sometimes very late, mostly on time: the worst case for a margin.
    let trace = run(plan) { _ in random.draw(below: 10) == 0 ? 900_000 : 0 }
    let share = Pacer.spinShare / Double(machineCount)
    #expect(Double(trace.spunNanoseconds) <= share * Double(plan.duration.nanoseconds))
    #expect(trace.longestSpinNanoseconds <= Pacer.marginNanosecondsMax)
    #expect(trace.margins.allSatisfy { 0...Pacer.marginNanosecondsMax ~= $0 })
  }

  @Test(
    "The margin approaches a constant delay of sleeps, and stays near it",
    arguments: [0, 20_000, 60_000, 250_000] as [Int64])
  func marginLearns(delay: Int64) {
    let trace = run(Self.plan(seconds: 200, rate: 6)) { _ in delay }
    let settled = trace.margins.suffix(600)
    #expect(settled.count == 600)
    #expect(settled.allSatisfy { max(0, delay - 1000)...(delay + 20_000) ~= $0 })
    let lateCount = settled.filter { $0 < delay }.count
    #expect(lateCount <= settled.count / 15, "About one sleep in twenty ends too late")
  }

  @Test("The margin follows delays of all lengths to about their 95th percentile")
  func marginIsPercentile() {
    var random = SplitMix64(state: 4)
    let trace = run(Self.plan(seconds: 1000, rate: 6)) { _ in
      Int64(random.draw(below: 200_000))
    }
    let settled = trace.margins.suffix(4000)
    let mean = settled.reduce(0) { $0 + Double($1) } / Double(settled.count)
    #expect(170_000...200_000 ~= mean)
    let onTime = trace.ticks.enumerated().suffix(4000).filter { index, time in
      time == TickTime.due(tick: UInt64(index + 1), rate: 6, after: Self.start)
    }.count
    #expect(0.92...0.98 ~= Double(onTime) / 4000)
  }

  @Test("When sleeps always end later than any margin, the margin stays at its bound")
  func marginAtBound() {
    let trace = run(Self.plan(seconds: 100, rate: 6)) { _ in 600_000 }
    #expect(trace.margins.suffix(300).allSatisfy { $0 == Pacer.marginNanosecondsMax })
  }
}
