import LogicalTime

extension Manifest {
  /// Which part of a run on several hosts a run directory holds.
  package struct Part: Codable, Hashable, Sendable {
    /// The machine whose journal and snapshots the directory holds.
    package var machine: MachineID
    /// A digest of the cluster file, in hexadecimal digits.
    ///
    /// Together with the start time, which all hosts agree on, it identifies the run.
    package var digest: String

    /// Makes a part.
    package init(machine: MachineID, digest: String) {
      self.machine = machine
      self.digest = digest
    }
  }
}
