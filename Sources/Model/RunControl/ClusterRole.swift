import LogicalTime
import ScaleModel

/// The part of this host in a run on several hosts.
package struct ClusterRole: Hashable, Sendable {
  /// The only machine that runs here.
  package let machine: MachineID
  /// The machines of the run that are foreign programs, and the leading machine.
  package let foreign: ForeignRoster
  /// How long the hosts may take until all are linked.
  package let startTimeout: TimeSpan

  /// Makes the role of the host on which `machine` runs.
  package init(machine: MachineID, foreign: ForeignRoster, startTimeout: TimeSpan) {
    self.machine = machine
    self.foreign = foreign
    self.startTimeout = startTimeout
  }

  /// Whether this host decides when the run begins.
  package var leads: Bool { machine == foreign.leader }
}
