import SystemCalls
import TestSupport
import Testing

/// A run directory belongs to one run while that lives; files lost meanwhile are reported.
@Suite("The directory of a running run", .ownThreads)
struct HeldDirectoryTests {
  private static let runtimes = ["threads", "processes", "virtual"]

  private func start(_ runtime: String, _ run: FinishedRun, _ words: String = "") throws
    -> ToolProcess
  {
    // So long in virtual time that only the test ends it.
    let pace =
      runtime == "virtual"
      ? "--rates 1000,1000,1000 --duration 100000000s" : "--rates 50,50,50 --duration 60s"
    let call = "run --runtime \(runtime) \(pace) --quiet \(words)".split(separator: " ")
    let tool = try BuiltTool.scalemodel.start(call.map(String.init) + ["--output", run.path])
    try #require(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    return tool
  }

  @Test(
    "--force is refused while a run goes on there, which nothing happens to", .long,
    arguments: runtimes)
  func forceOverLiveRun(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(runtime, run)
    let path = run.path
    // Virtual time does not wait, so journals would fill the disk meanwhile.
    if runtime == "virtual" { tool.process.signal(SIGSTOP) }
    // By its own name, and through a link to it.
    #expect(symlink(path, directory.path + "/link") == 0)
    for (path, other) in [(path, "threads"), (directory.path + "/link", "virtual")] {
      let outcome = try BuiltTool.scalemodel.run([
        "run", "--runtime", other, "--duration", "50ms", "--force", "--output", path,
      ])
      #expect(
        outcome.error == "scalemodel: error: the run in '\(path)' still goes on; end it, or choose "
          + "another --output\n")
      #expect(outcome.exitCode == 73)
    }
    tool.process.signal(SIGINT)
    tool.process.signal(SIGCONT)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 130)
    let check = try BuiltTool.analyze.run([path, "--check"])
    #expect(check.output.contains(": manifest: ok\n"), "\(check.output)")
    #expect(check.exitCode == 0)
  }

  @Test("A machine of a cluster is not overwritten either")
  func forceOverLiveMachine() throws {
    let directory = try TemporaryDirectory()
    let tool = try start("threads", directory.run)
    let cluster = directory.path + "/cluster.json"
    #expect(
      try BuiltTool.scalemodel.run(["cluster-init", "--machines", "2", "--output", cluster])
        .exitCode == 0)
    let outcome = try BuiltTool.scalemodel.run([
      "machine", "--cluster", cluster, "--id", "0", "--force", "--output", directory.run.path,
    ])
    #expect(outcome.error.contains("' still goes on; end it, or choose another --output"))
    #expect(outcome.exitCode == 73)
    #expect(tool.interrupt().exitCode == 130)
  }

  @Test(
    "A killed run's manifest says `running`, and its reader that no process holds it",
    arguments: runtimes
  )
  func killed(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(runtime, run)
    let path = run.path
    if runtime == "virtual" { tool.process.signal(SIGSTOP) }
    let during = try BuiltTool.analyze.run([path]).error
    #expect(during.contains("the run '\(path)' still goes on; it is read up to"), "\(during)")
    tool.process.signal(SIGKILL)
    _ = tool.finish(seconds: deadlineSeconds)
    #expect(try run.manifest.status == "running")
    let after = try BuiltTool.analyze.run([path]).error
    #expect(after.contains("the run '\(path)' ended without saying so: it was killed"), "\(after)")
    let words = [
      "run", "--duration", "50ms", "--rates", "50,50", "--quiet", "--force", "--output", path,
    ]
    #expect(try BuiltTool.scalemodel.run(words).exitCode == 0)
    #expect(try run.manifest.status == "finished")
  }

  @Test("A directory removed meanwhile fails the run, and is not recreated", arguments: runtimes)
  func removed(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    // Few enough for such a long run in virtual time.
    let interval = runtime == "virtual" ? "1000s" : "300ms"
    let tool = try start(runtime, run, "--workload bank --snapshot-every \(interval)")
    // Atomically, so that the run cannot see a partial state.
    try FileSystem.move(run.path, to: directory.path + "/doomed")
    try FileSystem.removeTree(directory.path + "/doomed")
    let outcome = tool.finish(seconds: deadlineSeconds)
    #expect(outcome.exitCode == 74)
    #expect(
      outcome.error == "scalemodel: error: '\(run.path)' was removed or renamed while the run went "
        + "on; run it again, and leave its directory alone until it ends\n")
    #expect(!FileSystem.exists(run.path))
  }

  @Test(
    "A directory renamed meanwhile says so itself, and what is in its place is left alone",
    arguments: runtimes)
  func renamed(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start(runtime, run)
    let elsewhere = FinishedRun(path: directory.path + "/elsewhere")
    try FileSystem.move(run.path, to: elsewhere.path)
    try FileSystem.makeDirectory(run.path)
    #expect(tool.finish(seconds: deadlineSeconds).exitCode == 74)
    #expect(try elsewhere.manifest.status == "failed")
    #expect(
      try elsewhere.manifest.reason == "'\(run.path)' was removed or renamed while the run went on")
    #expect(try FileSystem.entries(run.path) == [])
  }

  @Test(
    "A journal or a snapshot removed meanwhile fails the run",
    arguments: ["machine-1.csv", "snapshots"])
  func fileRemoved(name: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("processes", run, "--snapshot-at 1ms")
    let snapshot = run.path + "/snapshots/0-1.json"
    try #require(tool.wait(seconds: deadlineSeconds) { FileSystem.exists(snapshot) })
    // A machine without ticks has lost nothing: its journal holds a header and a snapshot.
    let journal = run.path + "/machine-1.csv"
    try #require(
      tool.wait(seconds: deadlineSeconds) {
        ((try? FileSystem.contents(journal))?.count { $0 == UInt8(ascii: "\n") } ?? 0) > 3
      })
    try FileSystem.removeTree("\(run.path)/\(name)")
    let outcome = tool.interrupt()
    let lost = name == "snapshots" ? snapshot : "\(run.path)/\(name)"
    #expect(
      outcome.error.hasPrefix("scalemodel: error: '\(lost)' was removed or renamed while the run"))
    #expect(outcome.exitCode == 74)
    #expect(try run.manifest.status == "failed")
  }

  @Test("A manifest removed meanwhile is written again at the end")
  func manifestRemoved() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try start("threads", run)
    try FileSystem.remove(run.path + "/run.json")
    #expect(tool.interrupt().exitCode == 130)
    #expect(try BuiltTool.analyze.run([run.path, "--check"]).exitCode == 0)
  }

  @Test("A path longer than a socket's address works, in any spelling")
  func longPath() throws {
    let directory = try TemporaryDirectory()
    let folder = [directory.path, "\(String(repeating: "a", count: 90))", "b"]
      .joined(separator: "/")
    try FileSystem.makeDirectory(folder)
    let run = FinishedRun(path: folder + "/run")
    let tool = try start("threads", run, "--workload bank")
    for (path, folder) in [(run.path, directory.path), ("run", folder), ("run/", folder)] {
      for words in [["snapshot", path], ["bank", path, "balance", "1"]] {
        let outcome = try BuiltTool.scalemodel.run(words, in: folder)
        #expect(outcome.exitCode == 0, "\(outcome.error)")
      }
    }
    #expect(tool.interrupt().error == "")
  }

  @Test("A folder 'runs' that is a link gets its 'latest' too")
  func linkedRuns() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.makeDirectory(directory.path + "/disk")
    #expect(symlink("disk", directory.path + "/runs") == 0)
    let words = ["run", "--duration", "50ms", "--rates", "50,50", "--quiet"]
    let outcome = try BuiltTool.scalemodel.run(words, in: directory.path)
    #expect(outcome.error == "")
    let latest = FileSystem.resolved(directory.path + "/runs/latest")
    #expect(latest == FileSystem.resolved("\(directory.path)/\(outcome.output.dropLast())"))
    #expect(latest != nil)
  }

  @Test("A machine's end comes from its last instruction, not from a snapshot line after it")
  func endAfterSnapshotLine() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    // Machine 0 ticks once a second, and receives much in between.
    let tool = try BuiltTool.scalemodel.start([
      "run", "--rates", "1,20,20", "--duration", "60s", "--seed", "7", "--snapshot-at", "1700ms",
      "--output", run.path, "--quiet",
    ])
    try #require(
      tool.wait(seconds: deadlineSeconds) { run.hasRecorded("0-1", machine: 0) })
    #expect(tool.interrupt().exitCode == 130)
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.output.contains(": manifest: ok\n"), "\(check.output)")
    #expect(check.exitCode == 0)
  }
}
