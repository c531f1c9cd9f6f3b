import LogicalTime
import Snapshots
import SystemCalls

/// Where a run is written down: the names of its files, and how the directory comes to be.
package struct RunDirectory: Hashable, Sendable {
  /// The directory's path, as it was given.
  package let path: String

  /// Names a run directory, whether it exists or not.
  package init(path: String) {
    self.path = path
  }

  /// The run's name: the last part of the path, links resolved.
  package var name: String {
    FileSystem.lastPart(of: FileSystem.resolved(path) ?? path)
  }

  package var manifestPath: String { path + "/run.json" }
  package var snapshotsPath: String { path + "/snapshots" }
  /// What clients elsewhere must say to be heard; there only where they can be.
  package var guestTokenPath: String { path + "/grpc-token" }
  package var controlSocketPath: String { path + "/control.sock" }

  /// The journal of one machine.
  package func journalPath(of machine: MachineID) -> String { "\(path)/machine-\(machine).csv" }

  /// The file of one snapshot.
  package func snapshotPath(of id: SnapshotID) -> String { "\(snapshotsPath)/\(id).json" }

  /// Makes the directory for a new run under a name that nobody else has: `path`, or `path-2`,
  /// `path-3` and so on when another run begins in the same second.
  ///
  /// - Throws: ``RunDirectoryError`` when nothing can be made.
  package static func create(besideOthersAt path: String) throws(RunDirectoryError) -> RunDirectory
  {
    do throws(SystemError) {
      try FileSystem.makeDirectory(FileSystem.parentPath(of: path))
      for number in 1... {
        let directory = RunDirectory(path: number == 1 ? path : "\(path)-\(number)")
        if try FileSystem.makeNewDirectory(directory.path) { return directory }
      }
      preconditionFailure("Numbers do not end")
    } catch {
      throw .cannotCreate(error)
    }
  }

  /// Makes the directory for a new run.
  ///
  /// - Parameter replaces: Whether a run that is already there may be overwritten: its manifest,
  ///   journals, snapshots and analysis are removed, and nothing else.
  /// - Throws: ``RunDirectoryError`` when something else is there, or nothing can be made.
  package func create(replaces: Bool) throws(RunDirectoryError) {
    do throws(SystemError) {
      if FileSystem.exists(path) {
        try clear(replaces: replaces)
      } else {
        try FileSystem.makeDirectory(path)
      }
    } catch {
      if error.number == ENOTEMPTY && error.call == "mkdir" { throw .notEmpty(path: path) }
      throw .cannotCreate(error)
    }
  }

  /// Makes room in a directory that exists.
  private func clear(replaces: Bool) throws(SystemError) {
    guard FileSystem.isDirectory(path) else {
      throw SystemError(call: "mkdir", subject: path, number: ENOTDIR)
    }
    let names = try FileSystem.entries(path)
    guard names.isEmpty || replaces else {
      throw SystemError(call: "mkdir", subject: path, number: ENOTEMPTY)
    }
    for name in names where Self.isOurFile(name) { try FileSystem.remove(path + "/" + name) }
    // Without a manifest there is no run here, and folders of these names are somebody's own.
    guard names.contains("run.json") else { return }
    for name in names where ["snapshots", "analysis"].contains(name) {
      try FileSystem.removeTree(path + "/" + name)
    }
  }

  /// Points `latest`, beside the run, at it, if the run is in a directory of runs called `runs`;
  /// elsewhere the place beside a run is not ours.
  ///
  /// - Throws: Why the link cannot be made; the run itself is not touched.
  package func pointLatest() throws(SystemError) {
    guard let resolved = FileSystem.resolved(path) else { return }
    let parent = FileSystem.parentPath(of: resolved)
    let name = FileSystem.lastPart(of: resolved)
    guard FileSystem.lastPart(of: parent) == "runs", name != "latest" else { return }
    try FileSystem.pointLink(parent + "/latest", to: name)
  }

  private static func isOurFile(_ name: String) -> Bool {
    let names = ["run.json", "run.json.partial", "control.sock", "grpc-token"]
    if names.contains(name) { return true }
    guard name.hasPrefix("machine-"), name.hasSuffix(".csv") else { return false }
    let id = name.dropFirst("machine-".count).dropLast(".csv".count)
    return !id.isEmpty && id.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}

/// Why a run directory cannot be made.
package enum RunDirectoryError: Error, Hashable, Sendable {
  /// Something is there, and nobody said that it may be overwritten.
  case notEmpty(path: String)
  /// The system refuses.
  case cannotCreate(SystemError)
}

extension RunDirectoryError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notEmpty(let path):
      "the output directory '\(path)' is not empty; "
        + "choose another with --output, or --force to overwrite the run in it"
    case .cannotCreate(let error):
      "cannot create the output directory '\(error.subject)': \(error.reason); "
        + "choose another with --output"
    }
  }
}
