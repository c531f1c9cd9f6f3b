import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import VirtualTime

@testable import Analysis

/// A run of a workload in virtual time, with its directory.
struct WorkloadRun<Work: NamedWorkload> {
  var options: [String: String] = [:]
  let rates: [Int]
  var topology = TopologyChoice.complete
  var seed: UInt64 = 3
  var delay = "100ms"
  var seconds: Int64 = 60
  /// Changes the manifest before it is written.
  var adjust: (inout Manifest) -> Void = { _ in }

  init(_ type: Work.Type, rates: [Int]) { self.rates = rates }

  /// Runs it, with a snapshot every seven seconds, and shows the run to `body`.
  func stored<Found>(_ body: (StoredRun) throws -> Found) throws -> Found {
    try withTemporaryDirectory { path in
      let directory = RunDirectory(path: path + "/run")
      try directory.create(replaces: false)
      let machines = try topology.topology(machineCount: rates.count, seed: seed)
      let catalog = try WorkloadCatalog([Work.self])
      let delay = Delay(delay) ?? .none
      let chosen = try catalog.choice(
        named: Work.name, options: options, topology: machines, rates: rates, delay: delay)
      let plan = RunPlan(
        rates: rates, duration: .seconds(seconds), dieSides: 10, seed: seed,
        topologyChoice: topology, topology: machines, delay: delay, workload: .named(chosen))
      var run = VirtualRun(
        plan: plan, snapshots: SnapshotSchedule(interval: .seconds(7)))
      run.workload = try catalog.workload(of: chosen, topology: machines)
      var manifest = Manifest(
        plan: plan, runtime: "virtual", version: "1", journal: true, host: nil)
      let outcome = try run.carryOut(
        journalsIn: directory, takeSnapshot: { try? $0.write(to: directory) })
      manifest.status = .finished
      manifest.startTimeNs = 0
      manifest.snapshots = outcome.snapshotIDs.map { "\($0)" }
      manifest.machines = zip(machines.machineIDs, outcome.summary.machines).map { id, end in
        Manifest.MachineEnd(
          id: id, rateHz: rates[id.index], ticks: end.tickCount, finalClock: end.clock,
          finalQueueLength: end.queueLengthAtLastEvent,
          fields: NamedValues(finals: end.values, of: plan.workload.fields))
      }
      adjust(&manifest)
      try manifest.write(to: directory)
      return try body(try StoredRun(directory))
    }
  }
}
