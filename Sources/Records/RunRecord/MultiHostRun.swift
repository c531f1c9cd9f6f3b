import LogicalTime
import ScaleModel
import Snapshots
import SystemCalls

/// The directories of a run: one, or one per machine for a run on several hosts.
package struct MultiHostRun: Hashable, Sendable {
  /// One directory, or one per machine, in id order.
  package let parts: [RunDirectory]

  /// A run in one directory.
  package init(_ directory: RunDirectory) {
    parts = [directory]
  }

  private init(parts: [RunDirectory]) {
    self.parts = parts
  }

  /// The directory that gives the run its name and holds data about the run as a whole.
  package var directory: RunDirectory { parts[0] }

  /// The directory with a machine's journal and the snapshots it gathers.
  package func directory(of machine: MachineID) -> RunDirectory {
    parts.indices.contains(machine.index) ? parts[machine.index] : parts[0]
  }

  /// The journal of one machine.
  package func journalPath(of machine: MachineID) -> String {
    directory(of: machine).journalPath(of: machine)
  }

  /// The file of one snapshot.
  package func snapshotPath(of id: SnapshotID) -> String { holder(of: id).snapshotPath(of: id) }

  /// The directory of a snapshot: that of its initiator or, for a foreign initiator, of the machine
  /// that gathers its snapshots.
  private func holder(of id: SnapshotID) -> RunDirectory {
    let own = directory(of: id.initiator)
    if FileSystem.exists(own.snapshotPath(of: id)) { return own }
    return parts.first { FileSystem.exists($0.snapshotPath(of: id)) } ?? own
  }

  /// The ids of the snapshots that have files, ascending as numbers.
  package func snapshotIDs() throws(RunRecordError) -> [SnapshotID] {
    var ids: [SnapshotID] = []
    for part in parts { ids += try part.snapshotIDs() }
    return ids.sorted()
  }

  /// Reads a snapshot of the run, which conserves `conserved`.
  package func snapshot(
    _ id: SnapshotID, conserved: ConservedQuantity?
  ) throws(RunRecordError) -> SnapshotFile {
    try SnapshotFile.read(id, from: holder(of: id), conserved: conserved)
  }

  /// Reads the run's manifest, merged from all its directories.
  package func manifest() throws(RunRecordError) -> Manifest {
    var manifest = try Manifest.read(from: parts[0])
    guard parts.count > 1 else { return manifest }
    manifest.cluster = nil
    for part in parts.dropFirst() { manifest.add(try Manifest.read(from: part)) }
    return manifest
  }

  /// Whether a run with status `running` still goes on; nil for one that has ended.
  ///
  /// Of several directories, one that is held is enough.
  package func work(on manifest: Manifest) -> RunWork? {
    guard manifest.status == .running else { return nil }
    let works = parts.compactMap { part in
      let own = parts.count == 1 ? manifest : try? Manifest.read(from: part)
      return own?.status == .running ? own.map { part.work(on: $0) } : nil
    }
    return works.first { $0 == .goesOn } ?? works.last
  }

  /// Groups directories that are parts of the same run.
  ///
  /// - Parameter directories: Run directories, in any order.
  /// - Returns: The runs, in the order of their first directories, each with an error when a
  ///   machine's directory is missing or duplicated.
  package static func gather(
    _ directories: [RunDirectory]
  ) -> [(run: MultiHostRun, problem: RunRecordError?)] {
    var runs: [Gathering] = []
    for directory in directories {
      guard let manifest = try? Manifest.read(from: directory), let part = manifest.cluster else {
        // A later reading of the manifest reports its errors.
        runs.append(Gathering(alone: directory))
        continue
      }
      let key = Gathering.Key(digest: part.digest, startTime: manifest.startTimeNs)
      let index = runs.firstIndex { $0.key == key && key.startTime != nil } ?? runs.count
      if index == runs.count {
        runs.append(Gathering(key: key, machineCount: max(1, manifest.plan.machines)))
      }
      runs[index].add(directory, holding: part.machine)
    }
    return runs.map { (MultiHostRun(parts: $0.parts), $0.problem ?? $0.shortage) }
  }

  /// The directories of one run found so far.
  private struct Gathering {
    struct Key: Hashable {
      let digest: String
      /// Nil when the machines never started: then runs of a cluster cannot be told apart.
      let startTime: Int64?
    }

    let key: Key?
    private let machineCount: Int
    private var found: [(machine: MachineID, directory: RunDirectory)]
    /// The first error: two directories hold the same machine.
    private(set) var problem: RunRecordError?

    init(alone directory: RunDirectory) {
      key = nil
      machineCount = 1
      found = [(0, directory)]
    }

    init(key: Key, machineCount: Int) {
      self.key = key
      self.machineCount = machineCount
      found = []
    }

    mutating func add(_ directory: RunDirectory, holding machine: MachineID) {
      if let other = found.first(where: { $0.machine == machine })?.directory {
        problem =
          problem
          ?? .doubledPart(path: directory.path, machine: machine.index, otherPath: other.path)
        return
      }
      found.append((machine, directory))
    }

    /// The directories found, in the order of their machines.
    var parts: [RunDirectory] { found.sorted { $0.machine < $1.machine }.map(\.directory) }

    /// The missing machines; nil when there is a directory for each machine.
    var shortage: RunRecordError? {
      let present = found.map(\.machine.index)
      if found.count == machineCount, present.allSatisfy({ $0 < machineCount }) { return nil }
      return .missingParts(
        paths: found.map(\.directory.path), machineCount: machineCount,
        // A manifest may claim any number of machines; this many names are enough.
        missing: Array((0..<machineCount).lazy.filter { !present.contains($0) }.prefix(12)))
    }
  }
}

extension Manifest {
  /// Merges another part of the same run.
  fileprivate mutating func add(_ other: Manifest) {
    machines += other.machines
    snapshots += other.snapshots
    add(deaths: other.deaths ?? [])
    add(restarts: other.restarts ?? [])
    journal = journal && other.journal
    if other.status.gravity > status.gravity {
      status = other.status
      reason = other.reason
    }
  }
}

extension Manifest {
  /// Merges deaths noticed by another host; the earliest time of each machine counts.
  fileprivate mutating func add(deaths others: [Death]) {
    var all = deaths ?? []
    for death in others {
      if let index = all.firstIndex(where: { $0.machine == death.machine }) {
        if death.timeNs < all[index].timeNs { all[index] = death }
      } else {
        all.append(death)
      }
    }
    all.sort { ($0.timeNs, $0.machine) < ($1.timeNs, $1.machine) }
    deaths = all.isEmpty ? nil : all
  }
}

extension Manifest {
  /// Merges the restarts that another host has recorded: each tells what is undone of its machine.
  ///
  /// A host that was killed before it began in an epoch has not recorded that one.
  fileprivate mutating func add(restarts others: [Restart]) {
    var all = restarts ?? []
    for restart in others {
      if let index = all.firstIndex(where: { $0.epoch == restart.epoch }) {
        all[index].add(restart)
      } else {
        all.append(restart)
      }
    }
    all.sort { ($0.epoch ?? 0) < ($1.epoch ?? 0) }
    restarts = all.isEmpty ? nil : all
  }
}

extension Manifest.Restart {
  /// Merges the same restart as another host has recorded it; the first to notice a death counts.
  fileprivate mutating func add(_ other: Manifest.Restart) {
    let resumption = max(resumeNs, other.resumeNs)
    if !other.machines.isEmpty, machines.isEmpty || other.timeNs < timeNs { cause = other.cause }
    machines = (machines + other.machines.filter { !machines.contains($0) }).sorted()
    timeNs = min(timeNs, other.timeNs)
    recoveryNs = resumption - timeNs
    for (index, lines) in other.undone.enumerated() where undone.indices.contains(index) {
      if undone[index].isEmpty { undone[index] = lines }
    }
  }
}

extension Manifest.Status {
  /// How bad the status is; the worst part decides the status of the whole run.
  fileprivate var gravity: Int {
    switch self {
    case .finished: 0
    case .interrupted: 1
    case .failed: 2
    case .running: 3
    }
  }
}
