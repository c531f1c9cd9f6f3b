import LogicalTime
import ScaleModel

/// A partition, prepared for lookups by channel.
struct Partition {
  /// Its index among all faults.
  let fault: Int
  let startNanoseconds: Int64
  let endNanoseconds: Int64
  /// Whether messages from each machine are held, in id order.
  private let isSource: [Bool]
  /// Whether messages to each machine are held, in id order.
  private let isTarget: [Bool]
  /// Whether the way back is severed too.
  private let isBothWays: Bool

  /// The partitions among `faults`, by start time.
  static func all(of faults: [Fault], machineCount: Int) -> [Partition] {
    var all: [Partition] = []
    for case (let fault, .partition(let machines, let targets, let from, let until))
      in faults.enumerated()
    {
      let isSource = marks(machines, machineCount)
      all.append(
        Partition(
          fault: fault, startNanoseconds: from.nanoseconds, endNanoseconds: until.nanoseconds,
          isSource: isSource,
          isTarget: targets.map { marks($0, machineCount) } ?? isSource.map { !$0 },
          isBothWays: targets == nil))
    }
    return all.sorted { $0.startNanoseconds < $1.startNanoseconds }
  }

  /// When something due at `dueNanoseconds` gets through from `source` to `target`.
  func passage(dueNanoseconds: Int64, source: MachineID, target: MachineID) -> Int64 {
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
