import Snapshots
import SystemCalls

extension RunDirectory {
  /// The ids of the snapshots whose files are there, ascending as numbers.
  ///
  /// What does not end in `.json`, such as a file that is being written, is left out.
  ///
  /// - Throws: ``RunRecordError`` when the directory cannot be read, or a file's name is no
  ///   snapshot's.
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
