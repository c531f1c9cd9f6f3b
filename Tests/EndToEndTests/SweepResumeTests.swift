import SystemCalls
import TestSupport
import Testing

/// How `--resume` treats runs whose manifests say finished.
@Suite("A resumed sweep checks the journals", .ownThreads)
struct SweepResumeTests {
  /// Each is applied to the first of three finished runs.
  static let damages = [
    RunDamage(
      testDescription: "a journal is missing", script: "rm machine-1.csv",
      complaint: "/machine-1.csv' does not exist"),
    RunDamage(
      testDescription: "a journal is cut within a line", script: "truncate -s -3 machine-0.csv",
      complaint: "/machine-0.csv': it holds 2 ticks up to reading "),
    RunDamage(
      testDescription: "a journal lacks whole lines at its end",
      script: "sed -i '$d' machine-1.csv",
      complaint: "/machine-1.csv': it holds 5 ticks up to reading "),
    RunDamage(
      testDescription: "a journal has nothing but zeros at its end",
      script: "truncate -s -4 machine-0.csv; truncate -s +4 machine-0.csv",
      complaint: "/machine-0.csv"),
    RunDamage(
      testDescription: "a journal lacks a line in the middle", script: "sed -i 2d machine-1.csv",
      complaint: "/machine-1.csv': it holds 5 ticks up to reading "),
    RunDamage(
      testDescription: "a journal is empty", script: ": > machine-0.csv",
      complaint: "/machine-0.csv': it holds 0 ticks up to reading 0, "),
    RunDamage(
      testDescription: "a snapshot is missing", script: "rm snapshots/0-1.json",
      complaint: "/snapshots/0-1.json' does not exist"),
    RunDamage(
      testDescription: "a snapshot is cut", script: "truncate -s 40 snapshots/0-1.json",
      complaint: "/snapshots/0-1.json"),
    RunDamage(
      testDescription: "the manifest is cut", script: "truncate -s 40 run.json",
      complaint: "/run.json"),
  ]

  @Test(
    "A run whose files hold less than its manifest says is named and done again", .long,
    arguments: damages
  )
  func damaged(damage: RunDamage) throws {
    let fixture = try SweepFixture(
      """
      "repetitions": 3, "options": { "runtime": "virtual", "duration": "3s", "rates": "1,2",
      "snapshot_at": "1s" }
      """)
    #expect(try fixture.sweep("out").exitCode == 0)
    let whole = try fixture.tables("out")
    let run = fixture.output("out") + "/0001-r1"
    try damage.apply(to: run)

    let resumed = try fixture.sweep("out", ["--resume"])
    #expect(
      resumed.error.hasPrefix(
        "scalemodel: warning: 0001-r1 is done again: '\(run)\(damage.complaint)"))
    #expect(isOneLine(resumed.error))
    #expect(resumed.output.contains("\n3 runs of trial finished, 2 of them before"))
    #expect(resumed.exitCode == 0)
    #expect(try fixture.tables("out") == whole)
    #expect(try fixture.sweep("out", ["--resume"]).error == "")
  }

  @Test("A run that went back is whole, with the lines that it left behind")
  func restarted() throws {
    let fixture = try SweepFixture(
      """
      "repetitions": 1, "options": { "runtime": "virtual", "duration": "5s", "rates": "10,20",
      "snapshot_at": "1s", "on_failure": "restore", "kill": "3s@0" }
      """)
    #expect(try fixture.sweep("out").exitCode == 0)
    let resumed = try fixture.sweep("out", ["--resume"])
    #expect(resumed.error == "" && resumed.exitCode == 0)
    #expect(resumed.output.contains("1 run of trial finished, 1 of them before"))
  }

  @Test("A run of another seed in a run's place is named and redone")
  func foreignRun() throws {
    let fixture = try SweepFixture(
      "\"repetitions\": 2, \"options\": { \"runtime\": \"virtual\", \"duration\": \"1s\" }")
    #expect(try fixture.sweep("out").exitCode == 0)
    let path = fixture.output("out") + "/0002-r2"
    let other = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--duration", "1s", "--seed", "1", "--output", path, "--force",
    ])
    #expect(other.exitCode == 0)
    let resumed = try fixture.sweep("out", ["--resume"])
    #expect(
      resumed.error == "scalemodel: warning: 0002-r2 is done again: '\(path)/run.json' has "
        + "another plan or seed\n")
    #expect(resumed.exitCode == 0)
  }
}

/// How `--resume` treats an experiment file with more runs.
@Suite("Adding runs to a sweep", .ownThreads)
struct SweepAdditionTests {
  @Test("Repetitions and values are added; existing runs keep names, seeds and bytes", .long)
  func added() throws {
    let fixture = try SweepFixture(Self.keys(die: "10", repetitions: 2))
    #expect(try fixture.sweep("out").exitCode == 0)
    let old = try Self.manifests(fixture)
    #expect(old.count == 2)

    try FileSystem.replace(
      fixture.file, with: SweepFixture.text(Self.keys(die: "10", repetitions: 5)))
    let repeated = try fixture.sweep("out", ["--resume"])
    #expect(repeated.error == "")
    #expect(repeated.output.contains("\n5 runs of trial finished, 2 of them before"))

    try FileSystem.replace(
      fixture.file, with: SweepFixture.text(Self.keys(die: "4, 10", repetitions: 5)))
    let list = try fixture.sweep("out", ["--resume", "--list"])
    #expect(list.output.contains("0006-die=4-r1"))
    let widened = try fixture.sweep("out", ["--resume"])
    #expect(widened.error == "")
    #expect(widened.output.contains("\n10 runs of trial finished, 5 of them before"))
    let now = try Self.manifests(fixture)
    #expect(now.count == 10)
    #expect(Array(now.prefix(2)) == old)
    #expect(
      try fixture.runs("out").map { FileSystem.lastPart(of: $0.path) } == [
        "0001-die=10-r1", "0002-die=10-r2", "0003-die=10-r3", "0004-die=10-r4", "0005-die=10-r5",
        "0006-die=4-r1", "0007-die=4-r2", "0008-die=4-r3", "0009-die=4-r4", "0010-die=4-r5",
      ])
    #expect(try fixture.sweep("out", ["--resume"]).output.contains("10 of them before"))

    // The page has the configurations in the order of the file.
    let page = fixture.output("page.md")
    let notebook = try BuiltTool.analyze.run([fixture.output("out"), "--notebook", page])
    #expect(notebook.exitCode == 0)
    let text = String(decoding: try FileSystem.contents(page), as: UTF8.self)
    #expect(text.contains("All 10 runs finished."))
    let rows = text.matches(of: /\n\| *(4|10) \| *(?:slowest|0) \|/).map { String($0.1) }
    #expect(rows == ["4", "10"])

    try FileSystem.replace(
      fixture.file, with: SweepFixture.text(Self.keys(die: "4, 10", repetitions: 4)))
    let fewer = try fixture.sweep("out", ["--resume"])
    #expect(
      fewer.error.contains(
        "repetitions was 5, is 4; that changes or leaves out 2 runs (0005-die=10-r5, …); put"))
    #expect(fewer.exitCode == 73)
    #expect(try Self.manifests(fixture) == now)
  }

  private static func keys(die: String, repetitions: Int) -> String {
    """
    "repetitions": \(repetitions),
    "options": { "duration": "2s", "runtime": "virtual", "rates": "1,2" },
    "axes": { "die": [\(die)] }
    """
  }

  /// The manifests of all runs, by name.
  private static func manifests(_ fixture: SweepFixture) throws -> [String] {
    try fixture.runs("out").map {
      String(decoding: try FileSystem.contents($0.path + "/run.json"), as: UTF8.self)
    }
  }
}
