import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// A run read from its directory: the manifest, and one open journal per machine.
package struct StoredRun {
  /// The directories and files of the run.
  package let files: MultiHostRun
  /// The run's name in the tables.
  package let name: String
  /// What the run was, and how it ended.
  package let manifest: Manifest
  /// Its machines and channels.
  package let topology: Topology
  /// The fields of its workload.
  package let fields: FieldNames
  /// One per machine, in id order.
  package let journals: [JournalReader]
  /// The system time at which elapsed time is zero: the manifest's start, or else the earliest
  /// event.
  package let originTime: Int64
  /// Where reading stops in a run that recorded no end: all journals are complete before it.
  ///
  /// Nil when the journals are read to their ends. `Int64.min` when a journal has no line yet.
  package let endTime: Int64?
  /// Each return of all machines to a snapshot or to the start; empty in most runs.
  let restarts: [StoredRestart]

  /// Opens all files of a run.
  ///
  /// - Parameters:
  ///   - files: The directories and files of the run.
  ///   - name: The run's name in the tables; nil for that of the directory.
  /// - Throws: ``RunRecordError`` when a file is missing or malformed.
  package init(_ files: MultiHostRun, name: String? = nil) throws(RunRecordError) {
    let directory = files.directory
    let manifest = try files.manifest()
    guard manifest.journal else { throw .noJournals(path: directory.path) }
    if let shortage = Self.need(of: manifest).shortage {
      throw .tooLarge(path: directory.path, shortage)
    }
    topology = try Self.topology(of: manifest, at: directory.manifestPath)
    let fields = manifest.plan.fields
    var journals: [JournalReader] = []
    for id in topology.machineIDs {
      do throws(RunRecordError) {
        journals.append(
          try JournalReader(
            path: files.journalPath(of: id), columns: fields.columns,
            undone: manifest.undoneLines(of: id),
            mayLackMessages: manifest.imported != nil,
            pieceByteCount: Self.pieceByteCount(ofEach: topology.machineCount)))
      } catch {
        guard case .missing = error, manifest.startTimeNs == nil, let reason = manifest.reason
        else { throw error }
        throw .neverBegan(path: directory.path, reason: reason)
      }
    }
    endTime = try Self.endTime(of: manifest, journals)
    for journal in journals { journal.endTime = endTime ?? .max }
    var earliest: Int64?
    if manifest.startTimeNs == nil {
      for journal in journals {
        if let time = try journal.nextTime() { earliest = min(earliest ?? time, time) }
      }
    }
    restarts = try (manifest.restarts ?? []).map { restart throws(RunRecordError) in
      try StoredRestart(restart, of: files, manifest)
    }
    self.files = files
    self.name = name ?? directory.name
    self.manifest = manifest
    self.fields = fields
    self.journals = journals
    originTime = manifest.startTimeNs ?? earliest ?? 0
  }

  /// A verdict with the line's number in its file, where undone lines count.
  func located(_ verdict: Verdict) -> Verdict {
    guard !restarts.isEmpty, case .failed(let violation) = verdict, let line = violation.line,
      let journal = journals.first(where: { $0.path == violation.path })
    else { return verdict }
    return .failed(
      Verdict.Violation(
        path: violation.path, line: journal.fileLine(line), problem: violation.problem,
        cut: violation.cut))
  }

  /// Reads a snapshot of the run.
  package func snapshot(_ id: SnapshotID) throws(RunRecordError) -> SnapshotFile {
    try files.snapshot(id, conserved: manifest.plan.conserved)
  }

  /// Opens all files of a run in one directory.
  package init(_ directory: RunDirectory, name: String? = nil) throws(RunRecordError) {
    try self.init(MultiHostRun(directory), name: name)
  }

  /// The time before which all journals are complete; nil when each is complete to its end.
  ///
  /// In wall time a message leaves only after its line is in the file. In virtual time all lines
  /// gather in memory, and each journal is written by itself, so a run killed from outside has
  /// receipts whose sends are missing. The lines of each journal are in order of time, so all
  /// journals are complete before the earliest of their last lines.
  private static func endTime(
    of manifest: Manifest, _ journals: [JournalReader]
  ) throws(RunRecordError) -> Int64? {
    guard manifest.runtime == "virtual", manifest.status != .finished, manifest.machines.isEmpty
    else { return nil }
    var earliest = Int64.max
    for journal in journals { earliest = min(earliest, try journal.lastTime() ?? .min) }
    return earliest
  }

  /// The size of each journal's read buffer: large enough that system calls cost little, small for
  /// each of very many machines.
  private static func pieceByteCount(ofEach machineCount: Int) -> Int {
    max(1 << 11, min(1 << 18, (1 << 25) / machineCount))
  }

  /// The directory of its manifest; the first one of several.
  package var directory: RunDirectory { files.directory }

  /// How many machines the run has.
  package var machineCount: Int { journals.count }

  /// Whether the journals come from logs that lack this; then the value in its place must not be
  /// used.
  package func lacks(_ lack: Manifest.Lack) -> Bool { manifest.lacks(lack) }

  /// Whether a run whose manifest says it is running still is; nil for one that has ended.
  package var work: RunWork? { files.work(on: manifest) }

  /// Snapshots in the order of the manifest's list; those it does not list come last, ascending by
  /// id.
  package func inOrder(_ ids: [SnapshotID]) -> [SnapshotID] {
    // Looked up, never iterated.
    var indices: [String: Int] = [:]
    for (index, name) in manifest.snapshots.enumerated() { indices[name] = index }
    return ids.map { (indices["\($0)"] ?? .max, $0) }.sorted { $0 < $1 }.map(\.1)
  }

  /// The time of each machine's death, in nanoseconds since the run's start, in id order; nil for
  /// one that did not die, and no list at all when none did.
  package var deathTimes: [Int64?]? {
    guard let deaths = manifest.deaths, !deaths.isEmpty else { return nil }
    var times = [Int64?](repeating: nil, count: machineCount)
    for death in deaths { times[death.machine.index] = death.timeNs - originTime }
    return times
  }

  /// One sentence per death, without its full stop.
  package var deathWords: [String] {
    let deaths = manifest.deaths ?? []
    let words = deaths.prefix(Self.listedCountMax).map { death in
      let hundredths = (death.timeNs - originTime) / 10_000_000
      return "machine \(death.machine) died at \(Double(hundredths) / 100) s: \(death.cause)"
    }
    let hiddenCount = deaths.count - words.count
    return words + (hiddenCount > 0 ? ["and \(hiddenCount) machines more died"] : [])
  }

  /// How many deaths, or journals, are listed one by one.
  private static let listedCountMax = 12

  /// What the reader should know about gaps in the journals and about deaths.
  package var warnings: [String] {
    var warnings = deathWords
    if let work {
      warnings.append(
        "the run '\(directory.path)' \(work); it is read up to the last whole lines")
    }
    if let endTime {
      let hundredths = endTime == .min ? 0 : max(0, endTime - originTime) / 10_000_000
      warnings.append(
        endTime == .min
          ? "not all journals of '\(directory.path)' have a line yet, so none of them is read"
          : "the journals of '\(directory.path)' are read up to \(Double(hundredths) / 100) s, "
            + "before which all of them are whole")
    }
    return warnings
      + listed(journals.filter(\.isEmpty), "the journal is empty, and counts as one without lines")
      + listed(journals.filter(\.isCut), "the last line is cut short and left out")
  }

  /// A warning per journal, or one of all of them when they are many.
  private func listed(_ journals: [JournalReader], _ words: String) -> [String] {
    guard let first = journals.first, journals.count > Self.listedCountMax else {
      return journals.map { "'\($0.path)': \(words)" }
    }
    return ["'\(first.path)' and \(journals.count - 1) more: \(words)"]
  }

  /// The least memory that the analyzers need, measured on runs of 5,000 and 20,000 machines by
  /// experiments/memory.sh.
  private static func need(of manifest: Manifest) -> MemoryNeed {
    let machines = Double(manifest.plan.machines)
    return MemoryNeed(addressByteCount: 14_000 * machines, residentByteCount: 7_000 * machines)
  }

  /// Makes the topology that the manifest's plan names or lists.
  ///
  /// - Parameters:
  ///   - manifest: Of any run.
  ///   - path: The manifest's, for errors.
  /// - Returns: The topology.
  /// - Throws: ``RunRecordError`` when the plan names or lists none.
  package static func topology(
    of manifest: Manifest, at path: String
  ) throws(RunRecordError) -> Topology {
    let plan = manifest.plan
    let key = plan.links == nil ? "plan.topology" : "plan.links"
    do throws(TopologyError) {
      if let channels = plan.links?.map(Self.channel) {
        let links = channels.compactMap { $0 }
        if links.count == channels.count {
          return try Topology(machineCount: plan.machines, channels: links)
        }
      } else if let choice = TopologyChoice(word: plan.topology) {
        return try choice.topology(machineCount: plan.machines, seed: manifest.seed)
      }
    } catch {
      throw .malformed(path: path, line: nil, column: key, problem: "\(error)")
    }
    throw .malformed(
      path: path, line: nil, column: key,
      problem: plan.links == nil
        ? "'\(plan.topology)' is no topology" : "a link is two machine ids, [source, target]")
  }

  private static func channel(_ link: [Int]) -> ChannelID? {
    guard link.count == 2, let source = UInt32(exactly: link[0]),
      let target = UInt32(exactly: link[1])
    else { return nil }
    return ChannelID(from: MachineID(Int(source)), to: MachineID(Int(target)))
  }
}
