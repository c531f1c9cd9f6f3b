import LogicalTime
import ScaleModel
import Snapshots

extension RunLifecycle {
  /// What happened.
  package enum Input {
    /// The supervisor is about to start the first machine.
    case starting
    /// All machines have ended, and the supervisor is about to start them anew.
    case startingAgain
    /// The supervisor started the next machine in id order, or that machine runs on another host.
    case started(isHere: Bool)
    /// A machine reported, here or through its own supervisor.
    case reported(MachineReport, by: MachineID)
    /// The supervisor of a machine on another host sent a message.
    case heard(SupervisorMessage, from: MachineID)
    /// A machine's control link ended; the cause is that of its process, if it has one.
    case ended(MachineID, MachineDeath.Cause?)
    /// The supervisor killed a machine's process, and it has ended.
    case killed(MachineID)
    /// A machine does not read its commands: this many bytes are queued for it.
    case commandsNotTaken(MachineID, byteCount: Int)
    /// The run cannot go on.
    case failed(WallRunFailure)
    /// The condition that the run goes on until held in this snapshot.
    case held(in: SnapshotID)
    /// The user interrupted the run.
    case interrupted(signal: Int32)
    /// Time has passed; due at ``RunLifecycle/nextDeadline``.
    case timePassed
  }

  /// What to do.
  package enum Effect {
    /// Let every machine that runs here link with its peers; on one host the machines listen on
    /// these ports, in id order.
    case link(ports: [UInt16])
    /// Send a command to a machine that runs here.
    case send(SupervisorCommand, to: MachineID)
    /// Send a command to every machine that runs here and has not ended.
    case sendToAll(SupervisorCommand)
    /// Send a message to the supervisors of these machines.
    case tell(SupervisorMessage, [MachineID])
    /// Write the file of a finished snapshot; whatever it lacks is missing for that cause.
    case settled(SnapshotGathering, completedTime: SystemInstant, MissingCause)
    /// The machines begin at that instant.
    case started(at: Moment)
    /// The machines, started anew, begin where they have gone back to.
    case resumed(RunRestart)
    /// The machine that runs here, which makes its links, goes back to this.
    case restore(RestoredMachine)
    /// Tell the clients that wait for a machine that it is dead.
    case died(MachineID)
    /// Tell the clients that wait for any machine that what they asked for is undone.
    case undone
    /// Kill a machine's process, if it has one.
    case kill(MachineID)
    /// Kill every process that has not ended.
    case killAll
    /// Kill every process that has not ended, and postpone the effect of a second interrupt on this
    /// process: it ends the run in order, but at once.
    case endAtOnce
    /// Tell the user that the run ends early.
    case interrupted
    /// Warn the user of something that does not end the run.
    case warn(String)
  }
}
