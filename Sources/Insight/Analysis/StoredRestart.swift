import RunRecord
import Snapshots

/// A return of all machines of a run to a snapshot, or to the start.
///
/// Readers leave out what it undid, so a run is one history: the lines before the snapshot, then
/// those of the next epoch.
struct StoredRestart {
  /// The system times between which partial snapshots were requested that it undid.
  private let undoneTimes: ClosedRange<Int64>
  /// The system time from which ticks count again.
  let resumeTime: Int64
  /// How many ticks each machine had carried out by then, in id order.
  let ticks: [UInt64]

  /// Reads the snapshot of a restart.
  ///
  /// - Throws: ``RunRecordError`` when it is missing, or not one of all machines.
  init(
    _ restart: Manifest.Restart, of files: MultiHostRun, _ manifest: Manifest
  ) throws(RunRecordError) {
    resumeTime = restart.resumeNs
    guard let id = restart.snapshot.flatMap({ SnapshotID($0) }) else {
      ticks = Array(repeating: 0, count: manifest.plan.machines)
      undoneTimes = min(0, restart.timeNs)...restart.timeNs
      return
    }
    let file = try files.snapshot(id, conserved: manifest.plan.conserved)
    guard file.status == .complete,
      file.machines.map(\.id.index) == Array(manifest.plan.rates.indices),
      file.completedTimeNs <= restart.timeNs
    else {
      throw .malformed(
        path: files.snapshotPath(of: id), line: nil, column: nil,
        problem: "the run went back to it, but it was not complete by then")
    }
    ticks = file.machines.map(\.tick)
    undoneTimes = file.completedTimeNs...restart.timeNs
  }

  /// Whether it undid a snapshot; it never undoes a complete one.
  func undoes(_ snapshot: SnapshotFile) -> Bool {
    snapshot.status == .partial && undoneTimes.contains(snapshot.requestedTimeNs)
  }
}
