import LogicalTime
import ScaleModel

/// Decides when a machine wakes for its next tick: a value without a clock of its own.
///
/// Tick k is due at tick 0 + k / rate, whatever happened before, so lateness never adds up. A sleep
/// ends some tens of microseconds late, so the pacer lets its owner sleep until a *margin* before
/// the deadline and spin the rest. The margin follows the observed delays (it is about their 95th
/// percentile), and is bounded so that spinning never takes more than its share of a core.
@usableFromInline
package struct Pacer {
  /// What the owner does now.
  @usableFromInline
  package enum Advice: Hashable {
    /// The tick is due.
    case tick
    /// Watch the clock until this instant, then tick.
    case spin(until: MonotonicInstant)
    /// Sleep until this instant, then ask again.
    case sleep(until: MonotonicInstant)
    /// All ticks are done; nothing more happens before this instant, the run's end.
    case rest(until: MonotonicInstant)
  }

  /// The run's end.
  @usableFromInline let end: MonotonicInstant
  private let rate: Int
  /// When tick 0 would have been due.
  private let tickZero: MonotonicInstant
  private let tickCount: UInt64
  private let marginMax: Int64
  private var margin: Int64
  private var nextTick: UInt64 = 1
  private var nextDue: MonotonicInstant
  /// When the last sleep right before a deadline should end; nil when no such sleep was advised.
  private var wakeTime: MonotonicInstant?

  /// The share of one core that all machines of a run together may spend spinning.
  package static let spinShare = 0.01
  /// The largest margin; a longer delay comes from a busy host, not from a timer.
  package static let marginNanosecondsMax: Int64 = 400_000

  /// Makes the pacer of one machine.
  ///
  /// - Parameters:
  ///   - start: The run's start.
  ///   - plan: Has the run's length and the number of machines that share the spinning.
  ///   - machine: The machine, which has its rate and phase of the plan.
  package init(start: MonotonicInstant, plan: RunPlan, machine: MachineID) {
    rate = plan.rates[machine.index]
    tickZero = start.at(plan.tickZero(of: machine))
    end = start + plan.duration
    tickCount = plan.tickCount(of: machine)
    let share = Self.spinShare / Double(plan.machineCount) * 1e9 / Double(rate)
    marginMax = min(Self.marginNanosecondsMax, Int64(share))
    margin = min(100_000, marginMax)
    nextDue = TickTime.due(tick: 1, rate: rate, after: tickZero)
  }

  /// Advises what to do at `now`, and adapts the margin when a sleep has ended.
  @usableFromInline
  package mutating func advise(now: MonotonicInstant) -> Advice {
    learn(now: now)
    guard nextTick <= tickCount else { return .rest(until: end) }
    let remaining = nextDue.nanoseconds - now.nanoseconds
    if remaining <= 0 { return .tick }
    if remaining <= margin { return .spin(until: nextDue) }
    let sleep = remaining - margin
    // The kernel may stretch a sleep by a thousandth, so a long one ends early and a short one
    // follows.
    let isLong = sleep > 4_000_000
    let wakeTime = MonotonicInstant(
      nanoseconds: now.nanoseconds + sleep - (isLong ? max(1_000_000, sleep / 400) : 0))
    if !isLong { self.wakeTime = wakeTime }
    return .sleep(until: wakeTime)
  }

  /// Advances to the next tick, after the one that was due was carried out.
  @usableFromInline
  package mutating func ticked() {
    nextTick += 1
    nextDue = TickTime.due(tick: nextTick, rate: rate, after: tickZero)
  }

  /// Moves the margin a step towards the 95th percentile of the delays seen.
  private mutating func learn(now: MonotonicInstant) {
    guard let wakeTime, now >= wakeTime else { return }
    self.wakeTime = nil
    let step: Int64 = 1000
    margin += now.nanoseconds - wakeTime.nanoseconds > margin ? step * 19 : -step
    margin = min(max(margin, 0), marginMax)
  }
}
