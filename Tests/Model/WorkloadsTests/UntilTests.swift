import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import Testing
import Workloads

@testable import VirtualTime

/// Runs that go on until a snapshot finds that a stable predicate holds.
@Suite("Until a stable predicate holds")
struct UntilTests {
  private static let delays = ["0", "30ms", "~120ms"]

  /// A run of Dijkstra and Scholten's computation that has ended.
  private func ended(
    seed: UInt64, until name: String, seconds: Int64 = 600
  ) throws -> Simulation<ErasedWorkload, NoJournal> {
    let rates = [7, 3, 12, 5].prefix(2 + Int(seed % 3)).map { $0 + Int(seed % 5) }
    let topology = try TopologyChoice.complete.topology(machineCount: rates.count, seed: seed)
    let catalog = try WorkloadCatalog([DijkstraScholten.self])
    let options = ["spread": "0.\(3 + seed % 5)", "rest": "0.\(2 + seed % 7)"]
    let choice = try catalog.choice(named: "termination", options: options, topology: topology)
    let predicate = try #require(choice.predicates.first { $0.name == name })
    let chain = SnapshotChain(until: predicate, pause: TimeSpan(nanoseconds: 70_000_000))
    let plan = RunPlan(
      rates: rates, duration: .seconds(seconds), dieSides: 10, seed: seed,
      topologyChoice: .complete, topology: topology,
      delay: Delay(Self.delays[Int(seed % 3)]) ?? .none, workload: .named(choice),
      snapshots: SnapshotSchedule(chain: chain))
    var simulation = Simulation(
      plan: plan,
      workload: try catalog.workload(of: choice, topology: topology),
      snapshots: plan.snapshots, until: try StableCondition(predicate, of: plan),
      journal: NoJournal())
    while simulation.ending == nil {
      simulation.advance(to: .never)
      _ = simulation.takeSettledSnapshots()
    }
    return simulation
  }

  @Test("'terminated' is never found early: the full state has no work anywhere")
  func neverEarly() throws {
    var heldCount = 0
    let seedCount: UInt64 = LongTests.areOn ? 1_000 : 30
    for seed in 1...seedCount {
      let simulation = try ended(seed: seed, until: "terminated", seconds: 30)
      guard case .held(let snapshot) = simulation.ending else { continue }
      heldCount += 1
      #expect(simulation.snapshotIDs.last == snapshot)
      #expect(simulation.waitingCount == 0, "seed \(seed)")
      for id in simulation.plan.topology.machineIDs {
        let workload = simulation[id].workload
        let active = workload.stateFields.first { $0.declaration.name == "active" }
        #expect(active?.value(in: workload) == .boolean(false), "seed \(seed), machine \(id)")
      }
    }
    #expect(heldCount > Int(seedCount) / 4)
  }

  @Test("Snapshots come one at a time, begun by each machine in turn")
  func oneAtATime() throws {
    let simulation = try ended(seed: 2, until: "detected", seconds: 600)
    let ids = simulation.snapshotIDs
    let machineCount = simulation.plan.machineCount
    for (index, id) in ids.enumerated() {
      #expect(id.initiator.index == index % machineCount)
      #expect(Int(id.number) == index / machineCount + 1)
    }
    #expect(simulation.ending == .held(in: try #require(ids.last)))
  }

  @Test("A run whose predicate never holds goes on to its end")
  func never() throws {
    let simulation = try ended(seed: 2, until: "terminated", seconds: 1)
    #expect(simulation.ending == .finished)
    #expect(simulation.snapshotIDs.count > 1)
  }
}
