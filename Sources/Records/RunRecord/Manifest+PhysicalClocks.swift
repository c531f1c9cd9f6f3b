import LogicalTime
import ScaleModel

extension Manifest.Plan {
  /// How far the machines' physical clocks are from true time.
  package var physicalClocks: PhysicalClocks {
    PhysicalClocks(skew: skew, drift: clockDrift, sync: sync) ?? PhysicalClocks()
  }

  /// Takes over what a plan says of physical clocks: only what is not usual.
  mutating func recordClocks(of plan: RunPlan) {
    (skew, clockDrift, sync) = plan.physicalClocks.words
  }

  /// The options of physical clocks, in the words of a command.
  package var clockWords: [String] {
    [
      skew.map { "--skew=\($0)" }, clockDrift.map { "--clock-drift=\($0)" },
      sync.map { "--sync=\($0)" },
    ].compactMap(\.self)
  }

  /// The first key of physical clocks that has an impossible value, and the problem.
  var clockProblem: (key: String, problem: String)? {
    if PhysicalClocks(skew: skew, drift: nil, sync: nil) == nil {
      return ("plan.skew", "the skew is not a time, such as 50ms")
    }
    if PhysicalClocks(skew: nil, drift: clockDrift, sync: nil) == nil {
      return ("plan.clock_drift", "the drift is not from 0ppm to 1000000ppm")
    }
    return PhysicalClocks(skew: nil, drift: nil, sync: sync) == nil
      ? ("plan.sync", "it is not an interval, an error and step or slew: 30s,5ms,slew") : nil
  }
}

extension Manifest {
  /// The physical clock of each machine, in id order.
  package var physicalClocks: [PhysicalClock] {
    let clocks = plan.physicalClocks
    return (0..<plan.machines).map { PhysicalClock(of: MachineID($0), clocks, seed: seed) }
  }
}
