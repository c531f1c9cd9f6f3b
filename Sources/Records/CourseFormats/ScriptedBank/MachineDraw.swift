import LogicalTime
import ScaleModel

/// A set of machines with adding, removing and random drawing in constant time.
///
/// - Invariant: `indices[i]` is the index of machine i in `machines`, if it is in the set.
struct MachineDraw {
  private var machines: [MachineID] = []
  private var indices: [Int32] = []

  /// How many there are.
  var count: Int { machines.count }

  /// Adds a machine that is not in the set.
  mutating func add(_ machine: MachineID) {
    let missing = machine.index + 1 - indices.count
    if missing > 0 { indices.append(contentsOf: repeatElement(0, count: missing)) }
    indices[machine.index] = Int32(machines.count)
    machines.append(machine)
  }

  /// Removes a machine in the set; the last one takes its index.
  mutating func remove(_ machine: MachineID) {
    let index = Int(indices[machine.index])
    precondition(machines[index] == machine, "Machine \(machine) is not among those to draw from")
    machines.swapAt(index, machines.count - 1)
    indices[machines[index].index] = Int32(index)
    machines.removeLast()
  }

  /// Draws one machine, all equally likely; nil when the set is empty.
  func draw(using random: inout SplitMix64) -> MachineID? {
    if machines.isEmpty { return nil }
    return machines[Int(random.draw(below: UInt64(machines.count)))]
  }
}
