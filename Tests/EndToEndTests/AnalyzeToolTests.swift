import SystemCalls
import TestSupport
import Testing

/// `analyze` as built: its output, its messages, and its exit codes.
@Suite("analyze as built", .ownThreads)
struct AnalyzeToolTests {
  private static let header = "tick,system_time_ns,event,clock,queue_length,peer,message\n"
  private static let journals = [
    header + "1,500000000,send,1,0,1,1\n2,1000000000,internal,2,0,,\n",
    header + "1,1000000000,receive,2,0,0,1\n",
  ]
  private static let manifest = """
    {"schema": 1, "version": "1", "seed": 7, "runtime": "threads", "duration_ns": 1000000000,
     "start_time_ns": 0, "status": "finished", "journal": true, "snapshots": [],
     "plan": {"machines": 2, "rates": [2, 1], "die": 10, "topology": "complete", "delay": "0",
              "workload": "chatter"},
     "machines": [
       {"id": 0, "rate_hz": 2, "ticks": 2, "final_clock": 2, "final_queue_length": 0},
       {"id": 1, "rate_hz": 1, "ticks": 1, "final_clock": 2, "final_queue_length": 0}]}
    """

  /// Runs the tool in a directory with a run called `run`.
  private static func analyze(
    _ words: [String], change: (String) throws -> Void = { _ in }, closesOutput: Bool = false,
    inspect: (String) throws -> Void = { _ in }
  ) throws -> ToolProcess.Outcome {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-analyze-")
    defer { try? FileSystem.removeTree(directory) }
    try FileSystem.makeDirectory(directory + "/run")
    try FileSystem.replace(directory + "/run/run.json", with: manifest)
    for (machine, journal) in journals.enumerated() {
      try FileSystem.replace(directory + "/run/machine-\(machine).csv", with: journal)
    }
    try change(directory)
    let path = FileSystem.parentPath(of: ThisProcess.executablePath) + "/analyze"
    let tool = try ToolProcess(path, words, directory: directory)
    if closesOutput { tool.closeOutput() }
    let outcome = tool.finish(seconds: 20)
    try inspect(directory)
    return outcome
  }

  @Test("The machine table is printed as CSV")
  func machineTable() throws {
    let outcome = try Self.analyze(["run"])
    let lines = outcome.output.split(separator: "\n")
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.isEmpty)
    #expect(lines.count == 3)
    #expect(
      lines.last == "run,1,1,7,threads,1,0,0,1,2,,,,,,0,0,0,0,0,0,0,0,,0,0,0")
  }

  @Test("Verdicts are printed a line each")
  func verdicts() throws {
    let outcome = try Self.analyze(["run", "--check"])
    #expect(
      outcome.output == "run: clock: ok\nrun: delivery: ok\nrun: pace: ok\n"
        + "run: cut: vacuous\nrun: channels: vacuous\nrun: money: vacuous\nrun: manifest: ok\n")
    #expect(outcome.exitCode == 0)
  }

  /// Adds a second run beside the first, under a name that needs escaping in an address.
  private static func addRun(in directory: String) throws {
    try FileSystem.makeDirectory(directory + "/runs")
    for name in ["a b%é", "c"] {
      let outcome = try BuiltTool.start("/bin/cp", ["-r", "run", "runs/" + name], in: directory)
        .finish(seconds: 20)
      #expect(outcome.exitCode == 0)
    }
  }

  @Test("The checks of several runs end with a count of each verdict")
  func verdictSummary() throws {
    let outcome = try Self.analyze(["runs", "--check"], change: Self.addRun)
    #expect(outcome.output.split(separator: "\n").count == 15)
    #expect(outcome.output.hasSuffix("\n2 runs: 8 ok, 6 vacuous, 0 FAILED\n"))
  }

  @Test("With --quiet only failures are printed")
  func quiet() throws {
    let damage = { (directory: String) throws in
      try Self.addRun(in: directory)
      try FileSystem.replace(
        directory + "/runs/c/machine-1.csv",
        with: Self.header + "1,1000000000,receive,3,0,0,1\n2,")
    }
    let outcome = try Self.analyze(["runs", "--check", "--quiet"], change: damage)
    #expect(outcome.output.split(separator: "\n").allSatisfy { $0.contains("FAILED") })
    #expect(outcome.output.contains("c: clock: FAILED") && outcome.exitCode == 1)
    #expect(outcome.error.split(separator: "\n").allSatisfy { $0.hasPrefix("analyze: error:") })
    let report = try Self.analyze(["run", "--report", "--quiet"])
    #expect(report.output.isEmpty && report.exitCode == 0)
  }

  @Test("The last line of a report's call opens it in a browser, whatever the run is called")
  func reportLink() throws {
    let outcome = try Self.analyze(["runs/a b%é", "--report"], change: Self.addRun)
    let link = try #require(outcome.output.split(separator: "\n").last)
    #expect(link.hasPrefix("file:///"))
    #expect(link.hasSuffix("/runs/a%20b%25%C3%A9/analysis/report.html"))
  }

  @Test(
    "On a terminal the table fits 80 columns, and says which columns it leaves out",
    .enabled(if: FileSystem.exists("/usr/bin/script")), arguments: ["run", "runs"])
  func terminalTable(runs: String) throws {
    let outcome = try Self.analyze(["--version"], change: Self.addRun) { folder in
      let call = """
        cd '\(folder)'
        exec script -qec "'\(BuiltTool.analyze.path)' \(runs)" /dev/null </dev/null
        """
      let shown = try ToolProcess("/bin/bash", ["--norc", "-c", call]).finish(
        seconds: deadlineSeconds)
      // On a busy host `script` now and then shows its log's first line too.
      let lines = shown.output.split(whereSeparator: \.isNewline)
        .drop { $0.hasPrefix("Script started on ") }
      #expect(lines.allSatisfy { $0.count <= 80 })
      #expect(lines.first?.contains("machine  rate/s  events") == true)
      #expect(lines.count { $0.contains("–") } == (runs == "run" ? 1 : 2))
      #expect(shown.output.contains("Left out:") && shown.output.contains("as CSV"))
    }
    #expect(outcome.exitCode == 0)
  }

  @Test("A failed check is reported twice: its place on stdout, its name on stderr; exit code 1")
  func failedCheck() throws {
    let outcome = try Self.analyze(["run", "--check"]) { directory in
      try FileSystem.replace(
        directory + "/run/machine-1.csv", with: Self.header + "1,1000000000,receive,3,0,0,1\n")
    }
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.output.hasPrefix(
        "run: clock: FAILED 'run/machine-1.csv', line 2: "
          + "the clock reads 3; after 0, receiving 1 reads 2\n"))
    #expect(
      outcome.error
        == "analyze: error: 2 checks failed (the first: run: clock); their verdicts name the places\n"
    )
  }

  @Test("All tables are written, and their paths printed")
  func tables() throws {
    let change = { (directory: String) throws in
      try FileSystem.makeDirectory(directory + "/tables")
      try FileSystem.replace(directory + "/tables/timeline.csv", with: "an older one")
    }
    let outcome = try Self.analyze(
      ["run", "--output", "tables"], change: change
    ) { directory in
      #expect(
        try FileSystem.entries(directory + "/tables")
          == [
            "channels.csv", "jumps.csv", "machines.csv", "pacing.csv", "runs.csv",
            "snapshots.csv", "timeline.csv",
          ])
      let timeline = try FileSystem.contents(directory + "/tables/timeline.csv")
      #expect(
        String(decoding: timeline, as: UTF8.self) == """
          run,machine,elapsed_s,clock,drift,queue_length
          run,0,0.5,1,0,0
          run,0,1,2,0,0
          run,1,1,2,0,0

          """)
    }
    #expect(
      outcome.output
        == "tables/machines.csv\ntables/jumps.csv\ntables/timeline.csv\ntables/channels.csv\n"
        + "tables/snapshots.csv\ntables/pacing.csv\ntables/runs.csv\n")
    #expect(outcome.exitCode == 0)
  }

  @Test(
    "A report with its tables, and figures, are written beside the run; their paths are printed")
  func report() throws {
    let figures = ["clock", "drift", "queue", "jumps", "lateness", "spacetime"].map { $0 + ".svg" }
    let inspect = { (directory: String) throws in
      let names = try FileSystem.entries(directory + "/run/analysis")
      #expect(names.contains("report.html") && names.contains("machines.csv"))
      for name in figures { #expect(names.contains(name)) }
      let page = try FileSystem.contents(directory + "/run/analysis/report.html")
      #expect(String(decoding: page, as: UTF8.self).contains("<h1>run</h1>"))
    }
    let outcome = try Self.analyze(["run", "--report", "--figures"], inspect: inspect)
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.isEmpty)
    let paths = outcome.output.split(separator: "\n").map(String.init)
    #expect(paths.dropLast().suffix(7) == (figures + ["report.html"]).map { "run/analysis/" + $0 })
    let link = try #require(paths.last)
    #expect(link.hasPrefix("file:///") && link.hasSuffix("/run/analysis/report.html"))
  }

  @Test("A report of a run that breaks the rules says so too, on stderr and by the exit code")
  func reportOfFailure() throws {
    let outcome = try Self.analyze(["run", "--report", "--output", "pages"]) { directory in
      try FileSystem.replace(
        directory + "/run/machine-1.csv", with: Self.header + "1,1000000000,receive,3,0,0,1\n")
    } inspect: { directory in
      let page = try FileSystem.contents(directory + "/pages/report.html")
      #expect(String(decoding: page, as: UTF8.self).contains("✗ FAILED"))
      #expect(!FileSystem.exists(directory + "/run/analysis"))
    }
    #expect(outcome.exitCode == 1)
    #expect(outcome.error.contains("2 checks failed"))
  }

  @Test("Standard output closed early ends it quietly")
  func closedOutput() throws {
    let outcome = try Self.analyze(["run"], closesOutput: true)
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.isEmpty)
  }

  @Test("JSON has the table and, when asked for, the verdicts")
  func json() throws {
    let outcome = try Self.analyze(["run", "--json", "--check"])
    #expect(outcome.output.contains("\"final_clock\" : 2"))
    #expect(outcome.output.contains("\"jump_mean\" : null"))
    #expect(outcome.output.contains("\"check\" : \"delivery\""))
    #expect(outcome.output.contains("\"snapshots\" : ["))
    #expect(outcome.exitCode == 0)
  }

  /// One wrong call or damaged run, and the tool's response.
  struct Failure: Sendable {
    let words: [String]
    let exitCode: Int32
    let message: String
    var change: @Sendable (String) throws -> Void = { _ in }
  }

  @Test(
    "What is wrong is said in one line, with the remedy",
    arguments: [
      Failure(
        words: [], exitCode: 66,
        message: "'runs/latest' does not exist; give the path of a run, such as runs/latest"),
      Failure(
        words: ["run", "--chekc"], exitCode: 64,
        message: "unknown option '--chekc'; did you mean '--check'?"),
      Failure(
        words: ["nowhere"], exitCode: 66,
        message: "'nowhere' does not exist; give the path of a run, such as runs/latest"),
      Failure(
        words: ["."], exitCode: 66,
        message: "'.' is not a run and has none in it; a run has a file run.json",
        change: { try FileSystem.removeTree($0 + "/run") }),
      Failure(
        words: ["run"], exitCode: 66,
        message: "'run/machine-1.csv' does not exist, so the run is not whole; "
          + "bring the file back or leave the run out",
        change: { try FileSystem.remove($0 + "/run/machine-1.csv") }),
      Failure(
        words: ["run"], exitCode: 65,
        message: "'run/machine-0.csv', line 2, column 'clock': 'x' is not a whole number; "
          + "correct the file or leave the run out",
        change: {
          try FileSystem.replace(
            $0 + "/run/machine-0.csv", with: Self.header + "1,5,internal,x,0,,\n")
        }),
      Failure(
        words: ["run"], exitCode: 65,
        message: "'run/run.json', line 1: not JSON",
        change: { try FileSystem.replace($0 + "/run/run.json", with: "{") }),
      Failure(
        words: ["run", "--check"], exitCode: 65,
        message: "'run/snapshots/0-1.json', column 'machines[0].id': expected a whole number; "
          + "correct the file or leave the run out",
        change: {
          try FileSystem.makeDirectory($0 + "/run/snapshots")
          try FileSystem.replace(
            $0 + "/run/snapshots/0-1.json",
            with: #"""
              {"schema": 1, "id": "0-1", "initiator": 0, "status": "complete",
               "requested_time_ns": 1, "completed_time_ns": 2, "channels": [],
               "machines": [{"id": "zero"}]}
              """#)
        }),
      Failure(
        words: ["run", "--output", "run/run.json/tables"], exitCode: 73,
        message: "cannot create 'run/run.json/tables': Not a directory; choose another --output"),
    ])
  func failure(_ failure: Failure) throws {
    let outcome = try Self.analyze(failure.words, change: failure.change)
    #expect(outcome.exitCode == failure.exitCode)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("analyze: error: \(failure.message)"))
    #expect(outcome.error.hasSuffix("\n") && outcome.error.count { $0 == "\n" } == 1)
  }

  @Test("A cut last line is a warning, not an error")
  func cutLine() throws {
    let outcome = try Self.analyze(["run", "--check"]) { directory in
      try FileSystem.replace(
        directory + "/run/machine-1.csv", with: Self.journals[1] + "2,2000000000,rec")
    }
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.error
        == "analyze: warning: 'run/machine-1.csv': the last line is cut short and left out\n")
  }

  @Test("Many empty journals are one warning")
  func emptyJournals() throws {
    let directory = try TemporaryDirectory()
    let run = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--machines", "20", "--duration", "1s", "--output", "run"],
      in: directory.path)
    try #require(run.exitCode == 0, "\(run.error)")
    for machine in 0..<20 {
      try FileSystem.replace(directory.path + "/run/machine-\(machine).csv", with: "")
    }
    let outcome = try BuiltTool.analyze.run(["run", "--check"], in: directory.path)
    #expect(
      outcome.error.hasPrefix(
        "analyze: warning: 'run/machine-0.csv' and 19 more: "
          + "the journal is empty, and counts as one without lines\n"))
    #expect(outcome.error.count { $0 == "\n" } == 2, "The other line is the failed check's")
    #expect(outcome.output.contains("clock: vacuous"))
  }
}
