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

  var lineCounts: [Int] { journals?.lineCounts ?? [] }

  mutating func begin(epoch: UInt32) { journals?.begin(epoch: epoch) }

  mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at time: RunTime,
    payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
  ) {
    journals?.append(
      event, of: machine, at: time, payload: payload, workload: workload,
      fields: fields)
    guard let tell else { return }
    let told = ToldEvent(
      event, of: machine, systemTime: time.nanoseconds, payload: payload, workload: workload,
      fields: fields
    ) { topology.id(of: $0, from: machine) }
    if let told { tell(told) }
  }

  mutating func writeOut() { journals?.writeOut() }

  func part(of machines: Range<Int>) -> Self? {
    // Those who listen are told in the order of time.
    guard tell == nil else { return nil }
    return ToldJournal(
      journals: journals.map { $0.journals(of: machines) }, topology: topology, tell: nil)
  }

  mutating func take(_ part: Self, of machines: Range<Int>) {
    if let own = part.journals { journals?.take(own, of: machines) }
  }
}
