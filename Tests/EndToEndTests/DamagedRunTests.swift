import SystemCalls
import TestSupport
import Testing

/// One damaged run among several: the tool leaves it out with a warning, and analyses the others.
@Suite("A damaged run does not stop the analysis of the rest", .ownThreads)
struct DamagedRunTests {
  /// Each is applied to the second of four runs.
  static let damages = [
    RunDamage(
      testDescription: "no manifest", script: "rm run.json", complaint: "/run.json' does not exist"),
    RunDamage(
      testDescription: "a manifest that is no JSON", script: "echo '{' > run.json",
      complaint: "/run.json'"),
    RunDamage(
      testDescription: "no journal", script: "rm machine-1.csv",
      complaint: "/machine-1.csv' does not exist"),
    RunDamage(
      testDescription: "a journal that is a directory",
      script: "rm machine-1.csv; mkdir machine-1.csv", complaint: "/machine-1.csv'"),
    RunDamage(
      testDescription: "a journal cut within a line", script: "truncate -s -3 machine-0.csv",
      complaint: "/machine-0.csv': it holds "),
    RunDamage(
      testDescription: "a journal without its last lines", script: "sed -i '$d' machine-1.csv",
      complaint: "/machine-1.csv': it holds "),
    RunDamage(
      testDescription: "a journal with a malformed line late in it",
      script: "sed -i '20s/.*/x/' machine-1.csv", complaint: "/machine-1.csv', line 20"),
    RunDamage(
      testDescription: "an empty journal", script: ": > machine-0.csv",
      complaint: "/machine-0.csv': it holds 0 ticks"),
    RunDamage(
      testDescription: "a damaged snapshot", script: "truncate -s 50 snapshots/0-1.json",
      complaint: "/snapshots/0-1.json'"),
    RunDamage(
      testDescription: "no journals at all",
      script: "sed -i 's/\"journal\" : true/\"journal\" : false/' run.json; rm machine-*.csv",
      complaint: "kept no journals"),
  ]

  @Test("It is in no table, and all other rows are as without it", .long, arguments: damages)
  func tables(damage: RunDamage) throws {
    let fixture = try Self.sweep()
    let target = fixture.output("tables")
    try RunDamage.shell(
      "rm -r '\(Self.damagedPath(fixture))'; mkdir '\(fixture.output("out"))/notes'")
    let expected = try fixture.tables("out")

    let other = try Self.sweep()
    try damage.apply(to: Self.damagedPath(other))
    let outcome = try BuiltTool.analyze.run([other.output("out"), "--output", target])
    #expect(outcome.exitCode == 1)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("analyze: warning: 0002-r2 is left out: "))
    #expect(lines[0].contains(damage.complaint))
    #expect(
      lines[1]
        == "analyze: error: 1 run is left out (0002-r2); correct it or do it again")
    let tables = try FileSystem.entries(target).map { name in
      name + "\n" + String(decoding: try FileSystem.contents("\(target)/\(name)"), as: UTF8.self)
    }
    #expect(tables == expected)
  }

  @Test(
    "Whatever is asked for, the exit code is 1 and the rest is there",
    arguments: [
      ([], "0003-r3,0,"), (["--check"], "0004-r4: manifest: ok"),
      (["--json"], "\"left_out\" : [\n    {\n      \"problem\" : \""),
      (["--report"], "/0003-r3/analysis/report.html"),
      (["--export", "shiviz", "--output", "OUT"], "OUT/shiviz.log"),
      (["--notebook", "OUT/page.md"], "OUT/page.md"),
    ])
  func commands(words: [String], expected: String) throws {
    let fixture = try Self.sweep()
    try RunDamage.shell("rm '\(Self.damagedPath(fixture))/machine-1.csv'")
    func located(_ text: String) -> String {
      text.replacing("OUT", with: fixture.output("analysis"))
    }
    let outcome = try BuiltTool.analyze.run([fixture.output("out")] + words.map(located))
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains(located(expected)))
    #expect(!outcome.output.contains("0002-r2,"))
    #expect(outcome.error.contains("analyze: warning: 0002-r2 is left out: "))
    guard words.first == "--notebook" else { return }
    let page = String(
      decoding: try FileSystem.contents(fixture.output("analysis") + "/page.md"), as: UTF8.self)
    #expect(
      page.contains(
        "3 of 4 runs finished; the figures are of those. "
          + "1 damaged run is left out: 0002-r2. Checked"))
  }

  @Test("A comparison leaves it out as well")
  func comparison() throws {
    let fixture = try Self.sweep()
    try RunDamage.shell("rm '\(Self.damagedPath(fixture))/machine-1.csv'")
    let runs = ["0001-r1", "0002-r2", "0003-r3"].map { fixture.output("out") + "/" + $0 }
    let outcome = try BuiltTool.analyze.run(
      runs + ["--against", fixture.output("out") + "/0004-r4"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("\n0,1,events,2,"))
    #expect(outcome.error.contains("analyze: warning: 0002-r2 is left out: "))
  }

  @Test("A failed check and a run left out share one error line")
  func failedCheck() throws {
    let fixture = try Self.sweep()
    try RunDamage.shell(
      "cd '\(fixture.output("out"))' && rm 0002-r2/run.json && "
        + "sed -i 's/\"final_queue_length\" : [0-9]*/\"final_queue_length\" : 7777/' "
        + "0003-r3/run.json")
    let outcome = try BuiltTool.analyze.run([fixture.output("out"), "--check", "--quiet"])
    #expect(
      outcome.error
        == "analyze: error: a check failed (0003-r3: manifest); its verdict names the place; "
        + "1 run is left out (0002-r2); correct it or do it again\n")
    #expect(outcome.exitCode == 1)
  }

  @Test("Checks cover a run whose journal was cut, and tables leave it out")
  func cutJournal() throws {
    let fixture = try Self.sweep()
    try RunDamage.shell("sed -i '$d' '\(Self.damagedPath(fixture))/machine-1.csv'")
    let outcome = try BuiltTool.analyze.run([fixture.output("out"), "--check", "--json"])
    #expect(outcome.output.contains("\"left_out\" : [\n    {\n"))
    #expect(outcome.output.contains("\"run\" : \"0002-r2\",\n      \"verdict\" : \"FAILED\""))
    #expect(!outcome.output.contains("\"run\" : \"0002-r2\",\n      \"runtime\""))
    #expect(outcome.error.contains("analyze: error: a check failed (0002-r2: manifest); "))
    #expect(outcome.error.hasSuffix("; 1 run is left out (0002-r2); correct it or do it again\n"))
    #expect(outcome.exitCode == 1)
  }

  @Test("Of runs named one by one, one without a manifest is left out too")
  func namedRuns() throws {
    let fixture = try Self.sweep()
    try RunDamage.shell("rm '\(Self.damagedPath(fixture))/run.json'")
    let runs = ["0001-r1", "0002-r2"].map { fixture.output("out") + "/" + $0 }
    let outcome = try BuiltTool.analyze.run(runs)
    #expect(outcome.output.contains("\n0001-r1,0,"))
    #expect(outcome.error.contains("analyze: warning: 0002-r2 is left out: "))
    #expect(outcome.exitCode == 1)
  }

  @Test("When no run is left, the error names the first, with its exit code")
  func noneLeft() throws {
    let fixture = try Self.sweep()
    try RunDamage.shell("cd '\(fixture.output("out"))' && rm */machine-0.csv")
    let outcome = try BuiltTool.analyze.run([fixture.output("out")])
    #expect(outcome.error.contains("analyze: warning: 0004-r4 is left out: "))
    #expect(
      outcome.error.hasSuffix("so the run is not whole; bring the file back or leave the run out\n")
    )
    #expect(outcome.output == "")
    #expect(outcome.exitCode == 66)
  }

  private static func sweep() throws -> SweepFixture {
    let fixture = try SweepFixture(
      """
      "repetitions": 4, "options": { "runtime": "virtual", "duration": "20s", "rates": "1,3",
      "snapshot_at": "5s" }
      """)
    try #require(try fixture.sweep("out").exitCode == 0)
    return fixture
  }

  private static func damagedPath(_ fixture: SweepFixture) -> String {
    fixture.output("out") + "/0002-r2"
  }
}
