import LogicalTime
import RunRecord
import ScaleModel

/// Keeps what the machines of a simulated bank write down, and tells their transfers.
struct BankJournal: SimulationJournal {
  /// The files; nil when there are none.
  var journals: JournalSet?
  let topology: Topology
  /// Told each transfer when it happens; nil when nobody listens.
  let tell: ((Transfer) -> Void)?

  var hasFailed: Bool { journals?.hasFailed ?? false }

  mutating func append(_ event: Event, of machine: MachineID, atNanoseconds nanoseconds: Int64) {
    journals?.append(event, of: machine, atNanoseconds: nanoseconds)
    guard let tell else { return }
    let transfer = Transfer(event, of: machine, systemTime: nanoseconds) {
      topology.id(of: $0, from: machine)
    }
    if let transfer { tell(transfer) }
  }
}
