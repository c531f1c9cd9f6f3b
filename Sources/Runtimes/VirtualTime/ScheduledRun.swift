import Exploration
import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// A run whose order is a schedule's: the k-th action happens k seconds after the start.
package struct ScheduledRun {
  private let plan: RunPlan
  private let model: PlanModel
  private let schedule: Schedule

  /// How a scheduled run ended.
  package struct Outcome: Sendable {
    /// The results of the machines.
    package var run: VirtualRun.Outcome
    /// The crashed machines, with their times.
    package var crashes: [(machine: MachineID, time: RunTime)]
    /// The schedule with what each action did.
    package var told: Schedule
  }

  /// Makes a run; nothing happens yet.
  package init(plan: RunPlan, model: PlanModel, schedule: Schedule) {
    (self.plan, self.model, self.schedule) = (plan, model, schedule)
  }

  /// When the k-th action happens, counted from 0.
  package static func time(ofAction index: Int) -> RunTime {
    RunTime(.seconds(Int64(index + 1)))
  }

  /// Carries the schedule out.
  ///
  /// - Parameters:
  ///   - directory: An existing directory for the journals; nil for none.
  ///   - takeSnapshot: Called with each snapshot when it has ended, complete or partial.
  /// - Returns: How the run ended.
  /// - Throws: ``ScheduleError``, or ``SystemError`` when the journals cannot be written.
  package func carryOut(
    journalsIn directory: RunDirectory?, takeSnapshot: (SnapshotFile) -> Void
  ) throws -> Outcome {
    var recorder = ScheduleRecorder(
      plan: plan, fields: model.fields,
      journals: try directory.map {
        try JournalSet(plan: plan, fields: plan.workload.fields.columns, directory: $0)
      })
    let (world, told) = try schedule.carryOut(model) { index, action, effects in
      recorder.take(action, effects, at: Self.time(ofAction: index))
    }
    let end = plan.end
    recorder.snapshots.giveUp(recorder.snapshots.idsUnderWay, because: .runEnded, now: end)
    for snapshot in recorder.snapshots.takeSettled() { takeSnapshot(snapshot) }
    try recorder.journals?.flush()
    var summary = SimulationSummary(
      reached: end, sentCount: recorder.sentCount, lostCount: 0, machineByteCount: 0,
      messageByteCount: 0)
    for id in plan.topology.machineIDs {
      withUnsafePointer(to: world[id]) { summary.add($0, fields: recorder.fields) }
    }
    summary.lostOnChannels = recorder.lostCount
    return Outcome(
      run: VirtualRun.Outcome(
        ending: .finished, snapshotIDs: recorder.snapshots.ids, refusedSnapshots: [],
        summary: summary, kinds: recorder.journals?.kinds),
      crashes: recorder.crashes, told: told)
  }
}

/// Keeps the journals and snapshots of a scheduled run.
private struct ScheduleRecorder {
  let topology: Topology
  let fields: WorkloadFields<ErasedWorkload>
  var journals: JournalSet?
  var snapshots: SnapshotCollector
  var crashes: [(machine: MachineID, time: RunTime)] = []
  var sentCount: UInt64 = 0
  var lostCount: UInt64 = 0

  init(plan: RunPlan, fields: WorkloadFields<ErasedWorkload>, journals: JournalSet?) {
    topology = plan.topology
    (self.fields, self.journals) = (fields, journals)
    snapshots = SnapshotCollector(
      channels: TopologyChannels(plan.topology), plan: plan, names: FieldNames(fields), chain: nil,
      until: nil)
  }

  mutating func take(
    _ action: ScheduledAction, _ effects: WorldEffects<ErasedWorkload>, at now: RunTime
  ) {
    let machine: MachineID
    switch action {
    case .tick(let id, _): machine = id
    case .deliver(_, let target, _): machine = target
    case .lose(_, let target, _):
      machine = target
      if effects.losesMessage { lostCount += 1 }
    case .record(let id, _): machine = id
    case .crash(let id):
      machine = id
      crashes.append((id, now))
      snapshots.died(id, now: now)
    case .snapshot(let id):
      machine = id
      // The machine numbers its snapshots: where messages carry rounds, after those of others.
      if let begun = effects.recorded.first?.id {
        snapshots.begin(begun, dead: crashes.map(\.machine), now: now)
      }
    }
    for line in effects.lines {
      if line.event.kind == .send {
        sentCount +=
          line.event.peer == .all ? UInt64(topology.neighbourCount(of: machine)) : 1
      }
      journals?.append(
        line.event, of: machine, at: now, payload: line.payload,
        workload: line.workload, fields: fields)
    }
    for part in effects.recorded { snapshots.recorded(RecordedPart(part, fields)) }
    for (id, part) in effects.finished {
      snapshots.finished(id, part.map { RecordedPart($0, fields) }, by: machine, now: now)
    }
    for (message, id) in effects.caught {
      snapshots.caught(RecordedMessage(message, fields), for: id, by: machine, now: now)
    }
  }
}
