import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// A run as its directory tells it: the manifest, and a journal per machine, open and ready to
/// read.
package struct RecordedRun {
  /// Where it is written down.
  package let files: WholeRun
  /// What the tables call it.
  package let name: String
  package let manifest: Manifest
  package let topology: Topology
  /// One per machine, in id order.
  package let journals: [JournalReader]
  /// The system time that elapsed time counts from: the manifest's start, or else that of the
  /// earliest event.
  package let originTime: Int64

  /// Opens all files of a run.
  ///
  /// - Parameters:
  ///   - files: Where the run is.
  ///   - name: What the tables call it; the directory's name when nil.
  /// - Throws: ``RunRecordError`` when a file is missing or malformed.
  package init(_ files: WholeRun, name: String? = nil) throws(RunRecordError) {
    let directory = files.directory
    let manifest = try files.manifest()
    try Self.validate(manifest, at: directory.manifestPath)
    guard manifest.journal else { throw .noJournals(path: directory.path) }
    topology = try Self.topology(of: manifest, at: directory.manifestPath)
    var journals: [JournalReader] = []
    for id in topology.machineIDs {
      journals.append(
        try JournalReader(
          path: files.journalPath(of: id), mayLackMessages: manifest.imported != nil,
          pieceByteCount: Self.pieceByteCount(ofEach: topology.machineCount)))
    }
    var earliest: Int64?
    if manifest.startTimeNs == nil {
      for journal in journals {
        if let time = try journal.nextTime() { earliest = min(earliest ?? time, time) }
      }
    }
    self.files = files
    self.name = name ?? directory.name
    self.manifest = manifest
    self.journals = journals
    originTime = manifest.startTimeNs ?? earliest ?? 0
  }

  /// Opens all files of a run that is in one directory.
  package init(_ directory: RunDirectory, name: String? = nil) throws(RunRecordError) {
    try self.init(WholeRun(directory), name: name)
  }

  /// How much of each journal is held in memory: so much that asking the system for more costs
  /// little, and of very many machines little each.
  private static func pieceByteCount(ofEach machineCount: Int) -> Int {
    max(1 << 11, min(1 << 18, (1 << 25) / machineCount))
  }

  /// Where its manifest is; of several directories the first.
  package var directory: RunDirectory { files.directory }

  package var machineCount: Int { journals.count }

  /// Whether the journals come from logs that do not tell this; then nothing may be made of what
  /// stands in its place.
  package func lacks(_ lack: Manifest.Lack) -> Bool { manifest.lacks(lack) }

  /// Whether anybody is at work on a run that says it is running; nil for one that has ended.
  package var work: RunWork? { files.work(on: manifest) }

  /// What a reader should know about how complete the journals are.
  package var warnings: [String] {
    var warnings: [String] = []
    if let work {
      warnings.append(
        "the run '\(directory.path)' \(work); it is read up to the last whole lines")
    }
    for journal in journals where journal.isCut {
      warnings.append("'\(journal.path)': the last line is cut short and left out")
    }
    return warnings
  }

  /// Refuses numbers that no run can have, so that nobody has to handle them later.
  private static func validate(
    _ manifest: Manifest, at path: String
  ) throws(RunRecordError) {
    let plan = manifest.plan
    func expect(_ holds: Bool, _ key: String, _ problem: String) throws(RunRecordError) {
      guard holds else { throw .malformed(path: path, line: nil, column: key, problem: problem) }
    }
    try expect(plan.machines > 0, "plan.machines", "\(plan.machines) is not at least 1")
    try expect(
      plan.rates.count == plan.machines, "plan.rates",
      "\(plan.rates.count) rates for \(plan.machines) machines")
    try expect(
      plan.rates.allSatisfy { $0 > 0 && $0 <= 1_000_000_000 }, "plan.rates",
      "a rate is from 1 to 1000000000 per second")
    try expect(
      manifest.imported.map { $0.machines.count == plan.machines } ?? true, "imported.machines",
      "there is not one name per machine")
    try expect(plan.die > 0, "plan.die", "\(plan.die) is not at least 1")
    try expect(
      plan.balance.map { Bank.canCount($0, in: plan.machines) } ?? true, "plan.balance",
      "the money of all accounts is from 0 to \(Int64.max)")
    try expect(
      plan.balances.map { $0.count == plan.machines && Bank.sum($0) != nil } ?? true,
      "plan.balances", "the money of all accounts is from 0 to \(Int64.max), one number for each")
    let isBank = plan.workload == RunPlan.WorkloadChoice.Word.bank.rawValue
    try expect(!isBank || plan.balance != nil, "plan.balance", "the key is missing")
    try expect(manifest.durationNs >= 0, "duration_ns", "\(manifest.durationNs) is negative")
    let start = manifest.startTimeNs ?? 0
    // The start of an imported run is worked out, and its logs may count from any moment.
    let earliest: Int64 = manifest.imported == nil ? 0 : -1 << 62
    try expect(
      start >= earliest && start < 1 << 62, "start_time_ns",
      "\(start) is not a system time of a run")
  }

  /// Makes the links that the manifest's plan names or lists.
  private static func topology(
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
