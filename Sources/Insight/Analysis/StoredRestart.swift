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
    let hasOneClock = files.parts.count == 1
    guard let id = restart.snapshot.flatMap({ SnapshotID($0) }) else {
      resumeTime = restart.resumeNs
      ticks = Array(repeating: 0, count: manifest.plan.machines)
      undoneTimes = min(0, restart.timeNs)...(hasOneClock ? restart.timeNs : restart.resumeNs)
      return
    }
    let snapshot = try files.snapshot(id, conserved: manifest.plan.conserved)
    guard
      let restart = Self(
        restart, to: snapshot, machineCount: manifest.plan.machines, hasOneClock: hasOneClock)
    else {
      throw .malformed(
        path: files.snapshotPath(of: id), line: nil, column: nil,
        problem: "the run went back to it, but it was not complete by then")
    }
    self = restart
  }

  /// A return to a snapshot; nil when the run cannot have gone back to it.
  ///
  /// Hosts have clocks of their own: one may notice a death at a time at which, by the clock of
  /// another, the snapshot was not complete. And they notice a death one after the other.
  init?(
    _ restart: Manifest.Restart, to snapshot: SnapshotFile, machineCount: Int, hasOneClock: Bool
  ) {
    let end =
      hasOneClock ? restart.timeNs : max(restart.resumeNs, snapshot.completedTimeNs)
    guard snapshot.status == .complete,
      snapshot.machines.map(\.id.index) == Array(0..<machineCount),
      snapshot.completedTimeNs <= end
    else { return nil }
    resumeTime = restart.resumeNs
    ticks = snapshot.machines.map(\.tick)
    undoneTimes = snapshot.completedTimeNs...end
  }

  /// Whether it undid a snapshot; it never undoes a complete one.
  func undoes(_ snapshot: SnapshotFile) -> Bool {
    snapshot.status == .partial && undoneTimes.contains(snapshot.requestedTimeNs)
  }
}
