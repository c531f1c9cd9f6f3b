import SystemCalls
import TestSupport
import Testing

/// Former causes of endless runs: too many snapshots, stopped machines, blocked readers.
@Suite("Nothing blocks a run", .ownThreads)
struct StallTests {
  @Test(
    "Thousands of snapshots typed at once are each taken or refused, and the run goes on", .long,
    arguments: ["threads", "processes"])
  func typed(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", runtime, "--rates", "20,30,40", "--duration", "forever", "--quiet",
      "--output", run.path, "--commands", "-",
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let count = 10_000
    tool.type(String(repeating: "snapshot\n", count: count))
    // A run that ends leaves the lines that it has not read yet. Blank lines, more than the socket
    // holds, can all be written only once those before them were read.
    tool.type(String(repeating: "\n", count: 1 << 18))
    let outcome = tool.interrupt()
    #expect(outcome.exitCode == 130)
    try expectAll(count, run, outcome)
  }

  @Test(
    "More scheduled snapshots than can be under way: the run ends in time, and counts the others",
    .long,
    arguments: ["threads", "processes"], [["--snapshot-every", "100us"], ["--machines", "10"]])
  func scheduled(runtime: String, words: [String]) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let isBurst = words.first == "--machines"
    let burst = (0..<400).flatMap { ["--snapshot-at", "100ms@\($0 % 10)"] }
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--runtime", runtime, "--quiet", "--output", run.path] + words
        + (isBurst ? ["--duration", "10s"] + burst : ["--duration", "1s", "--rates", "2,3"]))
    let outcome = tool.finish(seconds: 3 * deadlineSeconds)
    #expect(outcome.exitCode == 0)
    #expect(try run.manifest.status == "finished")
    try expectAll(isBurst ? 400 : 9999, run, outcome)
  }

  /// Expects that so many snapshots were requested, and each was taken or counted as refused.
  private func expectAll(
    _ count: Int, _ run: FinishedRun, _ outcome: ToolProcess.Outcome
  ) throws {
    let snapshots = try run.snapshots()
    #expect(snapshots.allSatisfy { ["complete", "partial"].contains($0.status) })
    #expect(snapshots.contains { $0.status == "complete" })
    // The first of each reason is printed at once, and a count at the end when there were more.
    let reasons = ["256 snapshots are under way already", "the run ended first"]
    let refusedCounts = reasons.map { reason in
      let lines = outcome.error.split(separator: "\n").filter { $0.hasSuffix(": \(reason)") }
      let counts = lines.compactMap { $0.firstMatch(of: /([0-9]+) snapshots were not begun/)?.1 }
      return counts.first.flatMap { Int($0) } ?? lines.count
    }
    #expect(snapshots.count + refusedCounts.reduce(0, +) == count, "\(outcome.error)")
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    let complete = snapshots.filter { $0.status == "complete" }
    #expect(complete.flatMap { SnapshotRules(snapshot: $0, journals: journals).breaches } == [])
  }

  @Test("A stopped machine ends the run some seconds after its time, and is named")
  func stoppedMachine() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", "processes", "--rates", "50,50,50", "--duration", "4s", "--quiet",
      "--output", run.path,
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    #expect(kill(machines[1], SIGSTOP) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 1)
    #expect(
      outcome.error == "scalemodel: error: machine 1 had not finished 8s after the run's end; see "
        + "whether it is stopped, or take lower --rates\n")
    #expect(machines.allSatisfy { ProcessTable.isGone($0) })
    #expect(try run.manifest.status == "failed")
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  @Test("With a blocked terminal, lines are dropped and the run ends in time")
  func unreadTerminal() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let terminal = try UnreadTerminal()
    let tool = try terminal.start([
      "run", "--workload", "bank", "--rates", "300,300,300", "--duration", "3s", "--verbose",
      "--output", run.path,
    ])
    withExtendedLifetime(terminal) {
      #expect(tool.ending(withinSeconds: deadlineSeconds) == .exited(code: 0))
    }
    #expect(try run.manifest.status == "finished")
    #expect(try run.manifest.machines.map(\.ticks) == [900, 900, 900])
  }

  @Test(
    "Ctrl-C ends a run in order while its terminal is blocked", .long, arguments: [SIGINT, SIGHUP])
  func interruptUnread(signal: Int32) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let terminal = try UnreadTerminal()
    let tool = try terminal.start([
      "run", "--workload", "bank", "--rates", "900,900,900", "--duration", "60s", "--verbose",
      "--output", run.path,
    ])
    // By then the run has printed more than its terminal and its buffers hold.
    #expect(
      waitUntil { ((try? FileSystem.contents(run.journalPath(0)).count) ?? 0) > 200_000 })
    tool.signal(signal)
    withExtendedLifetime(terminal) {
      #expect(tool.ending(withinSeconds: deadlineSeconds) == .exited(code: 130))
    }
    #expect(try run.manifest.status == "interrupted")
  }

  @Test("A terminal that closes ends the run in order", arguments: ["threads", "processes"])
  func closedTerminal(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    var terminal: UnreadTerminal? = try UnreadTerminal()
    let tool = try #require(
      try terminal?.start([
        "run", "--runtime", runtime, "--rates", "50,50,50", "--duration", "60s", "--output",
        run.path,
      ]))
    #expect(waitUntil { run.isUnderWay() })
    terminal = nil
    #expect(tool.ending(withinSeconds: deadlineSeconds) == .exited(code: 130))
    #expect(try run.manifest.reason == "ended early by SIGHUP")
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  @Test("Blocked pipes delay neither a run nor its end", .long)
  func unreadPipes() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let (reading, writing) = try Socket.pipe()
    writing.setBlocking()
    defer { reading.end() }
    let tool = try ChildProcess.start(
      BuiltTool.scalemodel.path,
      arguments: [
        "run", "--workload", "bank", "--rates", "2000,2000,2000", "--duration", "2s", "--verbose",
        "--transfer", "0.5", "--output", run.path,
      ], streams: .init(output: writing, error: writing))
    writing.end()
    #expect(tool.ending(withinSeconds: 2 * deadlineSeconds) != nil)
    #expect(try run.manifest.status == "finished")
  }

  @Test(
    "Two signals end a program whose main loop does not look at them", arguments: [SIGINT, SIGTERM])
  func busyMainLoop(signal: Int32) throws {
    let directory = try TemporaryDirectory()
    // One slice of a simulation in which every snapshot has two million channels.
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", "virtual", "--machines", "1500", "--ticks", "1...1", "--duration", "100s",
      "--snapshot-every", "100ms", "--journal", "off", "--quiet", "--output", directory.run.path,
    ])
    #expect(
      tool.wait(seconds: deadlineSeconds) { FileSystem.exists(directory.run.path + "/run.json") })
    tool.process.signal(signal)
    tool.process.signal(SIGHUP)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 130)
  }
}
