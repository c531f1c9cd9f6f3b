import LogicalTime
import ScaleModel
import Snapshots

/// The result of a simulated run.
package struct SimulationSummary: Hashable, Sendable {
  /// The final state of one machine.
  package struct MachineEnd: Hashable, Sendable {
    /// How many instructions it carried out.
    package var tickCount: UInt64
    /// The reading of its last event; zero when it had none.
    package var clock: UInt64
    /// How many messages wait in its inbox at the end.
    package var queueLength: Int
    /// The queue length right after its last event, as its journal says.
    package var queueLengthAtLastEvent: Int
    /// The values of its workload's state fields, in their order.
    package var values: [FieldValue]
  }

  /// One per machine, in id order.
  package internal(set) var machines: [MachineEnd] = []
  /// How far the run came.
  package let reached: RunTime
  /// How many ticks were carried out, by all machines together.
  package internal(set) var tickCount: UInt64 = 0
  /// How many messages were sent on channels.
  package let sentCount: UInt64
  /// How many messages wait in inboxes.
  package internal(set) var waitingInInboxes = 0
  /// How many messages are still in flight.
  package internal(set) var waitingOnChannels = 0
  /// How many messages reached a machine that had been killed.
  package let lostCount: UInt64
  /// How many messages channels lost on their way.
  package internal(set) var lostOnChannels: UInt64 = 0
  /// How many messages channels doubled.
  package internal(set) var doubledOnChannels: UInt64 = 0
  /// What each planned fault did, in their order.
  package internal(set) var faults: [FaultCounts] = []
  /// How many bytes the machines and their schedule occupy.
  package let machineByteCount: Int
  /// How many bytes inboxes and channels occupy beyond the machines themselves.
  package internal(set) var messageByteCount: Int
  /// A number that tells how the machines ended, by what journals have of their states: two runs of
  /// a plan and a seed share it.
  package internal(set) var digest: UInt64 = 0
}

/// A machine whose workload could not go on.
package struct WorkloadDeath: Hashable, Sendable {
  /// The machine.
  package var machine: MachineID
  /// When.
  package var time: RunTime
  /// Why, in one clause.
  package var cause: String
}

/// How a simulated run ends.
package enum SimulationEnding: Hashable, Sendable {
  /// All machines ran for the whole duration.
  case finished
  /// The caller ended it early.
  case interrupted
  /// The condition that it went on until held in this snapshot.
  case held(in: SnapshotID)
  /// A machine was killed, too many messages waited, or the journals could not be written.
  case failed(reason: String)
}
