import LogicalTime

/// A partition, prepared for lookups by channel.
package struct Partition: Sendable {
  /// Its index among all faults.
  package let fault: Int
  private let startNanoseconds: Int64
  private let endNanoseconds: Int64
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
          fault: fault, startNanoseconds: from.nanoseconds, endNanoseconds: until.nanoseconds,
          isSource: isSource,
          isTarget: targets.map { marks($0, plan.machineCount) } ?? isSource.map { !$0 },
          isBothWays: targets == nil))
    }
    return all.sorted { $0.startNanoseconds < $1.startNanoseconds }
  }

  /// When something due at `dueNanoseconds` gets through from `source` to `target`; both times are
  /// since the run's start.
  package func passage(dueNanoseconds: Int64, source: MachineID, target: MachineID) -> Int64 {
    let isSevered =
      startNanoseconds <= dueNanoseconds && dueNanoseconds < endNanoseconds
      && (isSource[source.index] && isTarget[target.index]
        || isBothWays && isSource[target.index] && isTarget[source.index])
    return isSevered ? endNanoseconds : dueNanoseconds
  }

  private static func marks(_ machines: [MachineID], _ machineCount: Int) -> [Bool] {
    var marks = [Bool](repeating: false, count: machineCount)
    for machine in machines { marks[machine.index] = true }
    return marks
  }
}

/// The partitions of a run in wall time, which hold what is due between machines while they last.
@usableFromInline
package struct PartitionGate: Sendable {
  private let partitions: [Partition]
  /// The run's start, on the clock of the times it is asked about.
  private var start: Int64 = 0

  /// The gate of a plan, before the run has begun.
  @usableFromInline
  package init(_ plan: RunPlan) { partitions = Partition.all(of: plan) }

  /// Whether the plan has no partition.
  @usableFromInline package var isOpen: Bool { partitions.isEmpty }

  /// The run begins.
  package mutating func begin(at start: Int64) { self.start = start }

  /// When something due at `due` gets through from `source` to `target`.
  ///
  /// Never decreases with `due`, so order on a channel stays.
  @usableFromInline
  package func passage(due: Int64, source: MachineID, target: MachineID) -> Int64 {
    partitions.reduce(due) { time, partition in
      let passage = partition.passage(
        dueNanoseconds: time - start, source: source, target: target)
      return Delay.arrival(enteringAt: start, behind: time, after: passage)
    }
  }
}
