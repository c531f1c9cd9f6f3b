import LogicalTime
import RunRecord
import ScaleModel

/// Keeps what simulated machines write down, and tells it at once.
struct ToldJournal: SimulationJournal {
  /// The files; nil when there are none.
  var journals: JournalSet?
  let topology: Topology
  /// Told each event when it happens; nil when nobody listens.
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
