import LogicalTime

/// Where in their periods the machines of a run tick.
public enum Phases: String, Hashable, Sendable, CaseIterable {
  /// All begin together: tick k of a machine is due at k / rate.
  case aligned
  /// Each machine is ahead of that by a seeded part of its own period.
  case random

  /// When a machine's tick 0 is due, in nanoseconds after the run's start.
  ///
  /// It is not carried out; tick k is due k / rate later. It is 0 when machines are aligned, and
  /// otherwise less than a period before the start, drawn uniformly: so every machine has as many
  /// ticks in each whole second as its rate says.
  ///
  /// - Parameters:
  ///   - machine: The machine; each has a stream of its own, which nothing else draws from.
  ///   - rate: Its instructions per second, from 1 to 10⁹.
  ///   - seed: The run's seed.
  /// - Returns: Zero, or a negative number above that of a whole period.
  public func tickZeroNanoseconds(of machine: MachineID, rate: Int, seed: UInt64) -> Int64 {
    guard self == .random else { return 0 }
    var random = SplitMix64(seed: seed, purpose: .phases, index: UInt64(machine.number))
    return -Int64(random.draw(below: 1_000_000_000 / UInt64(rate)))
  }
}

extension RunPlan {
  /// When a machine's tick 0 is due, in nanoseconds after the run's start: zero or less.
  public func tickZeroNanoseconds(of machine: MachineID) -> Int64 {
    phases.tickZeroNanoseconds(of: machine, rate: rates[machine.index], seed: seed)
  }

  /// How many instructions a machine carries out in the whole run: those due at or before its end.
  public func tickCount(of machine: MachineID) -> UInt64 {
    let nanoseconds = UInt64(duration.nanoseconds - tickZeroNanoseconds(of: machine))
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let rate = UInt64(rates[machine.index])
    return seconds * rate + rest * rate / 1_000_000_000
  }

  /// When a machine's instruction `tick` is due, in nanoseconds after the run's start.
  public func dueNanoseconds(tick: UInt64, of machine: MachineID) -> Int64 {
    TickTime.dueNanoseconds(
      tick: tick, rate: rates[machine.index], after: tickZeroNanoseconds(of: machine))
  }
}
