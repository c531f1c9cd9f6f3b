import SystemCalls
import TestSupport
import Testing

/// Snapshots of runs in wall time, requested in every way.
@Suite("Snapshots of a running model", .ownThreads)
struct SnapshotTests {
  private static let pace = ["--rates", "50,50,50", "--delay", "20ms"]

  @Test("Planned in advance, one by one and periodically", arguments: ["threads", "processes"])
  func planned(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", runtime, "--duration", "1190ms", "--output", run.path]
        + ["--snapshot-at", "500ms", "--snapshot-at", "500ms@2", "--snapshot-at", "510ms@2"]
        + ["--snapshot-every", "300ms"] + Self.pace)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("\n6 snapshots in \(run.path)/snapshots\n"))
    #expect(try run.manifest.snapshots == ["0-1", "0-2", "2-1", "2-2", "1-1", "2-3"])
    try expectExact(run)
  }

  @Test("Typed at the run; unknown commands and machines are answered with errors")
  func typed() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run, duration: "forever")
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let long = String(repeating: "x", count: 100_000)
    tool.type("snapshot\nsnapshot 2\n\n  snapshot\t1 \r\nsnapshot 7\nsnapshot 1 2\n\u{1B}[2J\n")
    tool.type("\(long)\nsnapshot 99999999999\nsnapshot -1\nsnap")
    tool.endInput()
    func unknown(_ words: String) -> String {
      "'\(words)' is not a command; type snapshot, or snapshot and a machine's id, a time-out or "
        + "both: snapshot 2 20s"
    }
    let warnings = [
      "there is no machine 7; type snapshot and an id from 0 to 2", unknown("snapshot 1 2"),
      unknown("\\u{1B}[2J"), unknown(String(long.prefix(60))), unknown("snapshot 99999999999"),
      unknown("snapshot -1"),
    ]
    let snapshots = ["0-1", "2-1", "1-1"]
    let areTaken = tool.wait(seconds: deadlineSeconds) {
      tool.error.count { $0 == "\n" } == warnings.count
        && snapshots.allSatisfy { FileSystem.exists("\(run.path)/snapshots/\($0).json") }
    }
    #expect(areTaken)
    let outcome = tool.interrupt()
    #expect(
      outcome.error == warnings.map { "scalemodel: warning: \($0)\n" }.joined(),
      "what is not ended by Enter is not taken")
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.snapshots == snapshots)
    try expectExact(run)
  }

  @Test("Requested from another shell: a table, or JSON", arguments: ["threads", "processes"])
  func fromOutside(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(runtime, run, duration: "30s")
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let table = try BuiltTool.scalemodel.run(["snapshot", run.path, "--machine", "1"])
    #expect(table.error == "")
    #expect(table.exitCode == 0)
    let snapshot = try run.snapshot("1-1")
    #expect(snapshot.initiator == 1)
    #expect(table.output.hasPrefix("snapshot 1-1: complete in "))
    #expect(table.output.contains("\nmachine  clock  tick  inbox\n"))
    for machine in snapshot.machines {
      let row = /(\d+) +(\d+) +(\d+) +.*/
      let numbers = table.output.split(separator: "\n").compactMap { line in
        try? row.wholeMatch(in: line.drop { $0 == " " }).map { [$0.1, $0.2, $0.3].map { Int($0) } }
      }
      #expect(numbers.contains([machine.id, machine.clock, machine.tick]))
    }
    let json = try BuiltTool.scalemodel.run(["snapshot", "--json", run.path])
    #expect(json.exitCode == 0)
    #expect(try StoredSnapshot(json: Array(json.output.utf8)) == run.snapshot("0-1"))
    #expect(tool.interrupt().exitCode == 130)
    #expect(try run.manifest.snapshots == ["1-1", "0-1"])
    try expectExact(run)
  }

  @Test("Without a name the request goes to the latest run in this directory")
  func latest() throws {
    let directory = try TemporaryDirectory()
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--duration", "30s", "--quiet"] + Self.pace, in: directory.path)
    let run = FinishedRun(path: directory.path + "/runs/latest")
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let outcome = try BuiltTool.scalemodel.run(["snapshot"], in: directory.path)
    #expect(outcome.output.hasPrefix("snapshot 0-1: complete in "))
    #expect(outcome.exitCode == 0)
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test(
    "Several at once, from one initiator and from others, are each exact",
    arguments: ["threads", "processes"])
  func overlapping(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--runtime", runtime, "--rates", "100,100,100", "--delay", "1s", "--quiet"]
        + ["--duration", "60s", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let askers = try [0, 0, 1, 2, 2, 2].map { machine in
      try BuiltTool.scalemodel.start(["snapshot", run.path, "--machine", "\(machine)"])
    }
    let outcomes = askers.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.map(\.exitCode) == Array(repeating: 0, count: 6))
    #expect(Set(outcomes.map { $0.output.prefix(12) }).count == 6, "each is answered with its own")
    #expect(tool.interrupt().exitCode == 130)
    #expect(try run.manifest.snapshots.sorted() == ["0-1", "0-2", "1-1", "2-1", "2-2", "2-3"])
    try expectExact(run)
    let snapshots = try run.snapshots()
    let lastBegin = try #require(snapshots.map(\.requestedTime).max())
    #expect(snapshots.contains { $0.requestedTime < lastBegin && lastBegin < $0.completedTime })
    #expect(snapshots.contains { $0.messageCount > 0 })
  }

  private func start(
    _ runtime: String, _ run: FinishedRun, duration: String
  ) throws -> ToolProcess {
    try BuiltTool.scalemodel.start(
      ["run", "--runtime", runtime, "--duration", duration, "--quiet", "--output", run.path]
        + ["--commands", "-"] + Self.pace)
  }

  /// Checks that every snapshot is complete, and matches the journals exactly.
  private func expectExact(_ run: FinishedRun) throws {
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    for snapshot in try run.snapshots() {
      #expect(SnapshotRules(snapshot: snapshot, journals: journals).breaches == [])
    }
    let files = try FileSystem.entries(run.path + "/snapshots")
    #expect(files == (try run.manifest.snapshots.map { $0 + ".json" }.sorted()))
  }
}
