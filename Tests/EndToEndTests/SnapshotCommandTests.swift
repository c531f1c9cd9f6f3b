import SystemCalls
import TestSupport
import Testing

/// The one-line errors of `scalemodel snapshot` without a run to ask.
@Suite("scalemodel snapshot, refused", .ownThreads)
struct SnapshotCommandTests {
  @Test("There is no run: 66")
  func noRun() throws {
    let directory = try TemporaryDirectory()
    let unnamed = try BuiltTool.scalemodel.run(["snapshot"], in: directory.path)
    expect(unnamed, 66, "there is no run in 'runs/latest'; start one with 'scalemodel run'")
    let missing = try BuiltTool.scalemodel.run(["snapshot", directory.run.path])
    expect(
      missing, 66, "there is no run in '\(directory.run.path)'; start one with 'scalemodel run'")
    let other = try BuiltTool.scalemodel.run(["snapshot", directory.path])
    expect(
      other, 66,
      "'\(directory.path)/run.json' does not exist; is '\(directory.path)' a run directory?")
  }

  @Test("The run is over: 69", arguments: ["threads", "virtual"])
  func finished(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    _ = try BuiltTool.scalemodel.run([
      "run", "--runtime", runtime, "--duration", "50ms", "--output", path,
    ])
    #expect(!FileSystem.exists(path + "/control.sock"))
    expect(
      try BuiltTool.scalemodel.run(["snapshot", path]), 69,
      "the run in '\(path)' is over (finished); snapshots are taken while it runs")
  }

  @Test("The run died and left its socket behind: 69; a new run can replace it")
  func staleSocket() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let tool = try start(directory.run)
    tool.process.signal(SIGKILL)
    _ = tool.finish(seconds: deadlineSeconds)
    #expect(FileSystem.exists(path + "/control.sock"))
    expect(
      try BuiltTool.scalemodel.run(["snapshot", path]), 69,
      "the run in '\(path)' ended without saying so: it was killed, or could not write its end; "
        + "snapshots are taken while it runs")
    #expect(
      try BuiltTool.analyze.run([path]).error
        == "analyze: warning: the run '\(path)' ended without saying so: it was killed, or could "
        + "not write its end; it is read up to the last whole lines\n")
    let again = try BuiltTool.scalemodel.start([
      "run", "--duration", "60s", "--force", "--quiet", "--output", path,
    ])
    #expect(waitUntil { (try? BuiltTool.scalemodel.run(["snapshot", path]).exitCode) == 0 })
    #expect(again.interrupt().exitCode == 130)
    #expect(!FileSystem.exists(path + "/control.sock"))
  }

  @Test("The run is stopped and does not answer: 69", .long)
  func stopped() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let tool = try start(directory.run)
    tool.process.signal(SIGSTOP)
    let asker = try BuiltTool.scalemodel.start(["snapshot", path, "--timeout", "1ms"])
    // The timeout is five seconds longer than the run was given.
    expect(
      asker.finish(seconds: deadlineSeconds), 69,
      "the run in '\(path)' does not answer; see whether it is stopped")
    tool.process.signal(SIGKILL)
  }

  @Test("There is no such machine, or no such word: 64")
  func usage() throws {
    let directory = try TemporaryDirectory()
    let tool = try start(directory.run)
    func answer(_ words: String) throws -> ToolProcess.Outcome {
      try BuiltTool.scalemodel.run(
        ["snapshot", directory.run.path] + words.split(separator: " ").map(String.init))
    }
    for id in ["3", "4294967295"] {
      expect(
        try answer("--machine \(id)"), 64,
        "--machine: '\(id)' is not possible; expected one of the run's machines, 0 to 2")
    }
    let wholeNumber = "is not possible; expected a whole number from 0 to 4294967295"
    for id in ["-1", "4294967296", "x"] {
      expect(try answer("--machine=\(id)"), 64, "--machine: '\(id)' \(wholeNumber)")
    }
    for time in ["0s", "5", "366d", "-1s"] {
      expect(
        try answer("--timeout=\(time)"), 64,
        "--timeout: '\(time)' is not possible; expected a time greater than zero, such as 10s, "
          + "of a year at most")
    }
    expect(try answer("again"), 64, "unexpected 'again'; see 'scalemodel snapshot --help'")
    expect(
      try answer("--machines 1"), 64, "unknown option '--machines'; did you mean '--machine'?")
    #expect(try answer("--timeout 365d").exitCode == 0)
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test(
    "The run is another user's: 69, whether its directory is open to others or not",
    .enabled(if: getuid() == 0), arguments: ["755", "700"])
  func otherUser(mode: String) throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let tool = try start(directory.run)
    _ = try ToolProcess("/bin/chmod", [mode, directory.path]).finish()
    // The tool may be in a private directory; the directory it is found in is open.
    let copy = try TemporaryDirectory()
    _ = try ToolProcess("/bin/chmod", ["755", copy.path]).finish()
    _ = try ToolProcess("/bin/cp", [BuiltTool.scalemodel.path, copy.path]).finish()
    let stranger = try ToolProcess(
      "/usr/bin/setpriv",
      ["--reuid", "65534", "--regid", "65534", "--clear-groups", copy.path + "/scalemodel"]
        + ["snapshot", path])
    expect(
      stranger.finish(seconds: deadlineSeconds), 69,
      "the run in '\(path)' belongs to another user, and only that user may ask it for snapshots")
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test("A run in virtual time takes no requests, and the error says how to plan snapshots: 69")
  func virtualRun() throws {
    let directory = try TemporaryDirectory()
    let path = directory.run.path
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", "virtual", "--duration", "36500d", "--journal", "off", "--quiet",
      "--output", path,
    ])
    #expect(waitUntil { FileSystem.exists(path + "/run.json") })
    expect(
      try BuiltTool.scalemodel.run(["snapshot", path]), 69,
      "the run in '\(path)' is in virtual time and accepts no commands; ask for snapshots "
        + "beforehand with --snapshot-at")
    #expect(tool.interrupt().exitCode == 130)
  }

  private func start(_ run: FinishedRun) throws -> ToolProcess {
    let tool = try BuiltTool.scalemodel.start([
      "run", "--rates", "50,50,50", "--duration", "60s", "--quiet", "--output", run.path,
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    return tool
  }
}
