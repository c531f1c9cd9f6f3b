import SystemCalls
import TestSupport
import Testing

/// Machine processes, and what remains when one is killed.
@Suite("A machine dies", .ownThreads)
struct MachineDeathTests {
  private static let call = ["run", "--runtime", "processes", "--rates", "50,50,50", "--quiet"]

  @Test("The run ends for all, journals whole, and one line names the dead machine and the cause")
  func stop() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.call + ["--duration", "60s", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    #expect(
      machines.map { ProcessTable.name(of: $0) }
        == (0..<3).map { "scalemodel: machine \($0) of \(run.path) \(tool.process.id)" })
    #expect(kill(machines[1], SIGKILL) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    let reason = "machine 1 (process \(machines[1])) was killed by signal 9 (SIGKILL)"
    #expect(outcome.error == "scalemodel: error: \(reason)\n")
    #expect(outcome.output == run.path + "\n")
    #expect(outcome.exitCode == 1)
    #expect(machines.allSatisfy { ProcessTable.isGone($0) })
    try expectWhole(run, status: "failed", reason: reason)
    try expectDeath(of: 1, in: run, says: "The run: failed after ")
  }

  @Test("With --on-failure continue the others go on to the end")
  func goOn() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.call + ["--duration", "1s", "--on-failure", "continue", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    #expect(kill(machines[2], SIGKILL) == 0)
    let outcome = tool.finish(seconds: deadlineSeconds)
    let reason = "machine 2 (process \(machines[2])) was killed by signal 9 (SIGKILL)"
    #expect(outcome.error == "scalemodel: warning: \(reason); the others go on\n")
    #expect(outcome.exitCode == 0)
    try expectWhole(run, status: "finished", reason: reason)
    let ticks = try run.manifest.machines.map(\.ticks)
    #expect(Array(ticks[..<2]) == [50, 50])
    #expect(ticks[2] < 50)
    try expectDeath(of: 2, in: run, says: "The run: finished, but not all machines did: machine 2")
  }

  @Test("When all are dead the run has failed, with or without --on-failure continue")
  func allDie() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.call + ["--duration", "60s", "--on-failure", "continue", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    for machine in try ProcessTable.children(of: tool.process.id) {
      #expect(kill(machine, SIGKILL) == 0)
    }
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.error.hasSuffix(" was killed by signal 9 (SIGKILL)\n"))
    #expect(outcome.exitCode == 1)
    #expect(try run.manifest.status == "failed")
  }

  @Test("When the supervisor is killed, no machine stays behind, and journals are whole")
  func supervisorDies() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.call + ["--duration", "60s", "--output", run.path])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    let machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
    tool.process.signal(SIGKILL)
    let areGone = waitUntil { machines.allSatisfy { ProcessTable.isGone($0) } }
    #expect(areGone)
    #expect(tool.finish(seconds: deadlineSeconds).ending == .killed(signal: SIGKILL))
    #expect(try run.manifest.status == "running", "no process was left to write how it ended")
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }

  /// The manifest names the death, and so do a report and every table.
  private func expectDeath(of machine: Int, in run: FinishedRun, says words: String) throws {
    let manifest = try run.manifest
    let deaths = try #require(manifest.deaths)
    #expect(deaths.map(\.machine) == [machine])
    #expect(deaths[0].cause == "killed by signal 9 (SIGKILL)")
    let journal = try run.journal(machine)
    #expect(deaths[0].time >= journal.lines.last?.systemTime ?? .max)
    let outcome = try BuiltTool.analyze.run([run.path, "--report", "--figures"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.contains("machine \(machine) died at "))
    let page = String(
      decoding: try FileSystem.contents(run.path + "/analysis/report.html"), as: UTF8.self)
    #expect(page.contains(words))
    #expect(page.contains("up to where they end: machine \(machine) died at "))
    for figure in ["clock", "drift", "queue", "spacetime"] {
      let svg = String(
        decoding: try FileSystem.contents("\(run.path)/analysis/\(figure).svg"), as: UTF8.self)
      #expect(
        svg.contains(figure == "spacetime" ? "class=\"died\"" : "class=\"death s"), "\(figure)")
    }
  }

  /// The required state on disk after a run in which machines died.
  private func expectWhole(_ run: FinishedRun, status: String, reason: String) throws {
    let manifest = try run.manifest
    #expect(manifest.status == status)
    #expect(manifest.reason == reason)
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(manifest.machines.map(\.ticks) == journals.map(\.lines.count))
    #expect(manifest.machines.map(\.finalClock) == journals.map { $0.lines.last?.clock ?? 0 })
    #expect(
      manifest.machines.map(\.finalQueueLength) == journals.map { $0.lines.last?.queueLength ?? 0 })
  }
}

/// Waits for a condition that no program of ours reports.
func waitUntil(seconds: Double = deadlineSeconds, _ condition: () throws -> Bool) rethrows -> Bool {
  let deadline = SystemClock.monotonicNanoseconds + Int64(seconds * 1e9)
  while try !condition() {
    if SystemClock.monotonicNanoseconds > deadline { return false }
    SystemClock.sleep(nanoseconds: 5_000_000)
  }
  return true
}
