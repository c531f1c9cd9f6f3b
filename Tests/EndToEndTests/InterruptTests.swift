import SystemCalls
import TestSupport
import Testing

/// Ctrl-C and other signals.
@Suite("A run ended early", .ownThreads)
struct InterruptTests {
  @Test(
    "One signal ends it in order, journals whole",
    arguments: ["threads", "processes"], [SIGINT, SIGTERM, SIGHUP])
  func once(runtime: String, signal: Int32) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(runtime, run)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    tool.process.signal(signal)
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.output == run.path + "\n")
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
    let manifest = try run.manifest
    #expect(manifest.status == "interrupted")
    let words = [SIGINT: "Ctrl-C", SIGTERM: "SIGTERM", SIGHUP: "SIGHUP"]
    #expect(manifest.reason == words[signal].map { "ended early by \($0)" })
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(manifest.machines.map(\.ticks) == journals.map(\.lines.count))
  }

  @Test("The summary shows how far it got")
  func summary() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start([
      "run", "--rates", "50,50,50", "--duration", "60s", "--seed", "7", "--output", run.path,
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let outcome = tool.interrupt()
    let line =
      /interrupted after [0-9]+\.[0-9]s of 60s · threads · seed 7 · die 10 · all linked/
    #expect(outcome.output.contains(line))
    #expect(outcome.exitCode == 130)
  }

  @Test("A second signal ends it at once, even when machines do not answer")
  func twice() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("processes", run)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    for machine in machines { #expect(kill(machine, SIGSTOP) == 0) }
    tool.process.signal(SIGINT)
    // Another signal of the same number could merge with the first.
    tool.process.signal(SIGTERM)
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 130)
    #expect(machines.allSatisfy { ProcessTable.isGone($0) })
    #expect(try run.manifest.status == "interrupted")
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(try run.manifest.machines.map(\.ticks) == journals.map(\.lines.count))
  }

  @Test("A second signal ends threads as well")
  func twiceInThreads() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    tool.process.signal(SIGINT)
    tool.process.signal(SIGTERM)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 130)
    #expect(try run.manifest.status == "interrupted")
  }

  @Test("A signal to the whole group ends it while machines still start")
  func whileStarting() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    // `setsid` makes the tool the leader of a process group of its own.
    let tool = try BuiltTool.scalemodel.start(
      afterShell: "exec setsid \\",
      [
        "run", "--runtime", "processes", "--machines", "40", "--duration", "60s", "--quiet",
        "--output", run.path,
      ], rest: " ")
    #expect(tool.wait(seconds: deadlineSeconds) { FileSystem.exists(run.path + "/run.json") })
    // A terminal signals the whole group on Ctrl-C.
    #expect(kill(-tool.process.id, SIGINT) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.status == "interrupted")
  }

  @Test("An exploration ends while a program does not answer, which is not taken for its failure")
  func exploring() throws {
    let directory = try TemporaryDirectory()
    let mark = directory.path + "/asked"
    let program = try directory.write(
      "read question; echo '{}'; read question && touch '\(mark)' && exec sleep 1000\n",
      to: "silent.sh")
    let tool = try BuiltTool.scalemodel.start([
      "explore", "--workload", "program", "--program", "sh '\(program)'", "--program-timeout",
      "1000s",
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { FileSystem.exists(mark) })
    let outcome = tool.interrupt()
    #expect(outcome.output.contains("bounded: it was ended early"))
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
  }

  private func start(_ runtime: String, _ run: FinishedRun) throws -> ToolProcess {
    try BuiltTool.scalemodel.start([
      "run", "--runtime", runtime, "--rates", "50,50,50", "--duration", "60s", "--quiet",
      "--output", run.path,
    ])
  }
}
