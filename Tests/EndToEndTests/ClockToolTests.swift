import SystemCalls
import Testing

/// `analyze --clocks` and the physical clocks of `run`, as built.
@Suite("Clocks side by side, as built")
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
    #expect(bounded.contains(/,[1-9]\d*,,$/), "It refuses some: \(bounded)")
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
      ["analyze", "a", "--clocks", "--against", "a"], ["run", "--skew", "5ms"],
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
