import LogicalTime
import RunControl
import SystemCalls
import Transport

/// What a supervisor sends: commands to machines that run here, notes to other supervisors.
extension Supervisor {
  /// Lets all machines that run here make their links.
  func link(ports: [UInt16]) {
    sendToAll(
      .link(options.cluster?.endpoints ?? ports.map { Endpoint(host: "127.0.0.1", port: $0) }))
  }

  /// Sends a command to all machines that run here.
  func sendToAll(_ command: ControlCommand) {
    for (id, member) in zip(plan.topology.machineIDs, members) where member.link != nil {
      send(command, to: id)
    }
  }

  /// Sends a command to a machine that runs here.
  func send(_ command: ControlCommand, to id: MachineID) {
    guard !life.isGone(id), let link = members[id.index].link else { return }
    if !link.send(command) {
      handle(.commandsNotTaken(id, byteCount: FragmentedMessages.waitingByteCountMax))
    }
  }

  /// Sends a note to the supervisors of these machines, through the machine that runs here.
  func pass(_ note: SupervisorNote, to machines: [MachineID]) {
    guard let own = options.cluster?.machine else { return }
    send(ControlCommand.pass(note: note.bytes, to: machines), to: own)
  }
}
