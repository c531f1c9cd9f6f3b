import LogicalTime
import ScaleModel

extension Topology {
  /// Whether every machine has a channel to every other one.
  var isComplete: Bool {
    machineIDs.allSatisfy { neighbourCount(of: $0) == machineCount - 1 }
  }

  /// The next machine around the ring of ids; nil without a channel to it.
  func next(after machine: MachineID) -> MachineID? {
    let next = MachineID((Int(machine.number) + 1) % machineCount)
    return hasChannel(from: machine, to: next) ? next : nil
  }

  /// Checks that every machine has a channel to the next one.
  func requireRing() throws(WorkloadRefusal) {
    guard machineIDs.allSatisfy({ next(after: $0) != nil }) else {
      throw WorkloadRefusal(
        "machine i sends to machine i + 1, which is no neighbour here; take --topology ring or "
          + "leave it out")
    }
  }

  /// Checks that every channel has one the other way.
  func requireBothWays(_ reason: String) throws(WorkloadRefusal) {
    let isBothWays = machineIDs.allSatisfy { source in
      neighbours(of: source).allSatisfy { hasChannel(from: $0, to: source) }
    }
    guard isBothWays else {
      throw WorkloadRefusal("\(reason); take a --topology with channels both ways")
    }
  }
}
