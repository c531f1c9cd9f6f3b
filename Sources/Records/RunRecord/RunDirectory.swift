import LogicalTime
import Snapshots
import SystemCalls

/// The directory of a run: the paths of its files, and how it is created.
package struct RunDirectory: Hashable, Sendable {
  /// The directory's path, as the caller gave it.
  package let path: String

  /// The default run of commands: the newest one in the working directory's `runs`.
  package static let latestPath = "runs/latest"

  /// Describes a run directory, whether it exists or not.
  package init(path: String) {
    self.path = path
  }

  /// The run's name: the last part of the path with links resolved.
  package var name: String {
    FileSystem.lastPart(of: FileSystem.resolved(path) ?? path)
  }

  /// The manifest's file.
  package var manifestPath: String { path + "/run.json" }
  /// The directory of the snapshots' files.
  package var snapshotsPath: String { path + "/snapshots" }
  /// The file of the token that remote clients must present; only where there can be any.
  package var serviceTokenPath: String { path + "/grpc-token" }
  /// The run's control socket.
  package var controlSocketPath: String { path + "/control.sock" }

  /// The journal of one machine.
  package func journalPath(of machine: MachineID) -> String { "\(path)/machine-\(machine).csv" }

  /// The file of one snapshot.
  package func snapshotPath(of id: SnapshotID) -> String { "\(snapshotsPath)/\(id).json" }

  /// Makes the directory for a new run under an unused name: `path`, or `path-2`, `path-3` and so
  /// on when another run begins in the same second.
  ///
  /// - Returns: The directory, held.
  /// - Throws: ``RunDirectoryError`` when no directory can be made.
  package static func create(besideOthersAt path: String) throws(RunDirectoryError) -> RunHold {
    var directory = RunDirectory(path: path)
    do throws(SystemError) {
      try FileSystem.makeDirectory(FileSystem.parentPath(of: path))
      var number = 1
      while try !FileSystem.makeNewDirectory(directory.path) {
        number += 1
        directory = RunDirectory(path: "\(path)-\(number)")
      }
    } catch {
      throw .cannotCreate(error)
    }
    return try RunHold(directory)
  }

  /// Makes the directory for a new run.
  ///
  /// - Parameter replaces: Whether to overwrite an existing run: its manifest, journals, snapshots
  ///   and analysis are removed, and nothing else.
  /// - Returns: The directory, held.
  /// - Throws: ``RunDirectoryError`` when a run is in progress there, something else exists, or no
  ///   directory can be made.
  @discardableResult
  package func create(replaces: Bool) throws(RunDirectoryError) -> RunHold {
    do throws(SystemError) {
      if !FileSystem.exists(path) { try FileSystem.makeDirectory(path) }
      guard FileSystem.isDirectory(path) else {
        throw SystemError(call: "mkdir", subject: path, number: ENOTDIR)
      }
    } catch {
      throw .cannotCreate(error)
    }
    let hold = try RunHold(self)
    try clear(replaces: replaces)
    return hold
  }

  /// Holds the directory of a run whose program was killed, so that another one goes on with it.
  ///
  /// - Throws: ``RunDirectoryError`` when a program is at work there.
  package func hold() throws(RunDirectoryError) -> RunHold { try RunHold(self) }

  /// Clears a directory that exists.
  private func clear(replaces: Bool) throws(RunDirectoryError) {
    do throws(SystemError) {
      let names = try FileSystem.entries(path)
      guard names.isEmpty || replaces else {
        throw SystemError(call: "mkdir", subject: path, number: ENOTEMPTY)
      }
      for name in names where Self.isOurFile(name) { try FileSystem.remove(path + "/" + name) }
      // Without a manifest this is not a run, and folders of these names belong to the user.
      let isRun = names.contains("run.json")
      for folder in names.filter(["snapshots", "analysis"].contains).map({ path + "/" + $0 }) {
        if isRun {
          try FileSystem.removeTree(folder)
        } else if FileSystem.isLink(folder) {
          throw SystemError(call: "mkdir", subject: folder, number: ELOOP)
        }
      }
    } catch {
      if error.number == ENOTEMPTY && error.call == "mkdir" { throw .notEmpty(path: path) }
      if error.number == ELOOP && error.call == "mkdir" { throw .link(path: error.subject) }
      throw .cannotCreate(error)
    }
  }

  /// Points the link `latest` beside the run at it, but only if the run is in a directory called
  /// `runs`, or in a link to one.
  ///
  /// - Throws: Why the link cannot be made; the run itself is not touched.
  package func pointLatest() throws(SystemError) {
    // The path whose parent is called `runs` decides the link's directory and target.
    for path in [path, FileSystem.resolved(path)].compactMap({ $0 }) {
      let (parent, name) = (FileSystem.parentPath(of: path), FileSystem.lastPart(of: path))
      guard FileSystem.lastPart(of: parent) == "runs", name != "latest" else { continue }
      return try FileSystem.pointLink(parent + "/latest", to: name)
    }
  }

  private static func isOurFile(_ name: String) -> Bool {
    let names = ["run.json", "run.json.partial", "control.sock", "grpc-token"]
    return names.contains(name) || isJournal(name)
  }

  /// Whether a file's name is that of a machine's journal.
  static func isJournal(_ name: String) -> Bool {
    guard name.hasPrefix("machine-"), name.hasSuffix(".csv") else { return false }
    let id = name.dropFirst("machine-".count).dropLast(".csv".count)
    return !id.isEmpty && id.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
  }
}

/// Why a run directory cannot be made.
package enum RunDirectoryError: Error, Hashable, Sendable {
  /// A run is in progress there.
  case atWork(path: String)
  /// A link exists where the run would create a folder.
  case link(path: String)
  /// Something exists there, and the caller did not allow overwriting it.
  case notEmpty(path: String)
  /// The system refuses.
  case cannotCreate(SystemError)
}

extension RunDirectoryError: CustomStringConvertible {
  /// The error and its remedy, in one line.
  package var description: String {
    switch self {
    case .atWork(let path):
      "the run in '\(path)' still goes on; end it, or choose another --output"
    case .link(let path):
      "'\(path)' is a symbolic link, and a run does not write to where one points; remove it, or "
        + "choose another --output"
    case .notEmpty(let path):
      "the output directory '\(path)' is not empty; "
        + "choose another with --output, or --force to overwrite the run in it"
    case .cannotCreate(let error):
      "cannot create the output directory '\(error.subject)': \(error.reason); "
        + "choose another with --output"
    }
  }
}
