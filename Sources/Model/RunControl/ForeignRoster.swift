import LogicalTime

/// The machines of a run that are foreign programs, and the machine of ours that leads them.
package struct ForeignRoster: Codable, Hashable, Sendable {
  /// The foreign machines, ascending.
  package var machines: [MachineID]
  /// The first machine of ours: it relays messages between foreign machines, and gathers the
  /// snapshots that they begin.
  package var leader: MachineID

  /// Makes the roster of these foreign machines, ascending, with the leader.
  package init(machines: [MachineID], leader: MachineID) {
    self.machines = machines
    self.leader = leader
  }

  /// The machine whose supervisor gathers the snapshots that `initiator` begins.
  package func gatherer(of initiator: MachineID) -> MachineID {
    machines.contains(initiator) ? leader : initiator
  }
}
