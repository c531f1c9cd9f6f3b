import LogicalTime
import ScaleModel

extension Manifest.Plan {
  /// How far the machines' physical clocks are from true time.
  package var physicalClocks: PhysicalClocks {
    PhysicalClocks(skew: skew, drift: clockDrift, sync: sync, ahead: clockAhead)
      ?? PhysicalClocks()
  }

  /// Takes over what a plan says of physical clocks: only what is not usual.
  mutating func recordClocks(of plan: RunPlan) {
    (skew, clockDrift, sync, clockAhead) = plan.physicalClocks.words
    ticksBy = plan.tickClock == .trueTime ? nil : plan.tickClock.rawValue
  }

  /// The options of physical clocks, in the words of a command.
  package var clockWords: [String] {
    [
      skew.map { "--skew=\($0)" }, clockDrift.map { "--clock-drift=\($0)" },
      sync.map { "--sync=\($0)" },
    ].compactMap(\.self) + (clockAhead ?? []).map { "--clock-ahead=\($0)" }
      + (ticksBy.map { ["--ticks-by=\($0)"] } ?? [])
  }

  /// The first key of physical clocks that has an impossible value, and the problem.
  var clockProblem: (key: String, problem: String)? {
    if PhysicalClocks(skew: skew, drift: nil, sync: nil, ahead: nil) == nil {
      return ("plan.skew", "the skew is not a time, such as 50ms")
    }
    if PhysicalClocks(skew: nil, drift: clockDrift, sync: nil, ahead: nil) == nil {
      return ("plan.clock_drift", "the drift is not from 0ppm to 1000000ppm")
    }
    if PhysicalClocks(skew: nil, drift: nil, sync: sync, ahead: nil) == nil {
      return ("plan.sync", "it is not an interval, an error and step or slew: 30s,5ms,slew")
    }
    let clocks = PhysicalClocks(skew: nil, drift: nil, sync: nil, ahead: clockAhead)
    guard let clocks, clocks.leads.allSatisfy({ $0.machine.index < machines }) else {
      return ("plan.clock_ahead", "it is not a time and a machine of the run, such as 8h@0")
    }
    return ticksBy.map { TickClock(rawValue: $0) != nil } ?? true
      ? nil : ("plan.ticks_by", "it is neither true-time nor own-clock")
  }
}

extension Manifest {
  /// The physical clock of each machine, in id order.
  package var physicalClocks: [PhysicalClock] {
    let clocks = plan.physicalClocks
    return (0..<plan.machines).map { PhysicalClock(of: MachineID($0), clocks, seed: seed) }
  }
}
