import SystemCalls
import TestSupport
import Testing

/// Standard input belongs to the shell that started the tool; the tool reads it only on request.
@Suite("Commands on standard input", .ownThreads)
struct CommandInputTests {
  private static let rates = ["--rates", "20,30", "--seed", "1", "--duration", "200ms", "--quiet"]

  @Test("A loop over lines makes as many runs as there are lines")
  func loop() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "cd '\(directory.path)'; printf '1\\n2\\n3\\n' | while read -r name; do ",
      ["run"] + Self.rates, rest: " --output \"r$name\"; done")
    #expect(outcome.error == "")
    #expect(outcome.output == "r1\nr2\nr3\n")
  }

  @Test("Only script reads standard input without a request")
  func untouched() throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write("2\nA 1\nB 1\nA B\nB A\n", to: "top")
    let events = try directory.write("snapshot A\n", to: "events")
    let experiment = try directory.write(
      SweepFixture.text("\"options\": {\"rates\": \"20,30\", \"duration\": \"200ms\"}"),
      to: "e.json")
    let cluster = try Cluster(duration: "1s")
    for (tool, words) in [
      (BuiltTool.scalemodel, ["run", "--output", "a"] + Self.rates),
      (.scalemodel, ["run", "--output", "b", "--runtime", "processes"] + Self.rates),
      (.scalemodel, ["run", "--output", "c", "--runtime", "virtual"] + Self.rates),
      (.scalemodel, ["sweep", experiment, "--output", "d"]),
      (.scalemodel, ["replay", topology, events]), (.scalemodel, ["snapshot", "a"]),
      (.scalemodel, ["bank", "a", "balance", "0"]), (.analyze, ["a"]),
      (.scalemodel, ["snapshot", "--cluster", cluster.path]),
    ] as [(BuiltTool, [String])] {
      let outcome = try tool.run(
        afterShell: "cd '\(directory.path)'; (echo one; echo two) | { ", words,
        rest: " >/dev/null 2>&1; cat; }")
      #expect(outcome.output == "one\ntwo\n", "\(words)")
    }
  }

  @Test("--commands - reads them, with a byte-order mark and CRLF too")
  func asked() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--rates", "50,50", "--duration", "60s", "--commands", "-", "--quiet"]
        + ["--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay(machineCount: 2) })
    tool.type("\u{FEFF}snapshot 1\r\nsnapshot\r\n")
    for id in ["1-1", "0-1"] {
      #expect(waitUntil { FileSystem.exists(run.path + "/snapshots/\(id).json") })
    }
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test("Lines that a run has not read when it ends are told of")
  func unread() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "cd '\(directory.path)'; yes '' |", ["run", "--commands", "-"] + Self.rates)
    #expect(
      outcome.error == "scalemodel: warning: the run was over before it had read all lines of "
        + "standard input\n")
  }

  @Test("Commands that the run can never carry out are refused beforehand: 64")
  func refused() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("snapshot\n", to: "commands")
    let calls = [
      (["--commands", "-"], "plain file"), (["--commands", file], "expected -"),
      (["--commands", "-", "--runtime", "virtual"], "--snapshot-at"),
    ]
    for (words, reason) in calls {
      let outcome = try BuiltTool.scalemodel.run(
        afterShell: "cd '\(directory.path)'", ["run", "--output", "new"] + Self.rates + words,
        rest: " < commands")
      #expect(outcome.exitCode == 64 && outcome.error.contains(reason), "\(outcome.error)")
      #expect(!FileSystem.exists(directory.path + "/new"))
    }
  }
}
