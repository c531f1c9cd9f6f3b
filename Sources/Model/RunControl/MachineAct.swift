import LogicalTime

/// What a person did to one machine of a run.
package struct MachineAct: Hashable, Sendable {
  /// The acts, as requests name them.
  package enum Kind: String, Hashable, Sendable {
    /// The machine ended without a word to its peers.
    case kill
    /// The machine stopped ticking.
    case pause
    /// The machine went on, and carried out the ticks that it had missed.
    case resume
  }

  /// What was done.
  package var kind: Kind
  /// To which machine.
  package var machine: MachineID
  /// When, in nanoseconds since the run's start.
  package var nanoseconds: Int64

  /// Makes a record of an act.
  package init(_ kind: Kind, on machine: MachineID, atNanoseconds nanoseconds: Int64) {
    (self.kind, self.machine, self.nanoseconds) = (kind, machine, nanoseconds)
  }
}
