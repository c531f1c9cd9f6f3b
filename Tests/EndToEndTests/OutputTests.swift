import FoundationEssentials
import SystemCalls
import TestSupport
import Testing
import TextFormats

/// The output of a run.
@Suite("What a run prints", .ownThreads)
struct OutputTests {
  /// Too short for any tick: the output is the same every time.
  private static let noTick = ["run", "--rates", "1,3,6", "--duration", "100ms", "--seed", "7"]

  @Test("A table with a row for each machine, and the plan in one line")
  func table() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let outcome = try BuiltTool.scalemodel.run(Self.noTick + ["--output", path])
    #expect(
      outcome.output == """
        \(path)

        machine  rate/s  ticks  internal  sends  receives  clock  queue
              0       1      0         0      0         0      0      0
              1       3      0         0      0         0      0      0
              2       6      0         0      0         0      0      0

        finished · 100ms · threads · seed 7 · die 10 · all linked

        """)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("Of many machines the first twenty, and how to see the others")
  func longTable() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--machines", "22", "--topology", "ring", "--duration", "50ms", "--output",
      directory.run.path,
    ])
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == 24)
    #expect(lines.dropFirst(22).first == "… and 2 machines more: analyze \(directory.run.path)")
    #expect(outcome.exitCode == 0)
    let unwritten = try BuiltTool.scalemodel.run([
      "run", "--machines", "21", "--topology", "ring", "--duration", "50ms", "--output",
      directory.run.path, "--force", "--journal", "off",
    ])
    #expect(unwritten.output.contains("\n… and 1 machine more: \(directory.run.path)/run.json\n"))
    #expect(!unwritten.output.contains("analyze"))
  }

  @Test(
    "--verbose tells every event of chatter: time, deed, clock and queue", .long,
    arguments: ["threads", "processes", "virtual"])
  func verbose(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--rates", "20,30,40", "--duration", "1s", "--seed", "2",
      "--die", "4", "--verbose", "--output", run.path,
    ])
    #expect(outcome.exitCode == 0)
    let told = try outcome.error.split(separator: "\n").map { line in
      try #require(
        line.wholeMatch(
          of: #/[0-9]+\.[0-9]{3}s machine ([0-2]) (.+): clock ([0-9]+), queue ([0-9]+)/#),
        "\(line)")
    }
    for machine in 0..<3 {
      let lines = told.filter { $0.1 == "\(machine)" }
      let events = try run.journal(machine).lines
      #expect(lines.map { Int($0.3) } == events.map(\.clock))
      #expect(lines.map { Int($0.4) } == events.map(\.queueLength))
      for (line, event) in zip(lines, events) {
        let deed =
          switch event.event {
          case "send": event.peer == "*" ? "sent to all" : "sent to machine \(event.peer)"
          case "receive": "received \(event.messageWord) from machine \(event.peer)"
          default: "did something internal"
          }
        #expect(line.2 == deed)
      }
    }
  }

  @Test("--quiet prints the run directory only")
  func quiet() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.noTick + ["--quiet", "--output", directory.run.path])
    #expect(outcome.output == "\(directory.run.path)\n")
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("--json prints the manifest's fields and the run directory")
  func json() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.noTick + ["--json", "--output", directory.run.path])
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    let printed = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    #expect(printed.run == directory.run.path)
    #expect(
      Set(printed.keys).isSuperset(of: [
        "duration_ns", "host", "journal", "machines", "plan", "runtime", "schema", "seed",
        "snapshots", "start_time_ns", "status", "version",
      ]))
    #expect(printed.manifest.status == "finished")
    #expect(printed.manifest.plan.rates == [1, 3, 6])
    let kept = try directory.run.manifest
    #expect(printed.manifest.startTime == kept.startTime)
    #expect(printed.manifest.machines.map(\.rateHz) == kept.machines.map(\.rateHz))
  }

  @Test("Without a terminal there are no escape codes and no bar, whatever happens")
  func noEscapes() throws {
    let directory = try TemporaryDirectory()
    for words in [["--help"], ["run", "--help"], ["run", "--rates", "0"], Self.noTick] {
      let outcome = try BuiltTool.scalemodel.run(words, in: directory.path)
      #expect(!(outcome.output + outcome.error).contains { "\u{1B}\r█░".contains($0) })
    }
  }

  @Test(
    "On a terminal there is a bar, with NO_COLOR one without escape codes",
    .enabled(if: FileSystem.exists("/usr/bin/script")), arguments: [false, true])
  func bar(isPlain: Bool) throws {
    let directory = try TemporaryDirectory()
    let variable = isPlain ? "NO_COLOR=1" : "NO_COLOR="
    let call = """
      export \(variable) TERM=xterm
      exec script -qec "'\(BuiltTool.scalemodel.path)' run --duration 500ms \
      --output \(directory.run.path)" /dev/null </dev/null
      """
    let outcome = try ToolProcess("/bin/bash", ["--norc", "-c", call]).finish(
      seconds: deadlineSeconds)
    #expect(outcome.output.contains("░"))
    #expect(outcome.output.contains("0s of 500ms"))
    #expect(outcome.output.contains("\u{1B}[") == !isPlain)
    #expect(outcome.exitCode == 0)
  }

  @Test("A closed standard output does not change the run")
  func closedOutput() throws {
    let directory = try TemporaryDirectory()
    let tool = try BuiltTool.scalemodel.start(Self.noTick + ["--output", directory.run.path])
    tool.closeOutput()
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    #expect(try directory.run.manifest.status == "finished")
  }

  @Test("A reader that stops early gets its line")
  func head() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "set -o pipefail", Self.noTick + ["--output", directory.run.path],
      rest: " | head -1")
    #expect(outcome.output == "\(directory.run.path)\n")
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("A failed write to the output is reported, and the run is kept", arguments: ["/dev/full"])
  func fullOutput(path: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "", Self.noTick + ["--output", directory.run.path], rest: " > \(path)")
    #expect(
      outcome.error == "scalemodel: error: cannot write to standard output: "
        + "No space left on device; make room or redirect it\n")
    #expect(outcome.exitCode == 74)
    #expect(try directory.run.manifest.status == "finished")
  }

  @Test("Standard streams that the caller closed are not reused for the run's files")
  func closedStreams() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "exec <&- >&- 2>&-",
      ["run", "--runtime", "processes", "--rates", "9,9", "--duration", "300ms"]
        + ["--output", directory.run.path])
    #expect(outcome.exitCode == 74, "the result could not be said")
    #expect(try directory.run.manifest.status == "finished")
    #expect(JournalRules(journals: try directory.run.journals()).breaches == [])
  }

  /// What `--json` prints: its keys, and the manifest among them.
  private struct Report: Decodable {
    let keys: [String]
    let run: String
    let manifest: FinishedRun.Manifest

    private struct AnyKey: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: AnyKey.self)
      keys = container.allKeys.map(\.stringValue)
      run = try container.decode(String.self, forKey: AnyKey(stringValue: "run"))
      manifest = try FinishedRun.Manifest(from: decoder)
    }
  }
}
