import LogicalTime
import ScaleModel

/// A partition, prepared for lookups by channel.
struct Partition {
  /// Its index among all faults.
  let fault: Int
  let startNanoseconds: Int64
  let endNanoseconds: Int64
  /// Whether each machine is on the partition's isolated side, in id order.
  let isApart: [Bool]

  /// The partitions among `faults`, by start time.
  static func all(of faults: [Fault], machineCount: Int) -> [Partition] {
    var all: [Partition] = []
    for case (let fault, .partition(let machines, let from, let until)) in faults.enumerated() {
      var isApart = [Bool](repeating: false, count: machineCount)
      for machine in machines { isApart[machine.index] = true }
      all.append(
        Partition(
          fault: fault, startNanoseconds: from.nanoseconds, endNanoseconds: until.nanoseconds,
          isApart: isApart))
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
