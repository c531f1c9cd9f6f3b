import Snapshots
import SystemCalls

/// Holds a run directory for one run as long as the run lives.
///
/// The hold is a lock on the directory, which the kernel releases when the process ends. It shows
/// readers whether a run with status `running` still goes on.
package final class RunHold: Sendable {
  /// The directory, by its given path.
  package let directory: RunDirectory
  private let openDirectory: OpenDirectory

  /// How long to wait for readers that only probe the lock.
  private static let readerNanoseconds: Int64 = 200_000_000

  /// Locks a directory that exists.
  ///
  /// - Throws: ``RunDirectoryError`` when another run holds it, or the system refuses.
  init(_ directory: RunDirectory) throws(RunDirectoryError) {
    self.directory = directory
    do throws(SystemError) {
      openDirectory = try OpenDirectory(directory.path)
    } catch {
      throw .cannotCreate(error)
    }
    let outcome = openDirectory.lock(waitingAtMost: Self.readerNanoseconds)
    // Without locks, and for runs of older versions, the control socket shows a live run.
    if outcome == .heldElsewhere || directory.answers { throw .atWork(path: directory.path) }
  }

  /// Whether the directory was not removed, renamed or replaced.
  package var isInPlace: Bool { openDirectory.isInPlace }

  /// The directory by a path that stays valid after a rename.
  package var renamedDirectory: RunDirectory { RunDirectory(path: openDirectory.descriptorPath) }

  /// Writes a snapshot's file, unless the directory was moved or replaced.
  package func write(_ snapshot: SnapshotFile) throws(SystemError) {
    guard isInPlace else {
      throw SystemError(call: "open", subject: directory.path, number: ENOENT)
    }
    try snapshot.write(to: directory)
  }

  /// The first file of the run that was removed while it ran; nil when all exist.
  ///
  /// - Parameter manifest: The manifest the run is about to write.
  /// - Returns: The path of the directory itself, or of a file in it.
  package func firstLoss(of manifest: Manifest) -> String? {
    guard isInPlace else { return directory.path }
    if manifest.journal {
      for machine in manifest.machines where machine.ticks > 0 {
        let path = directory.journalPath(of: machine.id)
        if !FileSystem.exists(path) { return path }
      }
    }
    for id in manifest.snapshots.compactMap({ SnapshotID($0) }) {
      let path = directory.snapshotPath(of: id)
      if !FileSystem.exists(path) { return path }
    }
    return nil
  }
}

/// Whether a run with status `running` still goes on.
package enum RunWork: Hashable, Sendable {
  /// A program holds the directory.
  case goesOn
  /// No program holds it: the run was killed, or could not write its end.
  case ended
  /// Only programs on the host where the run began can tell; nil when that host is unknown.
  case unknown(host: String?)
}

extension RunWork: CustomStringConvertible {
  /// The state, phrased to follow the run's name in a sentence.
  package var description: String {
    switch self {
    case .goesOn: "still goes on"
    case .ended: "ended without saying so: it was killed, or could not write its end"
    case .unknown(nil): "is still running, or ended without saying so"
    case .unknown(let host?):
      "is still running on host '\(host)', or ended there without saying so"
    }
  }
}

extension RunDirectory {
  /// Whether a program answers at the run's control socket.
  var answers: Bool {
    do throws(SystemError) {
      try Socket.connect(unixPath: controlSocketPath).end()
      return true
    } catch {
      // The socket's backlog is full, so a program listens.
      return error.number == EAGAIN
    }
  }

  /// Whether the run in this directory, with status `running` in its manifest, still goes on.
  package func work(on manifest: Manifest) -> RunWork {
    if let openDirectory = try? OpenDirectory(path) {
      switch openDirectory.probeLock() {
      case .heldElsewhere: return .goesOn
      case .locked where manifest.host?.name == HostFacts.current.name: return .ended
      case .locked, .unsupported: break
      }
    }
    return answers ? .goesOn : .unknown(host: manifest.host?.name)
  }
}
