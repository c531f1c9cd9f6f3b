import LogicalTime
import ScaleModel

extension RunPlan {
  /// Warns about planned faults without effect.
  ///
  /// - Parameters:
  ///   - words: What the user wrote for each.
  ///   - continuesOnFailure: Whether the run goes on without dead machines.
  /// - Returns: Warnings with the reason: at most one per fault, in order.
  func faultWarnings(words: [String], continuesOnFailure: Bool) -> [String] {
    words.enumerated().compactMap { index, words in
      reasonForNoEffect(ofFault: index, continuesOnFailure: continuesOnFailure).map {
        "\(words) has no effect: \($0)"
      }
    }
  }

  /// Why a planned fault can have no effect.
  ///
  /// - Parameters:
  ///   - index: Its index among the plan's faults.
  ///   - continuesOnFailure: Whether the run goes on without dead machines.
  /// - Returns: Nil when it can have an effect.
  func reasonForNoEffect(ofFault index: Int, continuesOnFailure: Bool) -> String? {
    let fault = faults[index]
    // Machines that go back are alive again.
    let goesBack = restartCountMax != nil
    if !continuesOnFailure, !goesBack, let death = faults.compactMap(Death.init).min(),
      Death(fault).map({ death < $0 }) ?? (death.time <= fault.start)
    {
      return "the run ends at \(death.time), when machine \(death.machine) dies"
    }
    switch fault {
    case .kill(let machine, let time):
      let isRepeated = faults.enumerated().contains { other, earlier in
        guard case .kill(machine, let killTime) = earlier else { return false }
        return killTime < time && !goesBack || killTime == time && other < index
      }
      return isRepeated ? "machine \(machine) is dead by then" : nil
    case .pause(let machine, let from, let until):
      if machinesDead(at: from).contains(machine) { return "machine \(machine) is dead by then" }
      let rate = rates[machine.index]
      let end = min(until.nanoseconds, duration.nanoseconds + 1)
      let isIdle =
        Self.tickCount(before: end, rate: rate)
        <= Self.tickCount(before: from.nanoseconds, rate: rate)
      return isIdle ? "machine \(machine) has no tick in it" : nil
    case .lose(let source, let target, _):
      return topology.neighbour(target, of: source) == nil
        ? "machine \(source) has no channel to machine \(target)" : nil
    case .tell(let machine, _, let time):
      return machinesDead(at: time).contains(machine) ? "machine \(machine) is dead by then" : nil
    case .partition(let machines, let targets, let from, _):
      guard let targets else {
        return reasonForNoEffect(ofPartition: Set(machines), from: from)
      }
      return reasonForNoEffect(ofWayFrom: Set(machines), to: Set(targets), from: from)
    }
  }

  /// A kill, in order of execution.
  private struct Death: Comparable {
    let time: TimeSpan
    let machine: MachineID

    init?(_ fault: Fault) {
      guard case .kill(let machine, let time) = fault else { return nil }
      (self.time, self.machine) = (time, machine)
    }

    static func < (left: Death, right: Death) -> Bool {
      (left.time, left.machine) < (right.time, right.machine)
    }
  }

  private func reasonForNoEffect(
    ofPartition apart: Set<MachineID>, from: TimeSpan
  ) -> String? {
    if apart.count == machineCount { return "all machines are on one side" }
    let crosses = topology.machineIDs.contains { source in
      topology.neighbours(of: source).contains { apart.contains($0) != apart.contains(source) }
    }
    if !crosses { return "no link leads from one side to the other" }
    let dead = machinesDead(at: from)
    let living = topology.machineIDs.filter { !dead.contains($0) }
    let isDivided =
      living.contains { apart.contains($0) } && living.contains { !apart.contains($0) }
    return isDivided ? nil : "all machines of one side are dead by then"
  }

  private func reasonForNoEffect(
    ofWayFrom sources: Set<MachineID>, to targets: Set<MachineID>, from: TimeSpan
  ) -> String? {
    let links = topology.machineIDs.filter(sources.contains).flatMap { source in
      topology.neighbours(of: source).filter(targets.contains).map { (source, $0) }
    }
    if links.isEmpty { return "no link leads that way" }
    // What a dead machine sent before its death is still on its way.
    let dead = machinesDead(at: from)
    return links.allSatisfy { dead.contains($0.1) }
      ? "all machines that it leads to are dead by then" : nil
  }

  /// The machines killed by faults up to and including a time.
  private func machinesDead(at time: TimeSpan) -> Set<MachineID> {
    // Machines that go back are alive again.
    if restartCountMax != nil { return [] }
    return Set(faults.compactMap(Death.init).filter { $0.time <= time }.map(\.machine))
  }

  /// How many ticks are due before a time: those k for which k / rate, rounded down, is earlier.
  private static func tickCount(before nanoseconds: Int64, rate: Int) -> Int64 {
    guard nanoseconds > 0 else { return 0 }
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    return seconds * Int64(rate) + (rest * Int64(rate) + 999_999_999) / 1_000_000_000 - 1
  }
}
