import LogicalTime
import RunRecord
import ScaleModel

/// Keeps what the machines of a simulation write down.
///
/// The simulation is generic over it, so a journal that keeps nothing costs nothing.
package protocol SimulationJournal {
  /// Whether anything that was written down has been lost, so that going on would be in vain.
  var hasFailed: Bool { get }

  /// Adds a line to the journal of `machine`; times are nanoseconds since the run's start.
  mutating func append(_ event: Event, of machine: MachineID, atNanoseconds nanoseconds: Int64)
}

/// The journal of a run that is only wanted for its summary.
package struct NoJournal: SimulationJournal {
  package init() {}
  package var hasFailed: Bool { false }
  package mutating func append(_ event: Event, of machine: MachineID, atNanoseconds: Int64) {}
}

extension JournalSet: SimulationJournal {}
