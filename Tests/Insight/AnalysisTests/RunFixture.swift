import Analysis
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport

/// A hand-made run directory, which is removed after the test's body.
struct RunFixture: Sendable {
  static let header = "tick,system_time_ns,event,clock,queue_length,peer,message"

  var rates: [Int]
  /// The lines of each machine's journal, without the header.
  var journals: [[String]]
  var dieSides = 10
  var topologyChoice = TopologyChoice.complete
  var durationSeconds: Int64 = 2
  var startTime: Int64? = 0
  var status = Manifest.Status.finished
  var seed: UInt64 = 7
  /// The first line of every journal.
  var header = Self.header
  /// The snapshots; each is written as a file and listed in the manifest.
  var snapshots: [SnapshotFile] = []
  /// More files, or replacements, by their paths in the run; written last.
  var otherFiles: [(path: String, text: String)] = []
  /// Changes the manifest before it is written.
  var adjust: @Sendable (inout Manifest) -> Void = { _ in }

  init(rates: [Int], journals: [[String]]) {
    (self.rates, self.journals) = (rates, journals)
  }

  /// Writes the run, with a manifest that agrees with the journals.
  func write(to path: String) throws {
    let directory = RunDirectory(path: path)
    try directory.create(replaces: true)
    let plan = RunPlan(
      rates: rates, duration: .seconds(durationSeconds), dieSides: dieSides, seed: seed,
      topologyChoice: topologyChoice,
      topology: try topologyChoice.topology(machineCount: rates.count, seed: seed), delay: .none,
      workload: .chatter)
    var manifest = Manifest(
      plan: plan, runtime: "threads", version: "1", journal: true, host: nil)
    manifest.startTimeNs = startTime
    manifest.status = status
    if status != .running {
      manifest.machines = journals.indices.map(end)
    }
    manifest.snapshots = snapshots.map { "\($0.id)" }
    adjust(&manifest)
    try manifest.write(to: directory)
    for snapshot in snapshots { try snapshot.write(to: directory) }
    for index in journals.indices {
      let lines = [header] + journals[index]
      try FileSystem.replace(
        directory.journalPath(of: MachineID(index)), with: lines.joined(separator: "\n") + "\n")
    }
    for (file, text) in otherFiles {
      try FileSystem.makeDirectory(FileSystem.parentPath(of: path + "/" + file))
      try FileSystem.replace(path + "/" + file, with: text)
    }
  }

  /// The manifest's entry for a machine; a damaged line counts as zeros.
  private func end(of machine: Int) -> Manifest.MachineEnd {
    let events = journals[machine].map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    .filter { $0.count > 4 && $0[2] != "snapshot" }
    return Manifest.MachineEnd(
      id: MachineID(machine), rateHz: rates[machine], ticks: UInt64(events.count),
      finalClock: events.last.flatMap { UInt64($0[3]) } ?? 0,
      finalQueueLength: events.last.flatMap { Int($0[4]) } ?? 0)
  }

  /// Writes the run, analyses it, and removes it.
  func findings(checks: Bool = true) throws -> RunFindings {
    try withTemporaryDirectory { directory in
      let path = directory + "/run"
      try write(to: path)
      return try RunFindings(
        of: StoredRun(RunDirectory(path: path)), RunFindings.Options(checks: checks))
    }
  }

  /// Writes the run, checks it, and returns one verdict, without the directory in its path.
  func verdict(of check: String) throws -> String {
    let verdict = try findings().verdicts.first { $0.check == check }?.verdict
    guard case .failed(let violation) = verdict else { return verdict?.word ?? "none" }
    let line = violation.line.map { ":\($0)" } ?? ""
    return "\(FileSystem.lastPart(of: violation.path))\(line): \(violation.problem)"
  }
}

/// A change of the manifest, and the expected problem.
struct ManifestChange: Sendable {
  let expected: String
  let change: @Sendable (inout Manifest) -> Void

  init(_ expected: String, _ change: @escaping @Sendable (inout Manifest) -> Void) {
    (self.expected, self.change) = (expected, change)
  }
}
