import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

@testable import VirtualTime

/// A run of a workload in virtual time, with every event in memory.
struct PlayedRun {
  /// An event with the values of its message and of the state after it.
  struct Line {
    let nanoseconds: Int64
    let machine: MachineID
    let event: Event
    let message: [FieldValue]
    let state: [FieldValue]
  }

  private struct Keeper: SimulationJournal {
    /// Whether internal events that change no field are left out.
    let isBrief: Bool
    var lines: [Line] = []
    private var states: [MachineID: [FieldValue]] = [:]
    var hasFailed: Bool { false }

    init(isBrief: Bool) { self.isBrief = isBrief }

    mutating func append<Work: Workload>(
      _ event: Event, of machine: MachineID, at time: RunTime,
      payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
    ) {
      let state = fields.values(of: workload)
      if isBrief {
        if event.kind == .internal, states[machine] == state { return }
        states[machine] = state
      }
      lines.append(
        Line(
          nanoseconds: time.nanoseconds, machine: machine, event: event,
          message: payload.map { fields.values(of: $0) } ?? [], state: state))
    }
  }

  let machineCount: Int
  private let topology: Topology
  let names: FieldNames
  /// In order of time; those of a brief run leave out what changes nothing.
  let lines: [Line]
  let snapshots: [SnapshotFile]

  /// Runs `type` to the end.
  init<Work: NamedWorkload>(
    _ type: Work.Type, options: [String: String] = [:], rates: [Int], seconds: Int = 20,
    seed: UInt64, topology choice: TopologyChoice = .complete, delay: String = "0",
    snapshotEvery: Int64? = nil, isBrief: Bool = false
  ) throws {
    let topology = try choice.topology(machineCount: rates.count, seed: seed)
    let catalog = try WorkloadCatalog([type])
    let named = try catalog.choice(named: Work.name, options: options, topology: topology)
    let plan = RunPlan(
      rates: rates, duration: .seconds(Int64(seconds)), dieSides: 10, seed: seed,
      topologyChoice: choice, topology: topology, delay: Delay(delay) ?? .none,
      workload: .named(named))
    var simulation = Simulation(
      plan: plan,
      workload: try catalog.workload(of: named, topology: topology),
      snapshots: SnapshotSchedule(
        interval: snapshotEvery.map { TimeSpan(nanoseconds: $0 * 1_000_000) }),
      journal: Keeper(isBrief: isBrief))
    var taken: [SnapshotFile] = []
    while simulation.ending == nil {
      simulation.advance(to: .never)
      taken += simulation.takeSettledSnapshots()
    }
    machineCount = rates.count
    self.topology = topology
    names = plan.workload.fields
    lines = simulation.journal.lines
    snapshots = taken
  }

  /// The copies of messages whose first field is `word`, or of all messages.
  func messageCount(_ word: String? = nil) -> Int {
    lines.reduce(0) { sum, line in
      guard line.event.kind == .send, word == nil || line.message.first == word.map({ .text($0) })
      else { return sum }
      return sum + (line.event.peer == .all ? topology.neighbourCount(of: line.machine) : 1)
    }
  }

  /// The states after the last events, by machine.
  var finalStates: [[FieldValue]] {
    (0..<machineCount).map { index in
      lines.last { Int($0.machine.number) == index }?.state ?? []
    }
  }
}
