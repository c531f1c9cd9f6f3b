import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// The output of a sweep at its end.
@Suite("The report of a sweep", .ownThreads)
struct SweepReportTests {
  @Test("The end has a table of jumps, drift and queues per configuration, 80 columns wide at most")
  func table() throws {
    let fixture = try Self.fixture()
    let outcome = try fixture.sweep("out")
    #expect(outcome.error == "")
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
    let start = try #require(lines.firstIndex { $0.hasPrefix("configuration") })
    #expect(lines[start].contains(/runs +jump mean +jump max +drift max +queue max +queue end$/))
    #expect(lines[start + 1].hasPrefix("die 10, rates "))
    #expect(lines[start + 4].hasPrefix("die 4, rates 5,5,5 "))
    #expect(lines[start + 5] == "")
    #expect(lines[start...start + 4].allSatisfy { $0.count <= 80 })

    // The last row again, from the machine table.
    let machines = try BuiltTool.analyze.run(
      try fixture.runs("out").suffix(2).map(\.path) + ["--json"])
    let rows = try JSONDecoder().decode(Machines.self, from: Data(machines.output.utf8)).machines
    try #require(rows.count == 6)
    let runs = [rows[0..<3], rows[3..<6]]
    func mean(_ values: [Double]) -> String {
      let mean: Double = values.reduce(0, +) / Double(values.count)
      return String(Int((mean * 100).rounded()))
    }
    let expected = [
      mean(runs.map { $0.map(\.jump_mean).reduce(0, +) / 3 }),
      mean(runs.map { $0.map(\.jump_max).max() ?? 0 }),
      mean(runs.map { $0.map(\.drift_max).max() ?? 0 }),
      mean(runs.map { $0.map(\.queue_max).max() ?? 0 }),
      mean(runs.map { $0.map(\.queue_final).max() ?? 0 }),
    ]
    let cells = lines[start + 4].split(separator: " ").suffix(6)
    #expect(cells.first == "2")
    #expect(cells.dropFirst().map { String(Int($0.filter(\.isNumber)) ?? -1) } == expected)
  }

  private struct Machines: Decodable {
    struct Row: Decodable {
      // The names are those of the table.
      // swift-format-ignore: AlwaysUseLowerCamelCase
      var jump_mean, jump_max, drift_max, queue_max, queue_final: Double
    }
    var machines: [Row]
  }

  @Test("--quiet prints the directory, --json an object, also when a run fails", .long)
  func shapes() throws {
    let fixture = try Self.fixture()
    let quiet = try fixture.sweep("out", ["--quiet"])
    #expect(quiet.output == fixture.output("out") + "\n")
    #expect(quiet.error == "")
    let json = try fixture.sweep("out", ["--json", "--resume"])
    let report = try JSONDecoder().decode(Report.self, from: Data(json.output.utf8))
    #expect(report.sweep == fixture.output("out"))
    #expect((report.runs, report.finished, report.finished_before) == (8, 8, 8))
    #expect(report.configurations.map(\.runs) == [2, 2, 2, 2])
    #expect(report.configurations[3].parameters == ["die": "4", "rates": "5,5,5"])
    #expect(report.failed.isEmpty)

    try FileSystem.makeDirectory(fixture.output("other"))
    #expect(try fixture.sweep("other", ["--only", "2"]).exitCode == 0)
    try FileSystem.replace(fixture.output("other") + "/0001-die=10-rates=1-3-600-r1", with: "")
    let failed = try fixture.sweep("other", ["--json", "--resume", "--keep-going"])
    #expect(failed.exitCode == 73)
    let failures = try JSONDecoder().decode(Report.self, from: Data(failed.output.utf8))
    #expect(failures.failed.map(\.run) == ["0001-die=10-rates=1-3-600-r1"])
    #expect(failures.finished == 7)
    #expect(failures.configurations.isEmpty)
  }

  private struct Report: Decodable {
    struct Failure: Decodable { var run, problem: String }
    struct Configuration: Decodable {
      var runs: Int
      var parameters: [String: String]
    }
    var sweep: String
    // swift-format-ignore: AlwaysUseLowerCamelCase
    var runs, finished, finished_before: Int
    var failed: [Failure]
    var configurations: [Configuration]
  }

  @Test("The suggested page is never an existing one, nor the project's for other runs", .long)
  func page() throws {
    let fixture = try Self.fixture()
    func suggestion(_ name: String, _ words: [String] = []) throws -> String? {
      let call = ["sweep", "trial.json", "--output", name] + words
      let outcome = try BuiltTool.scalemodel.start(call, in: fixture.path)
        .finish(seconds: deadlineSeconds)
      return outcome.output.firstMatch(of: /--notebook (\S+)\n/).map { String($0.1) }
    }
    #expect(try suggestion("a") == "notebook/trial.md")
    #expect(try suggestion("b", ["--only", "1"]) == "b/trial.md")
    #expect(try suggestion("c", ["--runtime", "virtual"]) == "c/trial.md")
    try FileSystem.makeDirectory(fixture.path + "/notebook")
    try FileSystem.replace(fixture.path + "/notebook/trial.md", with: "mine\n")
    #expect(try suggestion("a", ["--resume"]) == "a/trial.md")
  }

  @Test(
    "Configurations that draw other rates are warned about, unless the file says so",
    arguments: [
      ("\"axes\": { \"die\": [10, 4] }", true),
      ("\"axes\": { \"ticks\": [\"1...6\", \"3...4\"], \"die\": [10, 4] }", true),
      ("\"axes\": { \"die\": [10, 4] }, \"common_random_numbers\": true", false),
      ("\"axes\": { \"die\": [10, 4] }, \"common_random_numbers\": false", false),
      ("\"axes\": { \"die\": [10, 4] }, \"options\": { \"ticks\": \"3...3\" }", false),
      ("\"axes\": { \"die\": [10, 4], \"rates\": [\"1,3\"] }", false),
      ("\"axes\": { \"ticks\": [\"1...6\", \"3...4\"] }", false),
      ("\"repetitions\": 3", false),
    ])
  func drawnRates(keys: String, isWarned: Bool) throws {
    let fixture = try SweepFixture(keys)
    let outcome = try fixture.sweep("out", ["--list"])
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.error
        == (isWarned
          ? "scalemodel: warning: each value of 'die' draws other rates, and what differs may be "
            + "due to them; say \"common_random_numbers\": true to draw the same for all, or false "
            + "to keep it\n"
          : ""))
  }

  @Test(
    "Ranges of another spelling are refused with the right one",
    arguments: [
      (["sweep", "FILE", "--only", "1..2"], "two: 3 or 3...7; write 1...2"),
      (["sweep", "FILE", "--only", "1-2"], "two: 3 or 3...7; write 1...2"),
      (["sweep", "FILE", "--only", "2..1"], "two: 3 or 3...7"),
      (["run", "--ticks", "1-6"], "the smaller first: 1...6; write 1...6"),
      (["run", "--ticks", "2..8"], "the smaller first: 1...6; write 2...8"),
      (["run", "--ticks", "-6"], "the smaller first: 1...6"),
      (["run", "--delay", "10ms-1s"], "(~50ms); write 10ms...1s"),
      (["run", "--partition", "1s..2s@0,1"], "10s...20s@0,1 or 10s...20s@0:1; write 1s...2s@0,1"),
    ])
  func ranges(words: [String], remedy: String) throws {
    let fixture = try Self.fixture()
    let outcome = try BuiltTool.scalemodel.run(words.map { $0 == "FILE" ? fixture.file : $0 })
    #expect(outcome.error.hasSuffix(remedy + "\n"))
    #expect(outcome.exitCode == 64)
  }

  private static func fixture() throws -> SweepFixture {
    try SweepFixture(
      """
      "repetitions": 2, "options": { "duration": "5s", "runtime": "virtual" },
      "axes": { "die": [10, 4], "rates": ["1,3,600", "5,5,5"] }
      """)
  }
}
