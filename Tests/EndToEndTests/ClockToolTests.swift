import SystemCalls
import TestSupport
import Testing

/// `analyze --clocks` and the physical clocks of `run`, as built.
@Suite("Clocks side by side, as built", .ownThreads)
struct ClockToolTests {
  private static func text(_ path: String) throws -> String {
    String(decoding: try FileSystem.contents(path), as: UTF8.self)
  }

  /// The rows of a table, by the name in the second column.
  private static func names(_ table: String) -> [Substring] {
    table.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[1] }
  }

  private static func run(_ words: [String], in directory: TemporaryDirectory) throws {
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--duration", "20s", "--seed", "3", "--quiet"] + words,
      in: directory.path)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
  }

  @Test("A run's clocks are printed, in JSON, and in a file; --max-offset adds one")
  func tables() throws {
    let directory = try TemporaryDirectory()
    try Self.run(["--skew", "5s", "--output", "a"], in: directory)
    let printed = try BuiltTool.analyze.run(["a", "--clocks"], in: directory.path)
    #expect(printed.exitCode == 0 && printed.error.isEmpty)
    #expect(
      Self.names(printed.output) == [
        "vector", "lamport", "matrix", "interval-tree", "plausible-4", "plausible-16", "bloom-16",
        "bloom-64", "bloom-256", "hybrid", "hybrid-vector",
      ])
    let json = try BuiltTool.analyze.run(["a", "--clocks", "--json"], in: directory.path)
    #expect(json.output.contains(#""ordered_concurrent_share""#))
    let written = try BuiltTool.analyze.run(
      ["a", "--clocks", "--max-offset", "500ms", "--output", "t"], in: directory.path)
    #expect(written.output.hasSuffix("t/clocks.csv\n"))
    let rows = try Self.text(directory.path + "/t/clocks.csv").split(separator: "\n")
    #expect(
      rows[0].hasPrefix("run,clock,bytes_mean,bytes_max,pairs,pairs_sampled,concurrent_pairs,"))
    let bounded = try #require(rows.first { $0.hasPrefix("a,hybrid-bounded,") })
    #expect(bounded.contains(/,[1-9]\d*,,,,$/), "It refuses some: \(bounded)")
    let plain = try BuiltTool.analyze.run(["a", "--output", "u"], in: directory.path)
    #expect(!plain.output.contains("clocks.csv"))
  }

  @Test("Skewed clocks have a column of their own, and change nothing else")
  func physicalTime() throws {
    let directory = try TemporaryDirectory()
    try Self.run(["--output", "true"], in: directory)
    try Self.run(["--skew", "50ms", "--output", "skewed"], in: directory)
    for machine in 0..<3 {
      let lines = try ["true", "skewed"].map {
        try Self.text("\(directory.path)/\($0)/machine-\(machine).csv").split(separator: "\n")
      }
      #expect(lines[1][0] == lines[0][0] + ",physical_time_ns")
      var offsets: Set<Int> = []
      for (plain, skewed) in zip(lines[0], lines[1]).dropFirst() {
        #expect(skewed.hasPrefix(plain + ","))
        let fields = skewed.split(separator: ",", omittingEmptySubsequences: false)
        offsets.insert(try #require(Int(fields[7])) - #require(Int(fields[1])))
      }
      #expect(offsets.count == 1 && offsets.allSatisfy { 0...50_000_000 ~= $0 })
    }
    let checked = try BuiltTool.analyze.run(["skewed", "--check"], in: directory.path)
    #expect(checked.exitCode == 0, "\(checked.output)")
  }

  @Test(
    "In wall time journals have the same column, off by what the plan says",
    arguments: ["threads", "processes"])
  func wallTime(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", runtime, "--machines", "2", "--ticks", "20...20", "--duration", "500ms",
        "--seed", "3", "--skew", "50ms", "--clock-ahead", "8h@1", "--quiet", "--output", "a",
      ], in: directory.path)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    for machine in 0..<2 {
      let lines = try Self.text("\(directory.path)/a/machine-\(machine).csv").split(separator: "\n")
      #expect(lines[0].hasSuffix(",physical_time_ns") && lines.count >= 10)
      let offsets = try Set(
        lines.dropFirst().map { line in
          let fields = line.split(separator: ",", omittingEmptySubsequences: false)
          return try #require(Int(fields[7])) - #require(Int(fields[1]))
        })
      let lead = machine == 1 ? 28_800_000_000_000 : 0
      #expect(offsets.count == 1 && offsets.allSatisfy { lead...lead + 50_000_000 ~= $0 })
    }
    let checked = try BuiltTool.analyze.run(["a", "--check"], in: directory.path)
    #expect(checked.exitCode == 0 && checked.output.contains("--clock-ahead 28800s@1"))
    let table = try BuiltTool.analyze.run(
      ["a", "--clocks", "--max-offset", "500ms"], in: directory.path)
    #expect(table.output.contains("hybrid-bounded"))
  }

  @Test("Hybrid clocks are checked where clocks are physical, and a damaged time is found")
  func hybridCheck() throws {
    let directory = try TemporaryDirectory()
    try Self.run(["--output", "plain"], in: directory)
    try Self.run(["--skew", "5s", "--output", "skewed"], in: directory)
    let plain = try BuiltTool.analyze.run(["plain", "--check"], in: directory.path)
    #expect(plain.exitCode == 0 && !plain.output.contains("hybrid"))
    let skewed = try BuiltTool.analyze.run(["skewed", "--check"], in: directory.path)
    #expect(skewed.exitCode == 0 && skewed.output.contains(/hybrid: ok/))
    let journal = "\(directory.path)/skewed/machine-1.csv"
    var lines = try Self.text(journal).split(separator: "\n").map(String.init)
    for damage in ["0", "-1", "", "abc", "9223372036854775807"] {
      var fields = lines[5].split(separator: ",", omittingEmptySubsequences: false)
      fields[fields.count - 1] = Substring(damage)
      lines[5] = fields.joined(separator: ",")
      _ = try directory.write(
        lines.joined(separator: "\n") + "\n", to: "skewed/machine-1.csv")
      let damaged = try BuiltTool.analyze.run(["skewed", "--check"], in: directory.path)
      #expect(damaged.exitCode == 1 && damaged.output.contains(/hybrid: FAILED/), "\(damage)")
      #expect(damaged.output.contains("physical_time_ns"), "\(damaged.output)")
    }
  }

  @Test(
    "Forced checkpoints and ticks caught up after a pause break no promise of hybrid clocks",
    arguments: [
      "--machines 5 --ticks 1...50 --delay 100ms --skew 1ms --checkpoints induced "
        + "--snapshot-every 1s",
      "--rates 5,300 --delay 10ms --sync 1s --pause 2s...6s@1",
    ])
  func hybridPromises(words: String) throws {
    let directory = try TemporaryDirectory()
    try Self.run(
      words.split(separator: " ").map(String.init) + ["--output", "run"], in: directory)
    let check = try BuiltTool.analyze.run(["run", "--check"], in: directory.path)
    #expect(check.exitCode == 0 && check.output.contains("hybrid: ok"), "\(check.output)")
  }

  @Test("Ticks by own clocks are as many as fast and slow clocks have")
  func ownClocks() throws {
    let directory = try TemporaryDirectory()
    try Self.run(
      [
        "--ticks-by", "own-clock", "--clock-drift", "500000ppm", "--ticks", "10...10",
        "--output", "a",
      ], in: directory)
    let counts = try (0..<3).map {
      try Self.text("\(directory.path)/a/machine-\($0).csv").split(separator: "\n").count - 1
    }
    #expect(Set(counts).count > 1 && counts.allSatisfy { 100...300 ~= $0 })
    let checked = try BuiltTool.analyze.run(["a", "--check"], in: directory.path)
    #expect(checked.exitCode == 0, "\(checked.output)")
  }

  @Test("A synchronised snapshot claims its cut where clocks differ by less than the delay")
  func synchronised() throws {
    let directory = try TemporaryDirectory()
    let words = [
      "--ticks", "20...20", "--workload", "bank", "--transfer", "0.5", "--delay", "200ms",
      "--snapshot-algorithm", "synchronised", "--snapshot-every", "2s",
    ]
    try Self.run(words + ["--skew", "100ms", "--output", "near"], in: directory)
    try Self.run(words + ["--skew", "900ms", "--output", "far"], in: directory)
    let near = try BuiltTool.analyze.run(["near", "--check"], in: directory.path)
    #expect(near.exitCode == 0 && near.output.contains(/cut: ok/), "\(near.output)")
    #expect(near.output.contains(/channels: not claimed/))
    let far = try BuiltTool.analyze.run(["far", "--check"], in: directory.path)
    #expect(far.exitCode == 0 && far.output.contains(/cut: not claimed/), "\(far.output)")
    _ = try BuiltTool.analyze.run(["far", "--output", "t"], in: directory.path)
    let table = try Self.text(directory.path + "/t/snapshots.csv")
    #expect(table.contains(",synchronised,") && table.contains(",FAILED,"))
  }

  @Test("What several runs leave out is said once", .long)
  func warnedOnce() throws {
    let directory = try TemporaryDirectory()
    for name in ["a", "b"] {
      try Self.run(
        ["--machines", "31", "--output", "runs/\(name)"], in: directory)
    }
    let outcome = try BuiltTool.analyze.run(["runs", "--clocks"], in: directory.path)
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.split(separator: "\n").count == 1, "\(outcome.error)")
  }

  @Test("Of imported logs hybrid clocks are left out, which is said")
  func imported() throws {
    let directory = try TemporaryDirectory()
    try Self.run(["--output", "a"], in: directory)
    let exported = try BuiltTool.analyze.run(["a", "--export", "shiviz"], in: directory.path)
    try #require(exported.exitCode == 0)
    let outcome = try BuiltTool.analyze.run(
      ["--import", "shiviz", "a/analysis/shiviz.log", "--clocks"], in: directory.path)
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.contains("hybrid clocks are left out"))
    let names = Self.names(outcome.output)
    #expect(names.contains("vector") && !names.contains("hybrid"))
  }

  @Test(
    "What needs something else is refused",
    arguments: [
      ["analyze", "a", "--max-offset", "1s"], ["analyze", "a", "--clocks", "--lattice"],
      ["analyze", "a", "--clocks", "--against", "a"], ["run", "--ticks-by", "own-clock"],
      ["run", "--snapshot-algorithm", "synchronised"], ["run", "--clock-ahead", "8h"],
      ["run", "--clock-ahead", "8h@3"],
      ["run", "--runtime", "virtual", "--ticks-by", "own-clock", "--phases", "random"],
      [
        "run", "--runtime", "virtual", "--snapshot-algorithm", "synchronised",
        "--snapshot-spread", "1s",
      ],
      ["run", "--runtime", "virtual", "--sync", "5"],
      ["run", "--runtime", "virtual", "--clock-drift", "5"],
    ])
  func refused(words: [String]) throws {
    let directory = try TemporaryDirectory()
    let outcome =
      words[0] == "run"
      ? try BuiltTool.scalemodel.run(words, in: directory.path)
      : try BuiltTool.analyze.run(Array(words.dropFirst()), in: directory.path)
    #expect(outcome.exitCode == 64, "\(outcome.error)")
  }
}
