import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// `run --checkpoints` and `analyze --recovery-line`, as built.
@Suite("Checkpoints and recovery lines", .ownThreads)
struct RecoveryToolTests {
  private static let run = [
    "run", "--runtime", "virtual", "--rates", "20,20", "--duration", "40s", "--seed", "4",
    "--snapshot-every", "4s", "--quiet",
  ]

  /// What `--json` prints.
  private struct Report: Decodable {
    struct Row: Decodable {
      var checkpoint: String?
      var time: Double?
      var rollback: Double
      var undone: Int

      enum CodingKeys: String, CodingKey {
        case checkpoint
        case time = "time_s"
        case rollback = "rollback_s"
        case undone = "events_undone"
      }
    }
    var crash: Double
    var rollback: Double
    var steps: Int
    var machines: [Row]

    enum CodingKeys: String, CodingKey {
      case steps, machines
      case crash = "crash_s"
      case rollback = "rollback_s"
    }
  }

  private func report(_ words: [String], in directory: TemporaryDirectory) throws -> Report {
    let outcome = try BuiltTool.analyze.run(
      ["--recovery-line", "--json"] + words, in: directory.path)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let reports = try JSONDecoder().decode([Report].self, from: Data(outcome.output.utf8))
    return try #require(reports.first)
  }

  @Test("Independent checkpoints fall like dominoes, induced and coordinated ones do not")
  func kinds() throws {
    let directory = try TemporaryDirectory()
    for kind in ["coordinated", "independent", "induced"] {
      let outcome = try BuiltTool.scalemodel.run(
        Self.run + ["--checkpoints", kind, "--output", kind], in: directory.path)
      #expect(outcome.exitCode == 0 && outcome.error == "")
      let check = try BuiltTool.analyze.run([kind, "--check"], in: directory.path)
      #expect(check.exitCode == 0, "\(check.output)")
      let manifest = String(
        decoding: try FileSystem.contents(directory.path + "/\(kind)/run.json"), as: UTF8.self)
      #expect(manifest.contains("\"checkpoints\" : \"\(kind)\"") == (kind != "coordinated"))
    }
    let independent = try report(["independent", "--crash", "39s"], in: directory)
    // Some message crosses every half interval.
    #expect(independent.machines.map(\.checkpoint) == [nil, nil])
    #expect(independent.machines.map(\.time) == [0, 0])
    #expect(independent.rollback == 39 && independent.steps > 10)
    #expect(independent.machines.map(\.undone) == [780, 780])
    for kind in ["coordinated", "induced"] {
      let report = try report([kind, "--crash", "39s"], in: directory)
      #expect(report.rollback < 5 && report.steps <= 3)
    }
    let alone = try report(["induced", "--crash", "39s@1"], in: directory)
    #expect(alone.rollback > 0 && alone.crash == 39)
  }

  @Test("The line goes to the terminal as CSV, and with --output into a table and a picture")
  func output() throws {
    let directory = try TemporaryDirectory()
    _ = try BuiltTool.scalemodel.run(
      Self.run + ["--checkpoints", "independent", "--output", "a"], in: directory.path)
    let printed = try BuiltTool.analyze.run(["a", "--recovery-line"], in: directory.path)
    #expect(
      printed.output == """
        run,machine,crash_s,checkpoints,checkpoint,time_s,rollback_s,checkpoints_undone,events_undone
        a,0,40,9,,0,40,9,800
        a,1,40,10,,0,40,10,800

        """)
    let outcome = try BuiltTool.analyze.run(
      ["a", "--recovery-line", "--crash", "20s", "--output", "t"], in: directory.path)
    #expect(outcome.output == "t/recovery-line.csv\nt/recovery-line.svg\n")
    let table = try FileSystem.contents(directory.path + "/t/recovery-line.csv")
    #expect(String(decoding: table, as: UTF8.self).contains("\na,1,20,5,,0,20,5,400\n"))
    let picture = String(
      decoding: try FileSystem.contents(directory.path + "/t/recovery-line.svg"), as: UTF8.self)
    #expect(picture.contains("all machines crashed at"))
    #expect(picture.components(separatedBy: "class=\"snapshot\"").count - 1 == 9 + 1)
    #expect(picture.contains("class=\"undone\"") && picture.contains("class=\"cut\""))
  }

  @Test(
    "What is impossible is refused, with the remedy",
    arguments: [
      (["--runtime", "threads", "--checkpoints", "independent"], "add --runtime virtual"),
      (["--checkpoints", "induced", "--snapshot-algorithm", "naive"], "leave one of them out"),
      (["--runtime", "threads", "--snapshot-cost", "1s"], "add --runtime virtual"),
      (["--snapshot-cost", "1s", "--pause", "1s...2s@0"], "leave one of them out"),
      (["--snapshot-cost", "1"], "such as 500ms"),
      (["--checkpoints", "alone"], "coordinated, independent or induced"),
    ])
  func refused(words: [String], text: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--snapshot-every", "1s", "--output", "a"]
        + (words.contains("threads") ? [] : ["--runtime", "virtual"]) + words, in: directory.path)
    #expect(outcome.exitCode == 64)
    #expect(outcome.error.contains(text), "\(outcome.error)")
    let untimed = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--checkpoints", "induced", "--output", "a"],
      in: directory.path)
    #expect(untimed.exitCode == 64 && untimed.error.contains("add --snapshot-every TIME"))
  }

  @Test("What recording costs is in the plan, and its ticks are missed, not caught up on")
  func cost() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.run + ["--snapshot-cost", "1s", "--output", "a"], in: directory.path)
    #expect(outcome.exitCode == 0 && outcome.error == "")
    let run = FinishedRun(path: directory.path + "/a")
    // Nine snapshots of a second each.
    #expect(try run.manifest.machines.map(\.ticks) == [620, 620])
    let check = try BuiltTool.analyze.run(["a", "--check"], in: directory.path)
    #expect(check.exitCode == 0, "\(check.output)")
    let manifest = String(
      decoding: try FileSystem.contents(run.path + "/run.json"), as: UTF8.self)
    #expect(manifest.contains("\"snapshot_cost\" : \"1s\""))
    let gone = try BuiltTool.scalemodel.run(
      ["run", "--from", "a/snapshots/0-1.json", "--output", "b"], in: directory.path)
    #expect(gone.exitCode == 64 || gone.exitCode == 65)
    #expect(gone.error.contains("run without --snapshot-cost"), "\(gone.error)")
  }

  @Test(
    "A line is refused with other questions, and of a crash that the run cannot have",
    arguments: [
      (["--crash", "3s"], "add that"), (["--recovery-line", "--check"], "a call each"),
      (["--recovery-line", "--crash", "41s"], "take an earlier time"),
      (["--recovery-line", "--crash", "4s@2"], "take one from 0 to 1"),
      (["--recovery-line", "--crash", "4"], "a time and, perhaps, a machine's id"),
    ])
  func refusedLine(words: [String], text: String) throws {
    let directory = try TemporaryDirectory()
    _ = try BuiltTool.scalemodel.run(Self.run + ["--output", "a"], in: directory.path)
    let outcome = try BuiltTool.analyze.run(["a"] + words, in: directory.path)
    #expect(outcome.exitCode == 64)
    #expect(outcome.error.contains(text), "\(outcome.error)")
  }
}
