import SystemCalls
import TestSupport
import Testing

/// `analyze` over repetitions, as built: groups, comparison, and its messages about both.
@Suite("Statistics of several runs", .ownThreads)
struct StatisticsToolTests {
  /// Makes runs in virtual time, a directory each, named by index and arguments.
  private static func runs(_ calls: [[String]], in directory: TemporaryDirectory) throws {
    for (index, words) in calls.enumerated() {
      let outcome = try BuiltTool.scalemodel.run(
        ["run", "--runtime", "virtual", "--duration", "20s", "--quiet"] + words
          + ["--output", "\(directory.path)/runs/\(index)"])
      try #require(outcome.exitCode == 0)
    }
  }

  @Test("runs.csv has a row per plan and machine; drawn rates are one plan")
  func groups() throws {
    let directory = try TemporaryDirectory()
    try Self.runs(
      (1...3).map { ["--rates", "1,3,6", "--seed", "\($0)"] }
        + (1...3).map { ["--seed", "\($0)"] }
        + [["--rates", "1,3,6", "--seed", "3"], ["--machines", "5", "--seed", "1"]],
      in: directory)
    let outcome = try BuiltTool.analyze.run(["runs", "--output", "tables"], in: directory.path)
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.error == "analyze: warning: 1 run is left out of the statistics: same plan and seed "
        + "as another, so virtual time repeats it exactly (6)\n")
    let bytes = try FileSystem.contents(directory.path + "/tables/runs.csv")
    let rows = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    #expect(rows.count == 1 + 3 + 3 + 5)
    #expect(
      rows[0].hasPrefix(
        "group,runtime,duration_s,machines,ticks,rates,die,topology,delay,workload,balance,"
          + "transfer,transfer_max,faults,snapshot_every,snapshot_at,on_failure,machine,rank,runs,"
          + "rate_hz_mean,rate_hz_sd,rate_hz_low,rate_hz_high,"))
    #expect(
      rows[3].hasPrefix("1,virtual,20,3,,\"1,3,6\",10,complete,0,chatter,,,,,,,stop,2,3,3,6,0,6,6,")
    )
    #expect(rows[4].hasPrefix("2,virtual,20,3,1...6,,10,complete,0,chatter,,,,,,,stop,,1,3,"))
    #expect(rows[7].hasPrefix("3,virtual,20,5,1...6,,10,complete,0,chatter,,,,,,,stop,,1,1,"))
  }

  @Test("--against compares two plans, and says how many figures differ", .long)
  func comparison() throws {
    let directory = try TemporaryDirectory()
    try Self.runs(
      (1...4).map { ["--rates", "1,6,6", "--seed", "\($0)"] }
        + (1...4).map { ["--rates", "1,6,6", "--die", "4", "--seed", "\($0)"] },
      in: directory)
    func compare(_ words: [String]) throws -> ToolProcess.Outcome {
      try BuiltTool.analyze.run(words, in: directory.path + "/runs")
    }
    let outcome = try compare(["0", "1", "2", "3", "--against", "4", "5", "6", "7"])
    #expect(outcome.exitCode == 0)
    let rows = outcome.output.split(separator: "\n")
    let header =
      "machine,rank,figure,runs,mean,sd,against_runs,against_mean,against_sd,"
      + "difference,difference_low,difference_high,differs"
    #expect(outcome.output.hasPrefix(header + "\n"))
    #expect(rows.contains("0,1,events,4,20,0,4,20,0,0,0,0,no"))
    #expect(rows.contains { $0.hasPrefix("0,1,queue_final,4,") && $0.hasSuffix(",yes") })
    #expect(outcome.error.contains(#/^\d+ of \d+ figures differ; /#))

    let mixed = try compare(["0", "4", "--against", "5"])
    #expect(mixed.exitCode == 64)
    #expect(
      mixed.error == "analyze: error: the runs before --against have 2 plans, which differ in die; "
        + "give the repetitions of one\n")
    let lonely = try compare(["--against", "5"])
    #expect(lonely.exitCode == 64)
    #expect(lonely.error == "analyze: error: RUN… is missing; see 'analyze --help'\n")
    let excess = try compare(["0", "--against", "5", "--check"])
    #expect(excess.exitCode == 64)
  }
}
