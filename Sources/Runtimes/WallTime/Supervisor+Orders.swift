import LogicalTime
import RunControl
import SystemCalls
import Transport

/// What a supervisor sends: commands to machines that run here, notes to other supervisors.
extension Supervisor {
  func controlOrder(_ order: RunLifecycle.Order) -> ControlCommand {
    switch order {
    case .link(let ports):
      return .link(
        options.cluster?.endpoints ?? ports.map { Endpoint(host: "127.0.0.1", port: $0) })
    case .start(let start):
      return .start(at: start)
    case .beginSnapshot:
      alertness.stir(at: .now)
      return .beginSnapshot
    case .recordSnapshot(let id): return .recordSnapshot(id)
    case .abortSnapshot(let id, let cause): return .abortSnapshot(id, cause)
    case .endSnapshot(let id, let isComplete): return .snapshotOver(id, isComplete: isComplete)
    case .stop: return .stop
    }
  }

  /// Sends a command to all machines that run here.
  func sendToAll(_ order: ControlCommand) {
    for (id, member) in zip(plan.topology.machineIDs, members) where member.link != nil {
      send(order, to: id)
    }
  }

  /// Sends a command to a machine that runs here.
  func send(_ order: ControlCommand, to id: MachineID) {
    guard !life.isGone(id), let link = members[id.index].link else { return }
    if !link.send(order) {
      handle(.ordersNotTaken(id, byteCount: FragmentedMessages.waitingByteCountMax))
    }
  }

  /// Sends a note to the supervisors of these machines, through the machine that runs here.
  func pass(_ note: SupervisorNote, to machines: [MachineID]) {
    guard let own = options.cluster?.machine else { return }
    send(ControlCommand.pass(note: note.bytes, to: machines), to: own)
  }
}
