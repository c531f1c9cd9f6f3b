import Snapshots
import SystemCalls

extension RunDirectory {
  /// The ids of the snapshots that have files, ascending as numbers.
  ///
  /// Leaves out files whose names do not end in `.json`, such as one that is being written.
  ///
  /// - Throws: ``RunRecordError`` when the directory cannot be read, or a file's name is not a
  ///   snapshot id.
  package func snapshotIDs() throws(RunRecordError) -> [SnapshotID] {
    let names: [String]
    do throws(SystemError) {
      names = try FileSystem.entries(snapshotsPath)
    } catch {
      if error.isNotFound { return [] }
      throw .unreadable(error)
    }
    var ids: [SnapshotID] = []
    for name in names where name.hasSuffix(".json") {
      guard let id = SnapshotID(String(name.dropLast(".json".count))) else {
        throw .malformed(
          path: snapshotsPath + "/" + name, line: nil, column: nil,
          problem: "a snapshot's file is named for its id, <initiator>-<number>.json")
      }
      ids.append(id)
    }
    return ids.sorted()
  }
}
