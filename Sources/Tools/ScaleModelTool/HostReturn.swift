import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import VirtualTime
import WallTime

/// A host that comes back to its run: what its directory says of the run so far.
struct HostReturn {
  /// Locks the directory.
  let hold: RunHold
  /// The manifest that the killed program has left.
  let manifest: Manifest
  /// What the host's machine, or with it all others, can go back to.
  let resumption: RunResumption
  /// The snapshots that have files, in the order of their requests.
  let snapshots: [SnapshotID]

  /// Each time that the machine has gone back already.
  var restarts: [Manifest.Restart] { manifest.restarts ?? [] }

  /// Finds the run that a directory has the machine's part of.
  ///
  /// - Returns: Nil when there is none of this cluster file that has begun, and not ended.
  /// - Throws: `ToolFailure` when a program is at work on it, or a file of it is malformed.
  init?(of machine: MachineID, in file: ClusterFile, to path: String?, console: Console) throws {
    guard let path, let manifest = Self.unended(of: machine, in: file, at: path),
      let start = manifest.startTimeNs
    else { return nil }
    let directory = RunDirectory(path: path)
    do throws(RunDirectoryError) {
      hold = try directory.hold()
    } catch {
      throw ToolFailure(.cannotCreate, "\(error)")
    }
    self.manifest = manifest
    let workload = try WorkloadOptions.workload(of: file.plan)
    do throws(RunRecordError) {
      let files = try Self.files(in: directory, of: manifest)
      snapshots = files.map(\.id)
      resumption = try Self.resumption(
        files, of: machine, in: file, workload, directory, start: start,
        epoch: manifest.restarts?.last?.epoch ?? 0)
    } catch {
      throw ToolFailure(unreadableRun: error, of: RunOptions.output.name)
    }
    console.note("machine \(machine) comes back to the run in '\(path)'")
  }

  /// Whether a directory has the part of a run that was killed before it began.
  static func hasNothing(of machine: MachineID, in file: ClusterFile, at path: String?) -> Bool {
    path.flatMap { unended(of: machine, in: file, at: $0) }.map { $0.startTimeNs == nil } ?? false
  }

  /// The manifest of a run of this cluster file that does not say how it ended; nil for none.
  private static func unended(
    of machine: MachineID, in file: ClusterFile, at path: String
  ) -> Manifest? {
    guard file.plan.restartCountMax != nil,
      let manifest = try? Manifest.read(from: RunDirectory(path: path)),
      manifest.status == .running,
      manifest.cluster == Manifest.Part(machine: machine, digest: String(file.digest, radix: 16))
    else { return nil }
    return manifest
  }

  /// The snapshots, in the order of their requests.
  private static func files(
    in directory: RunDirectory, of manifest: Manifest
  ) throws(RunRecordError) -> [SnapshotFile] {
    var files: [SnapshotFile] = []
    for id in try directory.snapshotIDs() {
      files.append(
        try SnapshotFile.read(id, from: directory, conserved: manifest.plan.conserved))
    }
    return files.sorted { ($0.requestedTimeNs, $0.id) < ($1.requestedTimeNs, $1.id) }
  }

  /// The last complete one of these snapshots, or the start.
  private static func resumption(
    _ files: [SnapshotFile], of machine: MachineID, in file: ClusterFile,
    _ workload: ErasedWorkload?, _ directory: RunDirectory, start: Int64, epoch: Int
  ) throws(RunRecordError) -> RunResumption {
    var counts = Array(repeating: UInt32(0), count: file.plan.machineCount)
    // One more was perhaps under way; ids never repeat.
    counts[machine.index] = (files.map(\.id.number).max() ?? 0) + 1
    var resumption = RunResumption(
      parts: [], startTime: SystemInstant(nanoseconds: start), elapsed: .seconds(0),
      epoch: UInt32(clamping: epoch), begunCounts: counts)
    guard var last = files.last(where: { $0.status == .complete }) else { return resumption }
    last.requestedTimeNs -= start
    last.completedTimeNs -= start
    let origin = VirtualOrigin(last, path: directory.snapshotPath(of: last.id), earlier: [])
    resumption.parts = try origin.parts(file.plan, workload: workload).parts
    return resumption
  }
}
