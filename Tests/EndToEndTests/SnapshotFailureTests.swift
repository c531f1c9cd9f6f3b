import SystemCalls
import TestSupport
import Testing

/// Incomplete snapshots: they end, name what is missing and why, and keep the rest.
///
/// Delays are long, so that a test's action comes between a marker's sending and its arrival.
@Suite("A snapshot that cannot be completed", .ownThreads)
struct SnapshotFailureTests {
  @Test("A machine dies before it records: it is named, and the other states are present")
  func diesBeforeRecording() throws {
    let scene = try Scene(delay: "1500ms")
    let asker = try scene.ask(machine: 0)
    try scene.awaitRecording(of: "0-1", by: 0)
    try scene.kill(1)
    let snapshot = try scene.expectPartial(asker, id: "0-1")
    #expect(snapshot.machines.map(\.id) == [0, 2])
    // A dead machine's messages still arrive, and then the end of its channel.
    #expect(
      snapshot.reason == "machine 1: died before recording; "
        + "channel 0→1: died before recording; channel 1→0: channel closed while recording; "
        + "channel 1→2: channel closed while recording; channel 2→1: died before recording")
    #expect(snapshot.channels.map { [$0.source, $0.target] } == [[0, 2], [2, 0]])
    try scene.finish()
  }

  @Test("A machine dies while its channels record: its state is present, its channels are not")
  func diesWhileRecording() throws {
    let scene = try Scene(delay: "1s")
    let asker = try scene.ask(machine: 1)
    try scene.awaitReport(of: "1-1")
    try scene.kill(1)
    let snapshot = try scene.expectPartial(asker, id: "1-1")
    // Its markers were already in flight, so the others have recorded.
    #expect(snapshot.machines.map(\.id) == [0, 1, 2])
    #expect(
      snapshot.reason == "channel 0→1: died after recording; channel 2→1: died after recording")
    #expect(
      snapshot.channels.map { [$0.source, $0.target] } == [[0, 2], [1, 0], [1, 2], [2, 0]])
    try scene.finish()
  }

  @Test("The initiator dies before it can begin: no machine records, and the snapshot ends so")
  func initiatorDies() throws {
    let scene = try Scene(delay: "0")
    // A stopped process receives the command and does not act on it.
    #expect(kill(scene.machines[2], SIGSTOP) == 0)
    scene.tool.type("snapshot 2\n")
    // What was typed before is handled before this one is under way.
    let other = try scene.ask(machine: 0)
    try scene.awaitReport(of: "0-1")
    try scene.kill(2)
    let partial = try scene.expectPartial(other, id: "0-1")
    #expect(partial.machines.map(\.id) == [0, 1])
    #expect(partial.reason?.hasPrefix("machine 2: died before recording; ") == true)
    #expect(waitUntil { FileSystem.exists(scene.run.path + "/snapshots/2-1.json") })
    let snapshot = try scene.run.snapshot("2-1")
    #expect(snapshot.machines == [])
    #expect(snapshot.channels == [])
    let reason = try #require(snapshot.reason)
    #expect(
      reason.hasPrefix(
        "machine 0: unreachable; machine 1: unreachable; machine 2: died before recording; "
          + "channel 0→1: unreachable; channel 0→2: died before recording; "))
    try scene.finish()
  }

  @Test("A dead machine begins none; others still do, and end partial")
  func deadInitiator() throws {
    let scene = try Scene(delay: "0", more: ["--snapshot-at", "2s@1"])
    try scene.kill(1)
    #expect(scene.tool.wait(seconds: deadlineSeconds) { scene.tool.error.contains("go on") })
    let outcome = try scene.ask(machine: 1).finish(seconds: deadlineSeconds)
    #expect(
      outcome.error
        == "scalemodel: error: no snapshot of '\(scene.run.path)': machine 1 is dead\n")
    #expect(outcome.exitCode == 1)
    scene.tool.type("snapshot 1\n")
    let later = try scene.expectPartial(scene.ask(machine: 0), id: "0-1")
    #expect(later.machines.map(\.id) == [0, 2])
    #expect(later.reason?.contains("channel 1→0: channel closed before recording") == true)
    let isRefused = scene.tool.wait(seconds: deadlineSeconds) {
      scene.tool.error.contains("no snapshot at 2s: machine 1 is dead\n")
    }
    #expect(isRefused)
    #expect(scene.tool.error.contains("warning: no snapshot: machine 1 is dead\n"))
    try scene.finish()
  }

  @Test("A snapshot unfinished at the run's end is partial", arguments: ["threads", "processes"])
  func runEnds(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--rates", "50,50,50", "--delay", "20s", "--duration", "500ms",
      "--snapshot-at", "200ms@1", "--quiet", "--output", run.path,
    ])
    let snapshot = try run.snapshot("1-1")
    #expect(snapshot.status == "partial")
    #expect(snapshot.machines.map(\.id) == [1])
    let reason = try #require(snapshot.reason)
    #expect(reason.hasPrefix("machine 0: run ended; machine 2: run ended; channel 0→1: run ended"))
    #expect(outcome.error == "scalemodel: warning: snapshot 1-1 is partial: \(reason)\n")
    #expect(outcome.exitCode == 0)
  }

  @Test("Ctrl-C during one ends both: the client is told why", arguments: [SIGINT, SIGTERM])
  func interrupted(signal: Int32) throws {
    let scene = try Scene(delay: "20s")
    let asker = try scene.ask(machine: 0)
    try scene.awaitReport(of: "0-1")
    scene.tool.process.signal(signal)
    let snapshot = try scene.expectPartial(asker, id: "0-1")
    #expect(snapshot.reason?.hasPrefix("machine 1: run ended; ") == true)
    #expect(scene.tool.finish(seconds: deadlineSeconds).exitCode == 130)
    #expect(try scene.run.manifest.status == "interrupted")
    #expect(JournalRules(journals: try scene.run.journals()).breaches == [])
  }

  @Test("--timeout ends it: exit code 1, one line, and the run goes on")
  func timeout() throws {
    let scene = try Scene(delay: "20s")
    let outcome = try BuiltTool.scalemodel.run([
      "snapshot", scene.run.path, "--timeout", "2s", "--json",
    ])
    let snapshot = try scene.run.snapshot("0-1")
    #expect(try StoredSnapshot(json: Array(outcome.output.utf8)) == snapshot)
    let reason = try #require(snapshot.reason)
    #expect(reason.hasPrefix("machine 1: timed out; machine 2: timed out; channel 0→1: timed out"))
    #expect(outcome.error == "scalemodel: error: snapshot 0-1 is partial: \(reason)\n")
    #expect(outcome.exitCode == 1)
    try scene.finish()
  }
}

/// A run of three machine processes that outlives its machines.
private struct Scene {
  let directory: TemporaryDirectory
  let tool: ToolProcess
  let machines: [Int32]
  var run: FinishedRun { directory.run }

  init(delay: String, more: [String] = []) throws {
    directory = try TemporaryDirectory()
    let run = directory.run
    tool = try BuiltTool.scalemodel.start(
      ["run", "--runtime", "processes", "--rates", "50,50,50", "--duration", "60s", "--quiet"]
        + ["--on-failure", "continue", "--delay", delay, "--output", run.path]
        + ["--commands", "-"] + more)
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    machines = try ProcessTable.children(of: tool.process.id)
    try #require(machines.count == 3)
  }

  func ask(machine: Int) throws -> ToolProcess {
    try BuiltTool.scalemodel.start(["snapshot", run.path, "--machine", "\(machine)"])
  }

  func awaitRecording(of id: String, by machine: Int) throws {
    try #require(waitUntil { run.hasRecorded(id, machine: machine) })
  }

  /// Waits until the supervisor has the initiator's report: the machine has ticked often since, and
  /// the supervisor has answered a client that came later.
  func awaitReport(of id: String) throws {
    let machine = Int(id.prefix { $0 != "-" }) ?? 0
    try #require(
      waitUntil {
        let lines = (try? run.journal(machine).lines) ?? []
        guard let index = lines.firstIndex(where: { $0.messageWord == id }) else { return false }
        return lines.count > index + 5
      })
    let later = try BuiltTool.scalemodel.run(["snapshot", run.path, "--machine", "3"])
    #expect(later.exitCode == 64, "there is no machine 3")
  }

  func kill(_ machine: Int) throws {
    try #require(SystemCalls.kill(machines[machine], SIGKILL) == 0)
  }

  /// The snapshot's file, after checking that the client got the same.
  func expectPartial(_ asker: ToolProcess, id: String) throws -> StoredSnapshot {
    let outcome = asker.finish(seconds: deadlineSeconds)
    let snapshot = try run.snapshot(id)
    let reason = try #require(snapshot.reason)
    #expect(snapshot.status == "partial")
    #expect(outcome.output.hasPrefix("snapshot \(id): partial in "))
    #expect(outcome.output.contains("\nmissing: \(reason)\n"))
    #expect(outcome.error == "scalemodel: error: snapshot \(id) is partial: \(reason)\n")
    #expect(outcome.exitCode == 1)
    return snapshot
  }

  /// Checks that the run still goes on, and ends it.
  func finish() throws {
    #expect(tool.interrupt().exitCode == 130)
    #expect(JournalRules(journals: try run.journals()).breaches == [])
  }
}
