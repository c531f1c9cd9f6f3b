import LogicalTime
import ScaleModel
import Snapshots

extension RunLifecycle {
  /// What happened.
  package enum Input {
    /// The first machine is about to be started.
    case starting
    /// The next machine in id order was started, or runs on another host.
    case started(isHere: Bool)
    /// A machine reported, here or through its own supervisor.
    case reported(MachineReport, by: MachineID)
    /// The supervisor beside a machine of another host sent a message.
    case heard(SupervisorMessage, from: MachineID)
    /// A machine's control link ended; its process, if it has one, for that cause.
    case ended(MachineID, MachineDeath.Cause?)
    /// A machine's process was killed and has ended.
    case killed(MachineID)
    /// A machine takes no orders: so many bytes wait for it.
    case ordersNotTaken(MachineID, byteCount: Int)
    /// The run cannot go on.
    case failed(WallRunFailure)
    /// The user interrupted the run.
    case interrupted(signal: Int32)
    /// Time has passed; due at ``RunLifecycle/nextDeadline``.
    case timePassed
  }

  /// What a machine is told.
  package enum Order {
    /// Link up; on one host the machines listen on these ports, in id order.
    case link(ports: [UInt16])
    /// Begin at this instant.
    case start(at: Moment)
    /// Begin the snapshot that will have this id.
    case beginSnapshot(SnapshotID)
    /// Give up the part in a snapshot.
    case abortSnapshot(SnapshotID, MissingCause)
    /// End now.
    case stop
  }

  /// What to do.
  package enum Effect {
    /// Send an order to a machine that runs here.
    case order(Order, MachineID)
    /// Send an order to every machine that runs here and has not ended.
    case orderAll(Order)
    /// Send a message to the supervisors beside these machines.
    case tell(SupervisorMessage, [MachineID])
    /// Write down a snapshot that is over; what is missing is missing for that cause.
    case settled(SnapshotGathering, completedTime: Int64, MissingCause)
    /// The machines begin at that instant.
    case started(at: Moment)
    /// Reply to the clients that wait for a machine: it is dead.
    case died(MachineID)
    /// Kill a machine's process, if it has one.
    case kill(MachineID)
    /// Kill every process that has not ended.
    case killAll
    /// Kill every process that has not ended, and postpone what a second interrupt would do to this
    /// process: it ends the run in order, though at once.
    case endAtOnce
    /// Say that the run is to end early.
    case interrupted
    /// Tell the user of something that does not end the run.
    case warn(String)
  }
}
