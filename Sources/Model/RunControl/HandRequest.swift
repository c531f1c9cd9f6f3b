import LogicalTime
import ScaleModel

/// A client's request to one machine of a run.
package enum HandRequest: Hashable, Sendable {
  /// Report the state, at once.
  case state
  /// Carry out an instruction by hand in the next tick: the words that the user typed.
  case tell([String])
}

/// A machine's state as it reports it, after its latest event.
@usableFromInline
package struct StateReport: Hashable, Sendable {
  /// The machine.
  package var machine: MachineID
  /// The values of the workload's state fields, in their order.
  package var values: [FieldValue]
  /// How many ticks the machine has carried out; an instruction's answer counts its own tick.
  package var tick: UInt64
  /// The machine's Lamport reading.
  package var clock: UInt64

  /// Makes a report from its parts.
  package init(machine: MachineID, values: [FieldValue], tick: UInt64, clock: UInt64) {
    self.machine = machine
    self.values = values
    self.tick = tick
    self.clock = clock
  }
}

/// A machine's answer to a request.
@usableFromInline
package enum HandAnswer: Hashable, Sendable {
  /// The state after the request.
  case state(StateReport)
  /// The machine is unchanged, for this reason.
  case refused(HandRefusal)
}

/// Why a machine refuses a request, as text that is sent to the client.
@usableFromInline
package struct HandRefusal: Hashable, Sendable, CustomStringConvertible {
  /// The reason as the client reads it.
  @usableFromInline package let description: String

  /// Makes a reason from its text.
  package init(_ description: String) {
    self.description = description
  }

  /// The machine carries out no more ticks.
  package static let runEnded = HandRefusal("the run ended before a tick could carry it out")
  /// No tick of the machine came before the deadline.
  package static let timedOut = HandRefusal("no tick could carry it out in time")
  /// The machine's queue of instructions is full.
  package static let tooManyWait = HandRefusal(
    "\(InstructionQueue.countMax) instructions wait for this machine already")

  /// The machine ended before a complete snapshot held what the answer would have said.
  package static let notCovered = HandRefusal(
    "the machine ended before a complete snapshot covered it; its journal says whether it was "
      + "carried out")

  /// A machine died, and all have gone back to an earlier state.
  package static let undone = HandRefusal(
    "a machine died, and all went back to an earlier snapshot: it is undone; ask again")

  /// The machine died first; only its journal says what became of the request.
  package static func died(_ machine: MachineID) -> HandRefusal {
    HandRefusal(
      "machine \(machine) died before it answered; its journal says whether it was carried out")
  }
}
