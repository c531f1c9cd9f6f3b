import SystemCalls
import TestSupport
import Testing

/// A recorded plan contains everything that changes a run, so that runs of different plans never
/// count as repetitions of one.
@Suite("A run's files describe its plan", .ownThreads)
struct RecordedPlanTests {
  private func column(_ name: String, of rows: [[String]]) throws -> [String] {
    let index = try #require(rows.first?.firstIndex(of: name))
    return rows.dropFirst().map { $0[index] }
  }

  /// The rows of a table without quoted cells.
  private func table(_ path: String) throws -> [[String]] {
    String(decoding: try FileSystem.contents(path), as: UTF8.self).split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
  }

  @Test(
    "Runs that differ in one option only are groups of their own", .long,
    arguments: [
      ["--snapshot-every", "1s"], ["--snapshot-at", "2s"], ["--snapshot-at", "2s@1"],
      ["--on-failure", "continue"], ["--on-failure", "restore"], ["--kill", "5s@0"],
      ["--pause", "5s...6s@0"],
      ["--partition", "5s...6s@0"], ["--order", "none"], ["--loss", "0.1"],
      ["--duplicate", "0.1"], ["--phases", "random"],
      ["--skew", "50ms"], ["--clock-drift", "200ppm"], ["--sync", "30s,5ms,step"],
      ["--clock-ahead", "8h@1"], ["--ticks-by", "own-clock"],
      ["--snapshot-algorithm", "lai-yang"], ["--marker-handling", "tick"],
      ["--checkpoints", "induced", "--snapshot-every", "1s"],
      ["--snapshot-cost", "100ms", "--snapshot-every", "1s"],
    ])
  func groups(option: [String]) throws {
    let directory = try TemporaryDirectory()
    let words = [
      "run", "--runtime", "virtual", "--ticks", "2...4", "--duration", "10s", "--quiet",
      "--delay", "500ms", "--on-failure",
    ]
    let others = option.first == "--on-failure" ? [option[1]] : ["continue"] + option
    for seed in 1...2 {
      for (name, more) in [
        ("plain", [option.first == "--on-failure" ? "stop" : "continue"]), ("other", others),
      ] {
        let outcome = try BuiltTool.scalemodel.run(
          words + more + ["--seed", "\(seed)", "--output", "runs/\(name)-\(seed)"],
          in: directory.path)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
    }
    let outcome = try BuiltTool.analyze.run(["runs", "--output", "tables"], in: directory.path)
    // Equal seeds of different plans are not duplicates.
    let remarks = outcome.error.split(separator: "\n").filter { !$0.contains(" died at ") }
    #expect(remarks == [])
    let rows = try table(directory.path + "/tables/runs.csv")
    #expect(try column("group", of: rows) == ["1", "1", "1", "2", "2", "2"])
    #expect(try column("runs", of: rows) == Array(repeating: "2", count: 6))
  }

  @Test("Snapshots and the reaction to a death are in the plan, and in runs.csv")
  func columns() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--rates", "2,3", "--duration", "10s", "--snapshot-at",
        "5s@1", "--snapshot-at", "2s", "--snapshot-every", "3s", "--quiet", "--output", "runs/a",
      ], in: directory.path)
    #expect(outcome.exitCode == 0)
    _ = try BuiltTool.analyze.run(["runs", "--output", "tables"], in: directory.path)
    let text = String(
      decoding: try FileSystem.contents(directory.path + "/tables/runs.csv"), as: UTF8.self)
    #expect(text.contains(",3s,2s@0 5s@1,stop,0,1,1,"))
  }
}
