import RunRecord
import Snapshots

/// Whether one snapshot of a run is what the run's journals say.
package enum SnapshotProof {
  /// Compares a snapshot's states with the lines of its cut, and its inboxes and channels with the
  /// messages that cross it.
  ///
  /// - Parameters:
  ///   - id: The snapshot.
  ///   - directory: The directory of its run.
  /// - Returns: The first contradiction; nil when there is none.
  /// - Throws: ``RunRecordError`` when a file is missing or malformed.
  package static func violation(
    of id: SnapshotID, in directory: RunDirectory
  ) throws(RunRecordError) -> Verdict.Violation? {
    let run = try StoredRun(directory)
    let recorded = try StoredSnapshots(of: run, only: id)
    let checks: [any Check] = [CutCheck(run, recorded), ChannelsCheck(run, recorded)]
    try JournalScan(run, checks).carryOut()
    for check in checks {
      if case .failed(let violation) = run.located(check.verdict()) { return violation }
    }
    return nil
  }
}
