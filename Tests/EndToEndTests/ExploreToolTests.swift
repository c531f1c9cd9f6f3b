import SystemCalls
import TestSupport
import Testing
import TextFormats

/// `scalemodel explore` and `run --schedule`, with the tools as built.
@Suite("Explore by the tool", .ownThreads)
struct ExploreToolTests {
  private static let mutex = ["--workload", "mutex-lamport", "--inside", "1", "--want", "1"]

  private struct Report: Decodable {
    let verdict: String
    let property: String?
    let states_distinct: Int
    let states_generated: Int
    let depth: Int
    let counterexample: String?
    let repeats: Int?
    let states_reduced: Int?
    let states_represented: Int?
    let replay: String?
    let seed: UInt64?
  }

  private static func report(
    _ words: [String], exitCode: Int32
  ) throws -> Report {
    let outcome = try BuiltTool.scalemodel.run(["explore", "--json"] + words)
    #expect(outcome.exitCode == exitCode, "\(outcome.error)")
    return try JSONText.decode(Array(outcome.output.utf8))
  }

  @Test("A whole exploration holds, one with bounds is bounded; threads change nothing")
  func verdicts() throws {
    let ring = try Self.report(["--workload", "token-ring"], exitCode: 0)
    let sample = try Self.report(["--workload", "token-ring", "--draws", "1"], exitCode: 0)
    #expect(sample.verdict == "bounded" && sample.states_distinct == 1)
    #expect(ring.verdict == "holds" && ring.states_distinct == 9 && ring.property == nil)
    let reports = try ["1", "2"].map { threads in
      try Self.report(
        Self.mutex + ["--machines", "2", "--clock-max", "6", "--threads", threads], exitCode: 0)
    }
    for report in reports {
      #expect(report.verdict == "bounded" && report.counterexample == nil)
      #expect(report.states_distinct == reports[0].states_distinct && report.states_distinct > 100)
      #expect(report.states_generated == reports[0].states_generated)
    }
    let deep = try Self.report(
      ["--workload", "bank", "--balance", "3", "--depth", "4"], exitCode: 0)
    #expect(deep.verdict == "bounded" && deep.depth == 4)
    let small = try BuiltTool.scalemodel.run(["explore", "--workload", "bank", "--memory", "2MiB"])
    #expect(small.exitCode == 0 && small.output.contains("the memory is spent; see --memory"))
  }

  @Test("A counterexample is a run that analyze reads, and that its schedule repeats")
  func counterexample() throws {
    let directory = try TemporaryDirectory()
    let (path, again) = (directory.run.path, directory.path + "/again")
    let report = try Self.report(
      Self.mutex + ["--machines", "2", "--order", "none", "--clock-max", "8", "--output", path],
      exitCode: 1)
    #expect(report.verdict == "violated" && report.property == "invariant exclusion")
    #expect(report.counterexample == path)
    let manifest = String(decoding: try FileSystem.contents("\(path)/run.json"), as: UTF8.self)
    #expect(manifest.contains("\"property\" : \"invariant exclusion\""))
    let question = try BuiltTool.analyze.run(
      [path, "--possibly", "count(phase == inside) > 1"])
    #expect(question.exitCode == 0, "\(question.output)\(question.error)")
    let check = try BuiltTool.analyze.run([path, "--check"])
    #expect(check.output.contains("clock: ok") && check.output.contains("manifest: ok"))

    let plan = ["--machines", "2", "--order", "none", "--runtime", "virtual", "--quiet"]
    let repeated = try BuiltTool.scalemodel.run(
      ["run"] + Self.mutex + plan + ["--schedule", "\(path)/schedule.txt", "--output", again])
    #expect(repeated.exitCode == 0, "\(repeated.error)")
    for name in ["machine-0.csv", "machine-1.csv"] {
      #expect(
        try FileSystem.contents("\(path)/\(name)") == FileSystem.contents("\(again)/\(name)"))
    }
    let repeatedAgain = try BuiltTool.scalemodel.run(
      ["run", "--again", path, "--quiet", "--output", again, "--force"])
    #expect(repeatedAgain.exitCode == 0, "\(repeatedAgain.error)")
    for name in ["machine-0.csv", "machine-1.csv"] {
      #expect(
        try FileSystem.contents("\(path)/\(name)") == FileSystem.contents("\(again)/\(name)"))
    }
    let twice = try BuiltTool.scalemodel.run(["run", "--again", path, "--check-determinism"])
    #expect(twice.exitCode == 64 && twice.error.contains("does not go with --again"))
    let call = try #require(report.replay).split(separator: " ").map(String.init)
    #expect(call.prefix(3) == ["scalemodel", "run", "--runtime=virtual"])
    let replayed = try BuiltTool.scalemodel.run(
      call.dropFirst() + ["--quiet", "--output", directory.path + "/replayed"])
    #expect(replayed.exitCode == 0, "\(replayed.error)")

    // With other options, another workload, or one that does something else, it is refused.
    let other = try directory.write(
      String(decoding: try FileSystem.contents("\(path)/schedule.txt"), as: UTF8.self)
        .split(separator: "\n").filter { !$0.hasPrefix("plan ") }.joined(separator: "\n"),
      to: "plain.txt")
    let rows: [(words: [String], text: String)] = [
      (Self.mutex + ["--schedule", "\(path)/schedule.txt"], "'order = none', and this plan has"),
      (
        ["--workload", "mutex-lamport", "--want", "1", "--order", "none", "--schedule"]
          + ["\(path)/schedule.txt"], "'inside = 1', and this plan has 'inside = 3'"
      ),
      (
        ["--workload", "mutex-ricart-agrawala"] + Self.mutex.dropFirst(2)
          + ["--order", "none", "--schedule", other], "does something else than the schedule says"
      ),
    ]
    for (words, text) in rows {
      let refused = try BuiltTool.scalemodel.run(
        ["run", "--machines", "2", "--runtime", "virtual", "--output", directory.path + "/other"]
          + ["--force"] + words)
      #expect(refused.exitCode == 65 && refused.error.contains(text), "\(refused.error)")
    }
    let explored = try BuiltTool.scalemodel.run(
      ["explore", "--schedule", "\(path)/schedule.txt"] + Self.mutex)
    #expect(explored.exitCode == 65 && explored.error.contains("'machines = 2', and this plan"))
  }

  @Test("Where machines are alike, fewer states stand for all")
  func alike() throws {
    let words = ["--workload", "echo", "--topology", "star", "--machines", "4"]
    let (whole, reduced) = try (
      Self.report(words, exitCode: 0), Self.report(words + ["--reduce"], exitCode: 0)
    )
    #expect(whole.verdict == reduced.verdict && whole.states_represented == nil)
    #expect(reduced.states_distinct * 2 < whole.states_distinct)
    let ring = try Self.report(["--workload", "token-ring", "--reduce"], exitCode: 0)
    #expect(ring.states_distinct == 3 && ring.states_represented == 9)
  }

  @Test("A snapshot without FIFO channels goes wrong after four actions")
  func snapshot() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run([
      "explore", "--machines", "2", "--order", "none", "--snapshots", "1", "--events-per-machine",
      "2", "--output", directory.run.path,
    ])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("violated: invariant snapshot\n"))
    let lines = outcome.output.split(separator: "\n").prefix { $0.hasPrefix("  ") }
    #expect(lines.count == 4 && lines.last?.hasPrefix("  deliver 1 0 -- ") == true)
  }

  @Test("Other snapshot algorithms: a naive one fails, and its schedule is repeated")
  func algorithms() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let words = ["--machines", "2", "--order", "none", "--snapshot-algorithm"]
    let bounds = ["--snapshots", "1", "--events-per-machine", "2"]
    let naive = try Self.report(words + ["naive", "--output", path] + bounds, exitCode: 1)
    #expect(naive.property == "invariant snapshot")
    let repeated = try BuiltTool.scalemodel.run(
      ["run"] + words + [
        "naive", "--runtime", "virtual", "--quiet", "--schedule", "\(path)/schedule.txt",
        "--output", directory.path + "/again",
      ])
    #expect(repeated.exitCode == 0, "\(repeated.error)")
    #expect(
      try FileSystem.contents("\(path)/machine-1.csv")
        == FileSystem.contents(directory.path + "/again/machine-1.csv"))
    for algorithm in LongTests.first(1, of: ["lai-yang", "mattern"]) {
      let right = try Self.report(words + [algorithm] + bounds, exitCode: 0)
      #expect(right.verdict == "bounded" && right.states_distinct > 1000)
    }
  }

  @Test(
    "Crashes, losses and a machine that waits for ever",
    arguments: [
      (["--workload", "token-ring", "--losses", "1"], "invariant one-token"),
      (["--workload", "token-ring", "--losses", "1", "--check", "deadlock"], "deadlock"),
      (["--workload", "echo", "--losses", "1"], "deadlock"),
      (["--workload", "echo", "--crashes", "1"], "deadlock"),
      (
        ["--workload", "bank", "--balance", "2", "--machines", "2", "--check", "balance(0) < 4"],
        "invariant balance(0) < 4"
      ),
    ] as [(words: [String], property: String)])
  func faults(row: (words: [String], property: String)) throws {
    let directory = try TemporaryDirectory()
    let report = try Self.report(row.words + ["--output", directory.run.path], exitCode: 1)
    #expect(report.property == row.property)
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)\(check.error)")
  }

  @Test("Where a condition reads clocks, they tell states apart")
  func clocks() throws {
    let directory = try TemporaryDirectory()
    let machines = ["--workload", "token-ring", "--machines", "2"]
    let checked = try Self.report(
      machines + ["--check", "clock(0) < 6", "--output", directory.run.path], exitCode: 1)
    #expect(checked.property == "invariant clock(0) < 6")
    let reached = try Self.report(
      machines + ["--clock-max", "6", "--eventually", "clock(0) > 3"], exitCode: 0)
    #expect(reached.property == nil)
  }

  @Test(
    "Options without a meaning together are refused",
    arguments: [
      ["--schedule", "-", "--depth", "3"], ["--random", "--depth", "200000"],
      ["--random", "--check-equality"], ["--eventually", "clock(0) > 1", "--check", "deadlock"],
      ["--snapshots", "1", "--snapshot-algorithm", "synchronised"],
    ])
  func refused(words: [String]) throws {
    let directory = try TemporaryDirectory()
    let schedule = try directory.write("tick 0\n", to: "schedule.txt")
    let outcome = try BuiltTool.scalemodel.run(
      ["explore"] + words.map { $0 == "-" ? schedule : $0 }, in: directory.path)
    #expect(outcome.exitCode == 64 && outcome.output.isEmpty, "\(outcome.error)")
  }

  @Test("A random schedule made small is a run, and is checked again as a schedule")
  func random() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let words = ["--machines", "2", "--order", "none", "--snapshots", "1", "--draws", "2"]
    let report = try Self.report(
      words + ["--random", "--seeds", "200", "--shrink", "--output", path], exitCode: 1)
    #expect(report.property == "invariant snapshot" && report.seed != nil)
    let schedule = "\(path)/schedule.txt"
    let lines = String(decoding: try FileSystem.contents(schedule), as: UTF8.self)
      .split(separator: "\n").filter { !$0.hasPrefix("plan ") && !$0.hasPrefix("draws ") }
    #expect(lines.count <= 7, "\(lines)")
    let again = try Self.report(
      words.dropLast(4) + ["--schedule", schedule, "--output", directory.path + "/again"],
      exitCode: 1)
    #expect(again.property == report.property && again.depth == lines.count + 1)
    let right = try Self.report(
      ["--workload", "token-ring", "--random", "--seeds", LongTests.areOn ? "50" : "5"],
      exitCode: 0)
    #expect(right.verdict == "bounded" && right.depth == 1001 && right.states_distinct <= 9)
  }

  @Test("A reduced exploration has the verdict of the whole one, and tells what it saved")
  func reduced() throws {
    let directory = try TemporaryDirectory()
    for order in ["fifo", "none"] {
      let words =
        Self.mutex + [
          "--machines", "2", "--clock-max", "7", "--order", order, "--force", "--output",
          directory.run.path,
        ]
      let isBroken = order == "none"
      let (whole, reduced) = try (
        Self.report(words, exitCode: isBroken ? 1 : 0),
        Self.report(words + ["--reduce"], exitCode: isBroken ? 1 : 0)
      )
      #expect(whole.verdict == reduced.verdict && whole.property == reduced.property)
      #expect(whole.states_reduced == nil && (reduced.states_reduced ?? 0) > 100)
      #expect(reduced.states_distinct < whole.states_distinct)
    }
  }

  @Test("What a fair run never reaches is shown as a way and a loop")
  func eventually() throws {
    let directory = try TemporaryDirectory()
    let words = ["--workload", "echo", "--eventually", "finished"]
    #expect(try Self.report(words, exitCode: 0).verdict == "holds")
    let lost = try Self.report(
      words + ["--losses", "1", "--output", directory.run.path], exitCode: 1)
    #expect(lost.property == "liveness finished" && lost.repeats == 3)
  }

  @Test(
    "A program in Python has the states of the workload in Swift",
    arguments: LongTests.first(1, of: [["--losses", "1"], [], ["--order", "none"]]))
  func samePrograms(words: [String]) throws {
    let mutex = "python3 \(Repository.path)/experiments/programs/mutex.py"
    let shared =
      ["--machines", "2", "--events-per-machine", "3", "--want", "0.5", "--inside", "1"]
      + ["--check", "exclusion"] + words
    let swift = try Self.report(["--workload", "mutex-ricart-agrawala"] + shared, exitCode: 0)
    let python = try Self.report(
      ["--workload", "program", "--program", mutex, "--program-timeout", "60s"] + shared,
      exitCode: 0)
    #expect(python.states_distinct == swift.states_distinct && python.states_distinct > 500)
    #expect(python.verdict == swift.verdict && python.depth == swift.depth)
  }

  @Test(
    "A program that does not restore is told by what it was asked; one that fails is shown", .long)
  func programs() throws {
    let directory = try TemporaryDirectory()
    let words =
      ["--workload", "program", "--program-timeout", "60s", "--machines", "2"]
      + ["--events-per-machine", "2"]
    let counter = "sh \(Repository.path)/experiments/programs/counter.sh"
    let whole = try BuiltTool.scalemodel.run(["explore", "--program", counter] + words)
    #expect(whole.exitCode == 0 && whole.output.contains("told apart by all that a program was"))
    let threads = try ["1", "2"].map {
      try Self.report(words + ["--program", counter, "--threads", $0], exitCode: 0)
    }
    #expect(threads[0].states_distinct == threads[1].states_distinct)
    #expect(threads[0].states_generated == threads[1].states_generated)
    let rows = [
      ("read -r q; echo '{}'; read -r q; echo '{}'; exit 3", "ended with exit code 3 after 2"),
      ("while read -r q; do echo '{\"state\":{\"pid\":'$$'}}'; done", "is another answer to"),
    ]
    for (script, text) in rows {
      let program = try directory.write(script, to: "program.sh")
      let report = try Self.report(
        words + ["--program", "sh '\(program)'", "--output", directory.run.path, "--force"],
        exitCode: 1)
      #expect(report.property?.hasPrefix("failure of machine 0: ") ?? false)
      #expect(report.property?.contains(text) ?? false, "\(report.property ?? "none")")
      #expect(report.counterexample == directory.run.path)
    }
  }

  @Test("A schedule whose messages carry any text is carried out again")
  func texts() throws {
    let directory = try TemporaryDirectory()
    let program = try directory.write(
      """
      while read -r question; do
        case $question in
          *begin*) echo '{"messages":{"text":"text"}}' ;;
          *'"tick":1,'*)
            printf '%s\\n' '{"instructions":[{"send":{"text":"a#b\\nc"},"to":"all"}]}' ;;
          *'"tick":2,'*) exit 3 ;;
          *) echo '{}' ;;
        esac
      done
      """, to: "program.sh")
    let words =
      ["--workload", "program", "--program", "sh '\(program)'", "--program-timeout", "60s"]
      + ["--machines", "2", "--events-per-machine", "2"]
    let found = try Self.report(words + ["--output", directory.run.path], exitCode: 1)
    let schedule = "\(directory.run.path)/schedule.txt"
    let text = String(decoding: try FileSystem.contents(schedule), as: UTF8.self)
    #expect(text.contains("sends text a\\u{23}b\\u{a}c to all"), "\(text)")
    let again = try Self.report(
      words + ["--schedule", schedule, "--output", directory.path + "/again"], exitCode: 1)
    #expect(again.property == found.property)
  }

  @Test("What cannot be explored, and what is no schedule")
  func refusals() throws {
    let directory = try TemporaryDirectory()
    let bad = try directory.write("tick 0\nsleep 1\n", to: "bad.txt")
    let impossible = try directory.write("deliver 0 1\n", to: "impossible.txt")
    let run = ["run", "--runtime", "virtual", "--output", directory.run.path, "--schedule"]
    let rows: [(words: [String], exitCode: Int32, text: String)] = [
      (["explore", "--memory", "512"], 64, "a size with a unit"),
      (["explore", "--workload", "program", "--program", "cat"], 65, "the key 'do' means"),
      (
        ["explore", "--snapshot-algorithm", "synchronised"], 64, "does not have; take naive"
      ),
      (["explore", "--workload", "program", "--eventually", "finished"], 64, "see --check"),
      (["explore", "--reduce", "--snapshots", "1"], 64, "--reduce does not go with --snapshots"),
      (
        ["explore", "--workload", "token-ring", "--reduce", "--check", "queue(0) < 5"], 64,
        "choose others with --check"
      ),
      (
        ["explore", "--workload", "token-ring", "--check", "clock(0) * 4611686018427387904 >= 0"],
        65, "has no value after 2 actions: the result of * does not fit"
      ),
      (
        ["explore", "--workload", "token-ring", "--eventually", "clock(0) * \(Int64.max) < 0"], 65,
        "has no value in some state: the result of * does not fit"
      ),
      (["explore", "--workload", "bank", "--check", "deadlock"], 64, "does not say what waits"),
      (["explore", "--snapshot-algorithm", "lai-yang"], 64, "needs --snapshots"),
      (["explore", "--seeds", "5"], 64, "--seeds needs --random"),
      (["explore", "--shrink"], 64, "--shrink needs --random or --schedule"),
      (["explore", "--eventually", "clock >"], 64, "--eventually: "),
      (["explore", "--schedule", impossible], 65, "line 1: 'deliver 0 1' is not possible"),
      (run + [bad], 65, "line 2: 'sleep 1'"),
      (run + [bad, "--delay", "1s"], 64, "--delay does not go with --schedule"),
      (run + [bad, "--marker-handling", "tick"], 64, "--marker-handling does not go with"),
      (run + [bad, "--verbose"], 64, "--verbose does not go with --schedule"),
      (run + [impossible], 65, "line 1: 'deliver 0 1' is not possible"),
    ]
    for (words, exitCode, text) in rows {
      let outcome = try BuiltTool.scalemodel.run(words)
      #expect(outcome.exitCode == exitCode && outcome.error.contains(text), "\(outcome.error)")
    }
  }
}
