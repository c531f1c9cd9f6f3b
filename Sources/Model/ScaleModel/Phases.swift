import LogicalTime

/// Where in their periods the machines of a run tick.
public enum Phases: String, Hashable, Sendable, CaseIterable {
  /// All begin together: tick k of a machine is due at k / rate.
  case aligned
  /// Each machine is ahead of that by a seeded part of its own period.
  case random

  /// When a machine's tick 0 is due.
  ///
  /// It is not carried out; tick k is due k / rate later. It is the start when machines are
  /// aligned, and otherwise less than a period before the start, drawn uniformly: so every machine
  /// has as many ticks in each whole second as its rate says.
  ///
  /// - Parameters:
  ///   - machine: The machine; each has a stream of its own, which nothing else draws from.
  ///   - rate: Its instructions per second, from 1 to 10⁹.
  ///   - seed: The run's seed.
  /// - Returns: The run's start, or less than a period before it.
  public func tickZero(of machine: MachineID, rate: Int, seed: UInt64) -> RunTime {
    guard self == .random else { return .start }
    var random = SplitMix64(seed: seed, purpose: .phases, index: UInt64(machine.number))
    return RunTime(nanoseconds: -Int64(random.draw(below: 1_000_000_000 / UInt64(rate))))
  }
}

extension RunPlan {
  /// When the run ends, by its plan.
  @inlinable public var end: RunTime { RunTime(duration) }

  /// When a machine's tick 0 is due: at the run's start or before.
  public func tickZero(of machine: MachineID) -> RunTime {
    phases.tickZero(of: machine, rate: rates[machine.index], seed: seed)
  }

  /// How many instructions a machine carries out in the whole run: those due at or before its end.
  public func tickCount(of machine: MachineID) -> UInt64 {
    let nanoseconds = UInt64(duration.nanoseconds - tickZero(of: machine).nanoseconds)
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let rate = UInt64(rates[machine.index])
    return seconds * rate + rest * rate / 1_000_000_000
  }

  /// When a machine's instruction `tick` is due.
  public func due(tick: UInt64, of machine: MachineID) -> RunTime {
    TickTime.due(tick: tick, rate: rates[machine.index], after: tickZero(of: machine))
  }
}
