import LogicalTime
import ScaleModel

/// Some machines, of which any can be added, removed and drawn at the same small cost.
///
/// - Invariant: `places[i]` is where machine i stands among `machines`, if it is one of them.
struct MachineDraw {
  private var machines: [MachineID] = []
  private var places: [Int32] = []

  /// How many there are.
  var count: Int { machines.count }

  /// Adds a machine that is not there.
  mutating func add(_ machine: MachineID) {
    let missing = machine.index + 1 - places.count
    if missing > 0 { places.append(contentsOf: repeatElement(0, count: missing)) }
    places[machine.index] = Int32(machines.count)
    machines.append(machine)
  }

  /// Removes a machine that is there; the last one takes its place.
  mutating func remove(_ machine: MachineID) {
    let place = Int(places[machine.index])
    precondition(machines[place] == machine, "Machine \(machine) is not among those to draw from")
    machines.swapAt(place, machines.count - 1)
    places[machines[place].index] = Int32(place)
    machines.removeLast()
  }

  /// Draws one of them, each as likely as the others; nil when there is none.
  func draw(using random: inout SplitMix64) -> MachineID? {
    if machines.isEmpty { return nil }
    return machines[Int(random.draw(below: UInt64(machines.count)))]
  }
}
