import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

@testable import VirtualTime

/// A journal that keeps every line in memory, in the order in which things happened.
struct EventList: SimulationJournal {
  /// A line with its machine and its time.
  struct Line: Hashable {
    let machine: MachineID
    let nanoseconds: Int64
    let event: Event
    /// The values of the message's fields; empty without a message.
    var message: [FieldValue] = []
    /// The values of the state's fields after the event.
    var state: [FieldValue] = []
  }

  private(set) var lines: [Line] = []
  /// After how many lines the journal claims to be full; nil for never.
  var lineCountMax: Int?

  var hasFailed: Bool { lineCountMax.map { lines.count >= $0 } ?? false }

  mutating func append<Work: Workload>(
    _ event: Event, of machine: MachineID, at time: RunTime,
    payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
  ) {
    lines.append(
      Line(
        machine: machine, nanoseconds: time.nanoseconds, event: event,
        message: payload.map { fields.values(of: $0) } ?? [], state: fields.values(of: workload)))
  }
}

/// Plans for tests, with defaults for what a test does not set.
enum Plans {
  static func plan(
    rates: [Int], seconds: Double = 60, die: Int = 10, seed: UInt64 = 1,
    topology: TopologyChoice = .complete, delay: Delay = .none
  ) throws -> RunPlan {
    RunPlan(
      rates: rates, duration: TimeSpan(nanoseconds: Int64(seconds * 1e9)), dieSides: die,
      seed: seed, topologyChoice: topology,
      topology: try topology.topology(machineCount: rates.count, seed: seed), delay: delay,
      workload: .chatter)
  }

  /// A random plan with random faults.
  static func random(seed: UInt64) throws -> (plan: RunPlan, faults: [Fault]) {
    var random = SplitMix64(seed: seed, purpose: .ticks, index: 77)
    let count = 2 + Int(random.draw(below: 9))
    let topologies: [TopologyChoice] = [
      .complete, .ring, .star, .line,
      .random(neighbourCount: 1 + Int(random.draw(below: 2)) % (count - 1)),
    ]
    let delays = ["0", "50ms", "10ms...700ms", "~300ms", "0...3ns"]
    var plan = try plan(
      rates: (0..<count).map { _ in 1 + Int(random.draw(below: 9)) },
      seconds: 4 + Double(random.draw(below: 8)), die: 3 + Int(random.draw(below: 6)), seed: seed,
      topology: topologies[Int(random.draw(below: 5))],
      delay: Delay(delays[Int(random.draw(below: 5))]) ?? .none)
    if seed % 3 == 1 { plan.phases = .random }
    var faults: [Fault] = []
    for _ in 0..<Int(random.draw(below: 4)) {
      let machine = MachineID(Int(random.draw(below: UInt64(count))))
      let from = TimeSpan(nanoseconds: Int64(random.draw(below: 5_000_000_000)))
      let until = TimeSpan(
        nanoseconds: from.nanoseconds + 1 + Int64(random.draw(below: 3_000_000_000)))
      switch random.draw(below: 3) {
      case 0: faults.append(.kill(machine, at: from))
      case 1: faults.append(.pause(machine, from: from, until: until))
      default: faults.append(.partition([machine], from: from, until: until))
      }
    }
    return (plan, faults)
  }
}

/// Runs of the assignment's workload that keep their lines.
enum Runs {
  /// What happened in a run.
  struct Result {
    let lines: [EventList.Line]
    let ending: SimulationEnding?
    let summary: SimulationSummary
    /// The messages left in the inboxes at the end, in id order.
    let inboxes: [[Message<NoPayload>]]
    /// The snapshots, in the order they ended.
    let snapshots: [SnapshotFile]
    /// The ids of the snapshots, in the order they were begun.
    let snapshotIDs: [SnapshotID]
  }

  static func run(
    _ plan: RunPlan, faults: [Fault] = [], snapshots: SnapshotSchedule = SnapshotSchedule(),
    endsWithFirstDeath: Bool = false, waitingCountMax: Int = 1 << 20,
    batchesFrom: Int = 1 << 20, slice: TimeSpan = TimeSpan(nanoseconds: .max)
  ) -> Result {
    var plan = plan
    plan.faults = faults
    var simulation = Simulation(
      plan: plan, workload: Chatter(dieSides: plan.dieSides),
      snapshots: snapshots, endsWithFirstDeath: endsWithFirstDeath, journal: EventList(),
      waitingCountMax: waitingCountMax, batchesFrom: batchesFrom)
    var time = RunTime.start
    var ended: [SnapshotFile] = []
    while simulation.ending == nil {
      time = time + slice
      simulation.advance(to: time)
      ended += simulation.takeSettledSnapshots()
    }
    let inboxes = plan.topology.machineIDs.map { simulation[$0].inbox.messages }
    return Result(
      lines: simulation.journal.lines, ending: simulation.ending, summary: simulation.summary,
      inboxes: inboxes, snapshots: ended,
      snapshotIDs: simulation.snapshotIDs)
  }
}
