import LogicalTime

/// A partition, prepared for lookups by channel.
package struct Partition: Sendable {
  /// Its index among all faults.
  package let fault: Int
  private let start: RunTime
  private let end: RunTime
  /// Whether messages from each machine are held, in id order.
  private let isSource: [Bool]
  /// Whether messages to each machine are held, in id order.
  private let isTarget: [Bool]
  /// Whether the way back is severed too.
  private let isBothWays: Bool

  /// The partitions among a plan's faults, by start time.
  package static func all(of plan: RunPlan) -> [Partition] {
    var all: [Partition] = []
    for case (let fault, .partition(let machines, let targets, let from, let until))
      in plan.faults.enumerated()
    {
      let isSource = marks(machines, plan.machineCount)
      all.append(
        Partition(
          fault: fault, start: RunTime(from), end: RunTime(until), isSource: isSource,
          isTarget: targets.map { marks($0, plan.machineCount) } ?? isSource.map { !$0 },
          isBothWays: targets == nil))
    }
    return all.sorted { $0.start < $1.start }
  }

  /// When something due at `due` gets through from `source` to `target`.
  package func passage(due: RunTime, source: MachineID, target: MachineID) -> RunTime {
    let isSevered =
      start <= due && due < end
      && (isSource[source.index] && isTarget[target.index]
        || isBothWays && isSource[target.index] && isTarget[source.index])
    return isSevered ? end : due
  }

  private static func marks(_ machines: [MachineID], _ machineCount: Int) -> [Bool] {
    var marks = [Bool](repeating: false, count: machineCount)
    for machine in machines { marks[machine.index] = true }
    return marks
  }
}

extension [Partition] {
  /// When something due at `due` gets through all of them from `source` to `target`.
  ///
  /// Never decreases with `due`, so order on a channel stays.
  package func passage(due: RunTime, source: MachineID, target: MachineID) -> RunTime {
    reduce(due) { time, partition in
      Swift.max(time, partition.passage(due: time, source: source, target: target))
    }
  }
}
