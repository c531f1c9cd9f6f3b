import Analysis
import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import VirtualTime

/// The snapshot that `--from` names, and the run it is of.
struct RunAncestor {
  /// The key `from` of the new run's manifest.
  let manifestOrigin: Manifest.Origin
  /// The run's directory and manifest.
  let directory: RunDirectory
  let manifest: Manifest
  /// The snapshot.
  let snapshot: SnapshotFile
  /// The ids of the snapshots before it, in the order of their requests.
  private(set) var earlier: [SnapshotID] = []
  private let snapshotPath: String

  /// The time at which the cut was complete: from then on the new run has its own plan.
  var cut: TimeSpan { TimeSpan(nanoseconds: snapshot.completedTimeNs - startTime) }

  /// The system time of the run's start; zero in virtual time.
  var startTime: Int64 { manifest.startTimeNs ?? 0 }

  /// Whether its journals are there to be compared with.
  var hasJournals: Bool { manifest.journal && FileSystem.exists(directory.journalPath(of: 0)) }

  /// Whether the run was in wall time.
  var isInWallTime: Bool { manifest.runtime != "virtual" }

  /// The restarts before the snapshot; what they undid is not in the new run's journals.
  var restarts: [Manifest.Restart] {
    (manifest.restarts ?? []).filter { $0.timeNs < snapshot.requestedTimeNs }.map { restart in
      var restart = restart
      restart.undone = restart.undone.map { _ in [] }
      return restart
    }
  }

  /// Reads a snapshot and its run's manifest.
  ///
  /// - Throws: `UsageError` when no run can go on from one like this, `ToolFailure` when a file is
  ///   missing or malformed.
  init(path: String) throws {
    guard let resolved = FileSystem.resolved(path) else {
      throw ToolFailure(.noInput, "\(RunOptions.from.name): '\(path)' does not exist")
    }
    let folder = FileSystem.parentPath(of: resolved)
    let name = FileSystem.lastPart(of: resolved)
    guard FileSystem.lastPart(of: folder) == "snapshots", name.hasSuffix(".json"),
      let id = SnapshotID(String(name.dropLast(".json".count)))
    else {
      throw ToolFailure(
        .malformedInput,
        "\(RunOptions.from.name): '\(path)' is not a snapshot in its run's directory; give one: "
          + "runs/latest/snapshots/0-1.json")
    }
    let directory = RunDirectory(path: FileSystem.parentPath(of: folder))
    do throws(RunRecordError) {
      manifest = try Manifest.read(from: directory)
      snapshot = try SnapshotFile.read(id, from: directory, conserved: manifest.plan.conserved)
    } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.from.name)
    }
    guard snapshot.requestedTimeNs >= manifest.startTimeNs ?? 0 else {
      throw ToolFailure(
        .malformedInput,
        "\(RunOptions.from.name): '\(path)': requested_time_ns is before its run's start")
    }
    self.directory = directory
    snapshotPath = directory.snapshotPath(of: id)
    do throws(SystemError) {
      manifestOrigin = Manifest.Origin(
        path: path, snapshot: id,
        text: String(decoding: try FileSystem.contents(snapshotPath), as: UTF8.self))
    } catch {
      throw ToolFailure(unreadableInput: error)
    }
    try checkRun()
    do throws(RunRecordError) { try takeEarlier() } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.from.name)
    }
  }

  /// Refuses runs whose end does not follow from a snapshot and the plan.
  private func checkRun() throws(UsageError) {
    let reason: String? =
      if manifest.imported != nil || manifest.cluster != nil || manifest.runtime == "hosts" {
        "its run was not one of 'run' on one host"
      } else if isInWallTime, manifest.startTimeNs == nil {
        "its run never began"
      } else if manifest.plan.faults != nil {
        "its run has faults, and a snapshot does not record them; run without --kill, --pause and "
          + "--partition"
      } else if !manifest.plan.promises.isUsual {
        "its channels promise less than order and exactly one arrival; run without --order none, "
          + "--loss and --duplicate"
      } else if manifest.plan.algorithm != .chandyLamport {
        "its snapshots are \(manifest.plan.algorithm.rawValue)'s; take chandy-lamport's"
      } else if manifest.plan.markersWait {
        "its markers waited for ticks, and its inboxes are not told from channels; run without "
          + "--marker-handling tick"
      } else if manifest.plan.ticksBy != nil {
        "its ticks were due by own clocks, whose past a snapshot does not record; run without "
          + "--ticks-by own-clock"
      } else if manifest.plan.snapshotCost != nil {
        "machines missed ticks after they had recorded, and a snapshot does not say how many; run "
          + "without --snapshot-cost"
      } else if manifest.plan.until != nil {
        "its run has --until, and a snapshot does not record its chain; run without it"
      } else if manifest.restarts != nil, !isInWallTime {
        "its machines went back to a snapshot, after which their ticks were due later; take a run "
          + "in which none dies"
      } else if manifest.deaths != nil, manifest.plan.restarts == nil {
        "a machine died in its run; take a run in which none dies"
      } else {
        nil
      }
    if let reason { throw .contradiction("\(RunOptions.from.name) '\(snapshotPath)': \(reason)") }
  }

  /// Finds the snapshots before this one, and refuses one that was under way at the same time.
  private mutating func takeEarlier() throws(RunRecordError) {
    let ids = try listed()
    guard let index = ids.firstIndex(of: snapshot.id) else {
      throw .malformed(
        path: directory.manifestPath, line: nil, column: "snapshots",
        problem: "it does not list snapshot \(snapshot.id)")
    }
    for id in ids[..<index] {
      let other = try SnapshotFile.read(id, from: directory, conserved: manifest.plan.conserved)
      // One that was under way when all machines went back has left nothing.
      let isUndone = (manifest.restarts ?? []).contains {
        other.completedTimeNs <= $0.timeNs && $0.timeNs <= snapshot.requestedTimeNs
      }
      try checkApart(
        other,
        isUndone
          || other.status == .complete && other.completedTimeNs <= snapshot.requestedTimeNs)
    }
    if ids.indices.contains(index + 1) {
      let other = try SnapshotFile.read(
        ids[index + 1], from: directory, conserved: manifest.plan.conserved)
      // The new run takes what is planned after the cut; one of the same instant would be lost.
      try checkApart(other, other.requestedTimeNs > snapshot.completedTimeNs)
    }
    earlier = Array(ids[..<index])
  }

  /// The run's snapshots, in the order of their requests; a killed run has not listed them.
  private func listed() throws(RunRecordError) -> [SnapshotID] {
    guard manifest.status == .running else {
      return manifest.snapshots.compactMap { SnapshotID($0) }
    }
    var times: [(time: Int64, id: SnapshotID)] = []
    for id in try directory.snapshotIDs() {
      times.append((try SnapshotFile.read(id, from: directory).requestedTimeNs, id))
    }
    return times.sorted { $0 < $1 }.map(\.id)
  }

  private func checkApart(_ other: SnapshotFile, _ isApart: Bool) throws(RunRecordError) {
    if isApart { return }
    throw .malformed(
      path: snapshotPath, line: nil, column: "requested_time_ns",
      problem: "snapshot \(other.id) was under way at the same time; take one that overlaps none")
  }

  /// The snapshot as a run in wall time needs it; checked against the plan that goes on.
  func resumption(_ plan: RunPlan) throws -> RunResumption {
    let workload = try WorkloadOptions.workload(of: plan)
    do throws(RunRecordError) {
      let (parts, begunCounts) = try plainOrigin.parts(plan, workload: workload)
      return RunResumption(
        parts: parts, startTime: SystemInstant(nanoseconds: startTime), elapsed: cut,
        epoch: UInt32(clamping: restarts.last?.epoch ?? restarts.count), begunCounts: begunCounts)
    } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.from.name)
    }
  }

  /// The snapshot in times since the run's start.
  private var plainOrigin: VirtualOrigin {
    var file = snapshot
    file.requestedTimeNs -= startTime
    file.completedTimeNs -= startTime
    return VirtualOrigin(file, path: snapshotPath, earlier: earlier)
  }

  /// The snapshot as the simulation needs it; checked against the plan that goes on.
  func origin(_ plan: RunPlan, hasJournals: Bool) throws -> VirtualOrigin {
    var origin = plainOrigin
    let workload = try WorkloadOptions.workload(of: plan)
    do throws(RunRecordError) {
      try origin.check(plan, workload: workload)
      if hasJournals {
        origin.history = try JournalHistory(snapshot, in: directory, of: manifest)
      }
    } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.from.name)
    }
    return origin
  }

  /// Refuses a snapshot that is not what the journals of its run say.
  func checkSnapshot() throws(ToolFailure) {
    let violation: Verdict.Violation?
    do throws(RunRecordError) {
      violation = try SnapshotProof.violation(of: snapshot.id, in: directory)
    } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.from.name)
    }
    guard let violation else { return }
    throw ToolFailure(
      .malformedInput,
      "\(RunOptions.from.name): snapshot \(snapshot.id) is not what its run's journals say: "
        + "'\(violation.path)'\(violation.line.map { ", line \($0)" } ?? ""): \(violation.problem)")
  }

  /// Copies the journals up to the snapshot, and the snapshots, into a new run's directory.
  func copyHistory(_ origin: VirtualOrigin?, to target: RunDirectory) throws {
    try copySnapshots(to: target)
    do throws(SystemError) {
      try origin?.history?.copy(to: target)
    } catch {
      throw ToolFailure(refusedOutput: error, advice: "choose another directory with --output")
    }
  }

  /// Copies the snapshots up to this one into a new run's directory.
  func copySnapshots(to target: RunDirectory) throws {
    for id in earlier + [snapshot.id] {
      let bytes: [UInt8]
      do throws(SystemError) {
        bytes = try FileSystem.contents(directory.snapshotPath(of: id))
      } catch {
        throw ToolFailure(unreadableInput: error)
      }
      do throws(SystemError) {
        try FileSystem.makeSubdirectory(target.snapshotsPath)
        try FileSystem.replace(
          target.snapshotPath(of: id), with: String(decoding: bytes, as: UTF8.self))
      } catch {
        throw ToolFailure(refusedOutput: error, advice: "choose another directory with --output")
      }
    }
  }
}
