import LogicalTime
import RunControl
import ScaleModel

/// The state of a run as one of its hosts sees it, for a health check.
package struct RunStatus: Codable, Hashable, Sendable {
  /// Where a run is in its life.
  package enum State: String, Codable, Sendable {
    /// Its machines link up, or wait for those of other hosts.
    case starting
    /// Its machines carry out their ticks.
    case running
    /// Its machines were told to stop.
    case ending
  }

  /// Where it is.
  package var state: State
  /// The machine that runs on this host; nil when all run here.
  package var machine: MachineID?
  /// How many machines the run has.
  package var machines: Int
  /// The machines that take no further part in the run, ascending.
  package var dead: [MachineID]
}

extension RunStatus {
  /// The status of a run's life.
  ///
  /// - Parameters:
  ///   - life: The life.
  ///   - plan: The run's plan.
  ///   - machine: The machine that runs here; nil when all do.
  init(of life: RunLifecycle, plan: RunPlan, machine: MachineID?) {
    state =
      switch life.phase {
      case .linking, .recovering: .starting
      case .running: .running
      case .stopping: .ending
      }
    self.machine = machine
    machines = plan.machineCount
    // A machine that is still to be started is not dead.
    dead = plan.topology.machineIDs.filter { life.hasStarted($0) && life.isDead($0) }
  }
}

extension RunStatus: CustomStringConvertible {
  /// One line without an end: who is asked, where the run is, and which machines are dead.
  package var description: String {
    let name = machine.map { "machine \($0) of \(machines)" } ?? "\(machines) machines"
    let gone = dead.map { "\($0)" }.joined(separator: ", ")
    return "\(name): \(state)" + (dead.isEmpty ? "" : "; dead: \(gone)")
  }
}
