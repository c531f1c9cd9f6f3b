import SystemCalls
import TestSupport
import Testing

/// `analyze --export` as built: its files, their places, and what it refuses.
@Suite("analyze --export as built", .ownThreads)
struct ExportTests {
  private let directory: TemporaryDirectory

  /// Two runs, one with a name that needs escaping in markup, shells and file formats.
  private static let names = ["runs/it's \"a\" <script>", "runs/b"]

  init() throws {
    directory = try TemporaryDirectory()
    for (seed, name) in Self.names.enumerated() {
      let outcome = try BuiltTool.scalemodel.run(
        [
          "run", "--runtime", "virtual", "--rates", "1,3,6", "--duration", "10s", "--seed",
          "\(seed)", "--snapshot-every", "4s", "--delay", "200ms", "--output", name, "--quiet",
        ], in: directory.path)
      try #require(outcome.exitCode == 0)
    }
  }

  private func analyze(_ words: [String]) throws -> ToolProcess.Outcome {
    try BuiltTool.analyze.run(words, in: directory.path)
  }

  private func text(_ name: String) throws -> String {
    String(decoding: try FileSystem.contents("\(directory.path)/\(name)"), as: UTF8.self)
  }

  @Test("A run's exports go into its folder analysis, without any other output")
  func intoTheRun() throws {
    let outcome = try analyze([
      "runs/b", "--export", "perfetto", "--export=shiviz", "--export", "dot", "--export", "dot",
    ])
    #expect(outcome.exitCode == 0 && outcome.error.isEmpty)
    #expect(
      outcome.output == "runs/b/analysis/shiviz.log\nruns/b/analysis/trace.json\n"
        + "runs/b/analysis/diagram.dot\n")
    #expect(
      try FileSystem.entries(directory.path + "/runs/b/analysis")
        == ["diagram.dot", "shiviz.log", "trace.json"])
    #expect(try text("runs/b/analysis/trace.json").hasSuffix("\n]}\n"))
  }

  @Test("What TLC needs stands in one folder; snapshots without markers are refused")
  func module() throws {
    let outcome = try analyze(["runs/b", "--export", "tla"])
    #expect(outcome.exitCode == 0 && outcome.error.isEmpty)
    #expect(
      try FileSystem.entries(directory.path + "/runs/b/analysis")
        == ["ChandyLamport.tla", "RecordedRun.tla", "Run.cfg", "Run.tla"])
    // Before a snapshot is complete there is none, though its file is there.
    let early = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--rates", "1,3", "--duration", "5s", "--seed", "1",
        "--snapshot-at", "4s", "--output", "late", "--quiet",
      ], in: directory.path)
    try #require(early.exitCode == 0)
    for (end, hasSnapshot) in [("3s", false), ("5s", true)] {
      #expect(try analyze(["late", "--export", "tla", "--to", end]).exitCode == 0)
      let isNone = try text("late/analysis/Run.tla").contains("TheSnapshot == <<>>")
      #expect(isNone != hasSnapshot)
    }
    let made = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--rates", "1,3", "--duration", "5s", "--seed", "1",
        "--snapshot-algorithm", "lai-yang", "--output", "coloured", "--quiet",
      ], in: directory.path)
    try #require(made.exitCode == 0)
    let refused = try analyze(["coloured", "--export", "tla"])
    #expect(refused.exitCode == 64)
    #expect(
      refused.error
        == "analyze: error: --export tla is about reliable FIFO channels and markers handled on "
        + "arrival; leave out --snapshot-algorithm lai-yang\n")
  }

  @Test("Several runs go into one file, which needs a given directory")
  func severalRuns() throws {
    let refused = try analyze(["runs", "--export", "shiviz"])
    #expect(refused.exitCode == 64)
    #expect(
      refused.error
        == "analyze: error: --export writes 2 runs into one file; say where with --output DIR\n")
    let outcome = try analyze(["runs", "--export", "shiviz", "--output", "out"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.hasSuffix("\nout/shiviz.log\n"))
    let log = try text("out/shiviz.log")
    #expect(log.contains("\n=== b ===\n"))
    #expect(log.contains("\n=== it's \"a\" ‹script› ===\n"))
  }

  @Test("Every receipt has its send, also of messages that arrive twice")
  func doubled() throws {
    let run = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--rates", "5,5,5", "--duplicate", "0.5", "--seed", "1"]
        + ["--duration", "10s", "--quiet", "--output", "doubled"], in: directory.path)
    #expect(run.exitCode == 0)
    #expect(try analyze(["doubled", "--export", "dot", "--output", "out"]).exitCode == 0)
    let receipts = try (0..<3).map { try text("doubled/machine-\($0).csv") }.joined()
      .matches(of: /,receive,/).count
    #expect(receipts > 40)
    #expect(try text("out/diagram.dot").matches(of: /color="#0072b2"/).count == receipts)
  }

  @Test("A window has the events from its start up to, not at, its end")
  func window() throws {
    let outcome = try analyze([
      "runs/b", "--export", "shiviz", "--from", "2s", "--to", "3500ms", "--output", "out",
    ])
    #expect(outcome.exitCode == 0)
    let times = try text("out/shiviz.log").matches(of: /(?m)^(\d+) \w+ lamport/).compactMap {
      Int64($0.1)
    }
    #expect(times.min() == 2_000_000_000)
    #expect(times.max() == 3_333_333_333)
  }

  @Test(
    "What cannot be is refused in one line, and leaves no file",
    arguments: [
      (
        ["--export", "svg"],
        "--export: 'svg' is not possible; expected shiviz, perfetto, dot or tla"
      ),
      (
        ["--export", "dot", "--from", "5"],
        "--from: '5' is not possible; expected a time such as 20s or 1500ms"
      ),
      (
        ["--export", "dot", "--from", "5s", "--to", "2s"],
        "--to: '2s' is not possible; expected a time after --from, which is 5s"
      ),
    ])
  func refused(words: [String], message: String) throws {
    let outcome = try analyze(["runs/b"] + words)
    #expect(outcome.exitCode == 64)
    #expect(outcome.error == "analyze: error: \(message)\n")
    #expect(!FileSystem.exists(directory.path + "/runs/b/analysis"))
  }

  @Test("A graph of too many events is refused, and leaves no incomplete file")
  func tooManyEvents() throws {
    let made = try BuiltTool.scalemodel.run(
      [
        "run", "--runtime", "virtual", "--rates", "100,100", "--duration", "10s", "--seed", "1",
        "--output", "long", "--quiet",
      ], in: directory.path)
    try #require(made.exitCode == 0)
    let outcome = try analyze(["long", "--export", "dot"])
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.error
        == "analyze: error: dot draws at most 1000 events; choose fewer with --from and --to\n")
    #expect(try FileSystem.entries(directory.path + "/long/analysis").isEmpty)
  }
}
