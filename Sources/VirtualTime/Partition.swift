import LogicalTime
import ScaleModel

/// A partition, ready to be asked about channels.
struct Partition {
  let startNanoseconds: Int64
  let endNanoseconds: Int64
  /// Whether each machine is one of those set apart, in id order.
  let isApart: [Bool]

  /// The partitions among `faults`, by the time they start.
  static func all(of faults: [Fault], machineCount: Int) -> [Partition] {
    var all: [Partition] = []
    for case .partition(let machines, let from, let until) in faults {
      var isApart = [Bool](repeating: false, count: machineCount)
      for machine in machines { isApart[machine.index] = true }
      all.append(
        Partition(
          startNanoseconds: from.nanoseconds, endNanoseconds: until.nanoseconds, isApart: isApart))
    }
    return all.sorted { $0.startNanoseconds < $1.startNanoseconds }
  }

  /// When something due at `dueNanoseconds` gets through from `source` to `target`.
  func passage(dueNanoseconds: Int64, source: MachineID, target: MachineID) -> Int64 {
    let isSevered =
      isApart[source.index] != isApart[target.index]
      && startNanoseconds <= dueNanoseconds && dueNanoseconds < endNanoseconds
    return isSevered ? endNanoseconds : dueNanoseconds
  }
}
