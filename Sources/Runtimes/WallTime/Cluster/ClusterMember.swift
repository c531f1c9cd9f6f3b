import LogicalTime
import RunControl
import Transport

/// One machine's place in a run on several hosts: which one it is, and what it knows of the others.
package struct ClusterMember: Hashable, Sendable {
  /// What the run is.
  package let file: ClusterFile
  /// The machine that runs here.
  package let machine: MachineID
  /// Where each machine listens, in id order, names resolved.
  package let endpoints: [Endpoint]

  /// Takes a machine's place.
  ///
  /// - Parameters:
  ///   - machine: Which one.
  ///   - file: What the run is; it has such a machine.
  ///   - endpoints: Where each machine listens, in id order, names resolved.
  package init(of machine: MachineID, in file: ClusterFile, endpoints: [Endpoint]) {
    self.machine = machine
    self.file = file
    self.endpoints = endpoints
  }

  /// The machines on other hosts, ascending.
  var others: [MachineID] { file.plan.topology.machineIDs.filter { $0 != machine } }

  /// Whether this machine's host tells the others when to begin.
  var leads: Bool { machine == file.leader }
}

/// What a machine of a run on several hosts must know besides its plan.
struct ClusterSetup: Codable, Hashable, Sendable {
  /// A digest of the cluster file, which all machines must share.
  var digest: UInt64
  var links: HostLinks
  /// The machines that are other programs, and speak gRPC.
  var foreign: ForeignRoster
  /// How long it waits for all the others.
  var startNanosecondsMax: Int64
}

extension ClusterMember {
  /// The same for a machine's first order.
  var reach: ClusterSetup {
    ClusterSetup(
      digest: file.digest,
      links: HostLinks(
        silenceMillisecondsMax: Int32(file.linkTimeout.nanoseconds / 1_000_000),
        diallers: file.foreignMachines),
      foreign: file.foreign, startNanosecondsMax: file.startTimeout.nanoseconds)
  }
}
