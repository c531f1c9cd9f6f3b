import LogicalTime
import RunRecord
import ScaleModel

/// Writes the journals of simulated machines, and reports each event at once.
struct ToldJournal: SimulationJournal {
  /// The files; nil when there are none.
  var journals: JournalSet?
  let topology: Topology
  /// Called with each event as it happens; nil when no caller listens.
  let tell: ((ToldEvent) -> Void)?

  var hasFailed: Bool { journals?.hasFailed ?? false }

  mutating func append(_ event: Event, of machine: MachineID, atNanoseconds nanoseconds: Int64) {
    journals?.append(event, of: machine, atNanoseconds: nanoseconds)
    guard let tell else { return }
    let told = ToldEvent(event, of: machine, systemTime: nanoseconds) {
      topology.id(of: $0, from: machine)
    }
    if let told { tell(told) }
  }
}
