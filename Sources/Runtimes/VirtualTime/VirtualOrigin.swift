import RunRecord
import ScaleModel
import Snapshots

/// The snapshot that a run goes on from, in times since the start, and what was before it.
package struct VirtualOrigin: Sendable {
  /// The snapshot.
  package let snapshot: SnapshotFile
  /// The ids of the snapshots that were complete before it began, in the order of their requests.
  package let earlier: [SnapshotID]
  /// The journals up to it; nil when they are not kept.
  package var history: JournalHistory?
  private let path: String

  /// The ids of all snapshots up to it.
  package var allIDs: [SnapshotID] { earlier + [snapshot.id] }

  /// Describes a snapshot of a run.
  ///
  /// - Parameters:
  ///   - snapshot: The snapshot.
  ///   - path: Its file, for errors.
  ///   - earlier: The ids of those before it.
  package init(_ snapshot: SnapshotFile, path: String, earlier: [SnapshotID]) {
    (self.snapshot, self.path, self.earlier) = (snapshot, path, earlier)
  }

  /// Rejects what no run of the plan can go on from.
  ///
  /// - Parameters:
  ///   - plan: The run's plan.
  ///   - workload: The workload of every machine when the plan names one of a catalog.
  /// - Throws: ``RunRecordError`` with the location of what is wrong.
  package func check(_ plan: RunPlan, workload: ErasedWorkload?) throws(RunRecordError) {
    switch plan.workload {
    case .chatter: _ = try point(Chatter(dieSides: plan.dieSides), plan)
    case .bank(let account): _ = try point(account, plan)
    case .named: if let workload { _ = try point(workload, plan) }
    }
  }

  /// The parts of the snapshot, and how many snapshots each machine had begun, in id order.
  ///
  /// - Throws: ``RunRecordError`` with the location of what no run of the plan can go on from.
  package func parts(
    _ plan: RunPlan, workload: ErasedWorkload?
  ) throws(RunRecordError) -> (parts: [RecordedPart], begunCounts: [UInt32]) {
    func parts<Work>(_ point: RestorePoint<Work>) -> ([RecordedPart], [UInt32]) {
      (point.parts, point.begunCounts)
    }
    switch plan.workload {
    case .chatter: return parts(try point(Chatter(dieSides: plan.dieSides), plan))
    case .bank(let account): return parts(try point(account, plan))
    case .named:
      guard let workload else { return ([], []) }
      return parts(try point(workload, plan))
    }
  }

  /// The snapshot in the values of a workload.
  func point<Work: Workload>(
    _ workload: Work, _ plan: RunPlan
  ) throws(RunRecordError) -> RestorePoint<Work> {
    try RestorePoint(snapshot, path: path, plan: plan, workload: workload, earlier: earlier)
  }
}

extension VirtualRun.Outcome {
  /// The end of a run that did not begin.
  init(refused reason: String) {
    self.init(
      ending: .failed(reason: reason), snapshotIDs: [], refusedSnapshots: [],
      summary: SimulationSummary(
        reached: .start, sentCount: 0, lostCount: 0, machineByteCount: 0,
        messageByteCount: 0))
  }
}
