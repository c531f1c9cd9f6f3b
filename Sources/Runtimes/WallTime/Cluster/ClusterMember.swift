import LogicalTime
import RunControl
import Transport

/// The machine that this host runs in a run on several hosts, and what it knows of the others.
package struct ClusterMember: Hashable, Sendable {
  /// The cluster file of the run.
  package let file: ClusterFile
  /// The machine that runs here.
  package let machine: MachineID
  /// Where each machine listens, in id order, names resolved.
  package let endpoints: [Endpoint]

  /// Chooses the machine that runs here.
  ///
  /// - Parameters:
  ///   - machine: The machine.
  ///   - file: The cluster file of the run; it has such a machine.
  ///   - endpoints: Where each machine listens, in id order, names resolved.
  package init(of machine: MachineID, in file: ClusterFile, endpoints: [Endpoint]) {
    self.machine = machine
    self.file = file
    self.endpoints = endpoints
  }
}

/// What a machine of a run on several hosts needs besides its plan.
struct ClusterSetup: Codable, Hashable, Sendable {
  /// A digest of the cluster file, which all machines must share.
  var digest: UInt64
  var links: HostLinks
  /// The machines that are other programs and use gRPC, with their leader.
  var foreign: ForeignRoster
  /// How long it waits for all others at the start, as its command has it.
  var startTimeoutNanoseconds: Int64
}

extension ClusterMember {
  /// The same for the machine's `setUp` command.
  var reach: ClusterSetup {
    ClusterSetup(
      digest: file.digest,
      links: HostLinks(
        silenceMillisecondsMax: Int32(file.linkTimeout.nanoseconds / 1_000_000),
        diallers: file.foreignMachines),
      foreign: file.foreign, startTimeoutNanoseconds: file.startTimeout.nanoseconds)
  }
}
