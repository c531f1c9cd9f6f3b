import Snapshots
import SystemCalls

/// A run directory that belongs to one run for as long as that lives.
///
/// The hold is a lock on the directory, so it ends with the process, however that ends. A reader of
/// a run that says it is running sees by it whether the run still goes on.
package final class RunHold: Sendable {
  /// The directory, by the path it was given.
  package let directory: RunDirectory
  private let place: OpenDirectory

  /// How long to wait for readers that only look whether the directory is held.
  private static let readerNanoseconds: Int64 = 200_000_000

  /// Takes hold of a directory that exists.
  ///
  /// - Throws: ``RunDirectoryError`` when a run is at work there, or the system refuses.
  init(_ directory: RunDirectory) throws(RunDirectoryError) {
    self.directory = directory
    do throws(SystemError) {
      place = try OpenDirectory(directory.path)
    } catch {
      throw .cannotCreate(error)
    }
    let outcome = place.lock(waitingAtMost: Self.readerNanoseconds)
    // Where there are no locks, and of a run of an older version, the control socket tells.
    if outcome == .heldElsewhere || directory.answers { throw .atWork(path: directory.path) }
  }

  /// Whether the directory is still where it was: not removed, renamed or replaced.
  package var isInPlace: Bool { place.isInPlace }

  /// The directory by a path that leads to it whatever it is called now.
  package var renamedDirectory: RunDirectory { RunDirectory(path: place.descriptorPath) }

  /// Writes a snapshot's file, unless the directory is not where it was.
  package func write(_ snapshot: SnapshotFile) throws(SystemError) {
    guard isInPlace else {
      throw SystemError(call: "open", subject: directory.path, number: ENOENT)
    }
    try snapshot.write(to: directory)
  }

  /// The first file of the run that has been taken away while it ran; nil when all are there.
  ///
  /// - Parameter manifest: What the run is about to say of itself.
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

/// Whether a run that says it is running still goes on.
package enum RunWork: Hashable, Sendable {
  /// A program holds the directory.
  case goesOn
  /// No program does: the run was killed, or could not write its end.
  case ended
  /// The run was begun on this host, and only programs there can tell; nil when it is not known.
  case unknown(host: String?)
}

extension RunWork: CustomStringConvertible {
  /// What the run does, to follow its name in a sentence.
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
      // Many others wait at it.
      return error.number == EAGAIN
    }
  }

  /// Whether the run in this directory, whose manifest says it is running, still goes on.
  package func work(on manifest: Manifest) -> RunWork {
    if let place = try? OpenDirectory(path) {
      switch place.probeLock() {
      case .heldElsewhere: return .goesOn
      case .locked where manifest.host?.name == HostFacts.current.name: return .ended
      case .locked, .unsupported: break
      }
    }
    return answers ? .goesOn : .unknown(host: manifest.host?.name)
  }
}
