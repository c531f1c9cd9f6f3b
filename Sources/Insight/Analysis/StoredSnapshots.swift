import RunRecord
import ScaleModel
import Snapshots

/// The snapshots of a run: the manifest's list, and their files.
struct StoredSnapshots {
  /// Those with a file, ascending by id.
  private(set) var snapshots: [StoredSnapshot] = []
  /// The rows of those requested within the measured time window.
  private(set) var rows: [SnapshotRow] = []
  /// How many have a file, but ended after the time at which reading stops.
  private(set) var leftOutCount = 0
  /// The fields of the run's workload.
  let fields: FieldNames
  /// Whether recorded states have the inboxes, which belong to the channels where markers wait in
  /// them.
  let recordsInboxes: Bool
  /// What the manifest lists, in its order.
  let listed: [SnapshotID]

  /// Reads every snapshot file of a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - times: The system times of the snapshots that get a row; nil for all.
  ///   - areJudged: Whether rows have what only judged snapshots have.
  ///   - only: The only one to read; nil for all.
  /// - Throws: ``RunRecordError`` when a file is damaged; ``ManifestCheck`` reports one that is
  ///   listed and missing.
  init(
    of run: StoredRun, within times: Range<Int64>? = nil, areJudged: Bool = false,
    only: SnapshotID? = nil
  ) throws(RunRecordError) {
    listed = try Self.listed(by: run)
    let ids = if let only { [only] } else { try run.files.snapshotIDs() }
    let channels = ChannelNumbering(run.topology, byTarget: true)
    let invariants = SnapshotInvariants(run)
    fields = run.fields
    recordsInboxes = !run.manifest.plan.markersWait
    for id in ids {
      var file = try run.snapshot(id)
      if let endTime = run.endTime, file.completedTimeNs >= endTime {
        leftOutCount += 1
        continue
      }
      if times?.contains(file.requestedTimeNs) ?? true {
        rows.append(SnapshotRow(of: file, in: run, invariants, isJudged: areJudged))
      }
      // The lines that its states belong to are left out.
      if run.restarts.contains(where: { $0.undoes(file) }) {
        (file.machines, file.channels) = ([], [])
      }
      snapshots.append(
        try StoredSnapshot(
          file, path: run.files.snapshotPath(of: id), machineCount: run.machineCount,
          channels: channels, fields: fields))
    }
  }

  /// What the reader should know about snapshots that are left out.
  var warnings: [String] {
    leftOutCount == 0
      ? []
      : ["\(leftOutCount) snapshots ended later than the journals are read to; they are left out"]
  }

  /// The rows with what the snapshots have wrong.
  func rows(judgedBy wrong: WrongMessages, _ laws: SnapshotLaws?) -> [SnapshotRow] {
    rows.map { row in
      row.judged(SnapshotID(row[.id].text).flatMap { wrong.figures(of: $0) }, laws)
    }
  }

  /// The index in ``snapshots`` of the one with an id; nil when it has no file.
  func index(of id: SnapshotID) -> Int? { snapshots.index(of: id) { $0.id } }

  private static func listed(by run: StoredRun) throws(RunRecordError) -> [SnapshotID] {
    var ids: [SnapshotID] = []
    for (index, name) in run.manifest.snapshots.enumerated() {
      guard let id = SnapshotID(name) else {
        throw .malformed(
          path: run.files.directory.manifestPath, line: nil, column: "snapshots[\(index)]",
          problem: "'\(name)' is not a snapshot's id, which is <initiator>-<number>")
      }
      ids.append(id)
    }
    return ids
  }
}
