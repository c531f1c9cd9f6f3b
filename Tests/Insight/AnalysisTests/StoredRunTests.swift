import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// Which runs a path means, and the errors for those that cannot be read.
@Suite("Runs on disk")
struct StoredRunTests {
  private static let fixture = RunFixture(
    rates: [1, 1], journals: [["1,10,internal,1,0,,"], ["1,10,internal,1,0,,"]])

  @Test("A directory of runs means all the runs in it, each once, without links")
  func directoryOfRuns() throws {
    try withTemporaryDirectory { directory in
      try Self.fixture.write(to: directory + "/runs/b")
      try Self.fixture.write(to: directory + "/runs/a")
      try Self.fixture.write(to: directory + "/other/a")
      try FileSystem.makeDirectory(directory + "/runs/c")
      try RunDirectory(path: directory + "/runs/b").pointLatest()
      let runs = try RunDirectory.runs(at: [directory + "/runs/"])
      #expect(runs.map(\.path) == [directory + "/runs/a", directory + "/runs/b"])
      let latest = try RunDirectory.runs(at: [directory + "/runs/latest", directory + "/runs"])
      #expect(latest.map(\.name) == ["b", "a"])
      let both = try RunDirectory.runs(at: [directory + "/runs", directory + "/other"])
      #expect(
        RunDirectory.distinctNames(of: both)
          == [directory + "/runs/a", "b", directory + "/other/a"])
    }
  }

  @Test("A path without a run gives an error that says so")
  func noRun() throws {
    try withTemporaryDirectory { directory in
      let missing = directory + "/nowhere"
      #expect(throws: RunRecordError.missing(path: missing)) {
        try RunDirectory.runs(at: [missing])
      }
      #expect(throws: RunRecordError.notARun(path: directory)) {
        try RunDirectory.runs(at: [directory])
      }
    }
  }

  @Test("The error names a missing journal")
  func missingJournal() throws {
    try withTemporaryDirectory { directory in
      let run = RunDirectory(path: directory + "/run")
      try Self.fixture.write(to: run.path)
      try FileSystem.remove(run.journalPath(of: 1))
      #expect(throws: RunRecordError.missing(path: run.path + "/machine-1.csv")) {
        try StoredRun(run)
      }
    }
  }

  @Test("A run without journals gives an error that says so")
  func noJournals() throws {
    var fixture = Self.fixture
    fixture.adjust = { $0.journal = false }
    try withTemporaryDirectory { directory in
      try fixture.write(to: directory + "/run")
      #expect(throws: RunRecordError.noJournals(path: directory + "/run")) {
        try StoredRun(RunDirectory(path: directory + "/run"))
      }
    }
  }

  @Test("A run that ended before its machines began says so")
  func neverBegan() throws {
    var fixture = Self.fixture
    fixture.adjust = {
      ($0.startTimeNs, $0.status, $0.reason) = (nil, .interrupted, "ended early by Ctrl-C")
    }
    try withTemporaryDirectory { directory in
      let run = RunDirectory(path: directory + "/run")
      try fixture.write(to: run.path)
      for machine in [0, 1] as [MachineID] { try FileSystem.remove(run.journalPath(of: machine)) }
      let error = #expect(throws: RunRecordError.self) { try StoredRun(run) }
      #expect(error == .neverBegan(path: run.path, reason: "ended early by Ctrl-C"))
    }
  }

  @Test(
    "The error for an invalid manifest names its key",
    arguments: [
      ManifestChange("plan.machines", { $0.plan.machines = 0 }),
      ManifestChange("plan.rates", { $0.plan.machines = 3 }),
      ManifestChange("plan.rates[0]", { $0.plan.rates[0] = 0 }),
      ManifestChange("plan.die", { $0.plan.die = 0 }),
      ManifestChange("duration_ns", { $0.durationNs = -1 }),
      ManifestChange("start_time_ns", { $0.startTimeNs = -1 }),
      ManifestChange("start_time_ns", { $0.startTimeNs = .max }),
      ManifestChange("plan.topology", { $0.plan.topology = "donut" }),
      ManifestChange("plan.topology", { $0.plan.topology = "grid:9x9" }),
      ManifestChange("plan.links", { $0.plan.links = [[0, 1], [1]] }),
      ManifestChange("plan.links", { $0.plan.links = [[0, -1]] }),
      ManifestChange("plan.links", { $0.plan.links = [[0, 2]] }),
      ManifestChange("schema", { $0.schema = 99 }),
    ])
  func malformedManifest(row: ManifestChange) throws {
    var fixture = Self.fixture
    fixture.adjust = row.change
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    guard case .malformed(let path, nil, let column, _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(path.hasSuffix("/run.json"))
    #expect(column == row.expected)
  }

  @Test("A journal with a truncated last line is read up to it, with a warning")
  func cutJournal() throws {
    try withTemporaryDirectory { directory in
      var fixture = Self.fixture
      fixture.status = .failed
      try fixture.write(to: directory)
      let path = directory + "/machine-1.csv"
      let text = String(decoding: try FileSystem.contents(path), as: UTF8.self)
      try FileSystem.replace(path, with: text + "2,20,int")
      let findings = try RunFindings(
        of: StoredRun(RunDirectory(path: directory)), RunFindings.Options(checks: true))
      #expect(findings.warnings == ["'\(path)': the last line is cut short and left out"])
      #expect(
        findings.verdicts.map(\.verdict.word) == [
          "ok", "vacuous", "ok", "vacuous", "vacuous", "vacuous", "ok",
        ])
      #expect(findings.eventCount == 2)
    }
  }

  @Test("A run longer than a window gives the same in one scan as in its parts")
  func manyWindows() throws {
    let run = try ModelRun(rates: [2000, 9000, 5000], seconds: 2, seed: 3)
    let rows = try run.fixture.findings().machines
    for machine in 0..<3 {
      #expect(rows[machine][.events] == .count(UInt64(run.journals[machine].count)))
      let last = try #require(run.journals[machine].last).split(
        separator: ",", omittingEmptySubsequences: false)
      #expect(rows[machine][.finalClock].text == last[3])
    }
  }
}
