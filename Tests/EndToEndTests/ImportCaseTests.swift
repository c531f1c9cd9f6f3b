import SystemCalls
import TestSupport
import Testing

/// Logs of many programs: their figures are right, or the mistakes are reported.
@Suite("analyze --import of other programs' logs, as built", .ownThreads)
struct ImportCaseTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// Some columns of a table, row by row.
  private func cells(_ table: String, _ columns: [String]) throws -> [String] {
    let rows = table.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let header = try #require(rows.first)
    let indices = try columns.map { column in
      try #require(header.firstIndex { $0 == column }, "\(column)")
    }
    return rows.dropFirst().map { row in indices.map { String(row[$0]) }.joined(separator: ",") }
  }

  @Test(
    "The figures, the verdicts and the messages are right",
    arguments: LongTests.first(8, of: ImportCase.all))
  func figures(item: ImportCase) throws {
    _ = try directory.write(item.map, to: "map.json")
    try directory.write(item.logs)
    let words = ["--import", "map.json"] + (item.arguments ?? item.logs.map(\.path))
    let table = try directory.analyze(words)
    for words in item.says { #expect(table.error.contains(words), "\(table.error)") }
    guard !item.rows.isEmpty else {
      #expect(table.exitCode == 65)
      return
    }
    try #require(table.exitCode == 0, "\(table.error)")
    #expect(try cells(table.output, item.columns) == item.rows)
    let check = try directory.analyze(words + ["--check"])
    for line in item.verdicts {
      #expect(
        check.output.split(separator: "\n").contains { $0.hasPrefix(line) || $0.contains(line) },
        "\(check.output)")
    }
    #expect(check.exitCode == (item.verdicts.contains { $0.contains("FAILED") } ? 1 : 0))
    // A contradiction of the rules is reported even without --check.
    #expect(table.error.contains("warning: ") || check.exitCode == 0)
    guard !item.shiviz.isEmpty else { return }
    _ = try directory.analyze(words + ["--export", "shiviz", "--output", "out"])
    let log = String(
      decoding: try FileSystem.contents(directory.path + "/out/shiviz.log"), as: UTF8.self)
    for line in item.shiviz {
      #expect(log.split(separator: "\n").contains { $0 == line }, "\(log)")
    }
  }

  @Test(
    "Times in other formats",
    arguments: [
      ("%m-%d_%H-%M-%S.%f", "05-17_09-30-01.250000", "05-17_09-30-01.500000", 4.0),
      ("%Y-%m-%d:%H:%M:%S,%f", "2024-05-17:09:30:01,250", "2024-05-17:09:30:01,500", 4),
      ("[%m/%d/%Y %H:%M:%S]", "[05/17/2024 09:30:01]", "[05/17/2024 09:30:03]", 0.5),
      ("%Y-%m-%dT%H:%M:%S%z", "2024-05-17T09:30:01+02:00", "2024-05-17T07:30:03Z", 0.5),
      ("%I:%M:%S%p", "11:59:59PM", "12:00:01AM", 0.5),
      ("%H-%M-%S.%f", "09-30-01.25", "09-30-01.5", 4),
      ("%d %b %Y %H:%M:%S", "17 May 2024 09:30:01", "17 May 2024 09:30:05", 0.25),
      ("%s.%f", "1715938201.25", "1715938201.75", 2),
    ] as [(String, String, String, Double)])
  func timeFormats(format: String, first: String, second: String, clockRate: Double) throws {
    _ = try directory.write(
      """
      {"pattern": "^(?<time>.*) (?<event>INT) (?<clock>\\\\d+)$",
       "time": {"column": "time", "format": "\(format)"}, "clock": "clock",
       "event": {"column": "event", "internal": "INT"}}
      """, to: "map.json")
    try directory.write([("m.log", "\(first) INT 1\n\(second) INT 2\n")])
    let outcome = try directory.analyze(["--import", "map.json", "m.log"])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let rates = try cells(outcome.output, ["clock_rate_hz"])
    #expect(rates.first.flatMap { Double($0) } == clockRate)
  }

  @Test("Settings with several trials each are compared like runs")
  func comparison() throws {
    let item = try #require(ImportCase.all.first { $0.name.hasPrefix("several directories") })
    _ = try directory.write(item.map, to: "map.json")
    for (setting, reading) in [("slow", 2), ("fast", 9)] {
      for trial in 1...3 {
        try directory.write([
          ("\(setting)/\(trial)/vm0.log", "0.5 INT 1\n1.0 RECV \(reading + trial)\n")
        ])
      }
    }
    let outcome = try directory.analyze(["--import", "map.json", "slow", "--against", "fast"])
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(outcome.output.contains("final_clock"))
    #expect(outcome.error.contains("figures differ"))
    let tables = try directory.analyze(["--import", "map.json", "slow", "--output", "out"])
    #expect(tables.exitCode == 0, "\(tables.error)")
    let runs = String(
      decoding: try FileSystem.contents(directory.path + "/out/runs.csv"), as: UTF8.self)
    #expect(try cells(runs, ["runs", "final_clock_mean"]) == ["3,4"])
  }

  @Test(
    "A run exported for ShiViz and imported again is the same run",
    arguments: ["chatter", "bank", "mutex-lamport"])
  func shiVizReturns(workload: String) throws {
    let run = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--workload", workload, "--rates", "1,3,6", "--seed", "7",
        "--duration", "20s", "--snapshot-every", "5s", "--output", "run",
      ], in: directory.path)
    try #require(run.exitCode == 0, "\(run.error)")
    try #require(try directory.analyze(["run", "--export", "shiviz"]).exitCode == 0)
    let figures = [
      "events", "internal", "sends", "receives", "final_clock", "jump_mean", "jump_p95",
      "clock_rate_hz", "drift_mean", "queue_mean", "queue_final",
    ]
    let original = try cells(try directory.analyze(["run"]).output, figures)
    let words = ["--import", "shiviz", "run/analysis/shiviz.log"]
    let again = try directory.analyze(words)
    #expect(again.exitCode == 0, "\(again.error)")
    #expect(try cells(again.output, figures) == original)
    let check = try directory.analyze(words + ["--check"])
    #expect(check.exitCode == 0)
    #expect(check.output.contains("clock: ok") && check.output.contains("delivery: ok"))
  }
}
