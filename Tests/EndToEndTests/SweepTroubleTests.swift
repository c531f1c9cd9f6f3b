import SystemCalls
import TestSupport
import Testing

/// What a sweep survives, and what it refuses.
@Suite("Sweeps with failures", .ownThreads)
struct SweepTroubleTests {
  @Test(
    "A value that no option takes is told by its line and key",
    arguments: [
      (
        "\"options\": { \"die\": 0 }",
        ", line 2, key 'options.die': '0' is not possible; expected a whole number from 1 to "
          + "1000000000"
      ),
      (
        "\"axes\": {\n\"runtime\": [\"threads\",\n\"thread\"] }",
        ", line 4, key 'axes.runtime': 'thread' is not possible; expected threads, processes or "
          + "virtual"
      ),
      (
        "\"options\": { \"machines\": 4 }, \"axes\": { \"rates\": [\"1,3,6\"] }",
        ", line 2, key 'axes.rates': with rates 1,3,6: --rates names 3 machines, but --machines "
          + "says 4; give one rate for each machine"
      ),
      (
        "\"axes\": { \"snapshot_at\": [\"10s@7\"] }",
        ", line 2, key 'axes.snapshot_at': with snapshot_at 10s@7: --snapshot-at 10s@7: there is "
          + "no machine 7; take one from 0 to 2"
      ),
      (
        "\"options\": { \"workload\": \"termination\",\n\"until\": \"terminatd\" }",
        ", line 3, key 'options.until': --until terminatd: termination has no such stable "
          + "predicate; did you mean 'terminated'?"
      ),
      (
        "\"axes\": {\n\"until\": [\"told\"] }",
        ", line 3, key 'axes.until': with until told: --until told: workload chatter has no stable "
          + "predicate"
      ),
    ])
  func malformedValues(keys: String, complaint: String) throws {
    let fixture = try SweepFixture(keys)
    let outcome = try fixture.sweep("out")
    #expect(outcome.error == "scalemodel: error: '\(fixture.file)'\(complaint)\n")
    #expect(outcome.exitCode == 65)
    #expect(!FileSystem.exists(fixture.output("out")))
  }

  @Test("A missing file is reported as missing")
  func missing() throws {
    let outcome = try BuiltTool.scalemodel.run(["sweep", "/nonexistent.json"])
    #expect(outcome.error.hasPrefix("scalemodel: error: cannot read '/nonexistent.json': No such"))
    #expect(outcome.exitCode == 66)
  }

  @Test(
    "Ctrl-C ends the runs in order, and the rest can be resumed; two at once are refused", .long)
  func interrupted() throws {
    let fixture = try SweepFixture(SweepFixture.longRuns)
    let tool = try fixture.start("out", jobs: 3)
    let children = try ProcessTable.children(of: tool.process.id)
    #expect(children.count == 3)

    let second = try fixture.sweep("out", ["--resume"])
    #expect(
      second.error == "scalemodel: error: another sweep is running in '\(fixture.output("out"))'; "
        + "wait for its end and --resume, or choose another --output\n")
    #expect(second.exitCode == 73)
    #expect(children.allSatisfy { !ProcessTable.isGone($0) })

    let outcome = tool.interrupt()
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
    #expect(outcome.output.contains("interrupted: 0 of 6 runs are finished; go on with:\n"))
    #expect(outcome.output.hasSuffix(" --resume\n"))
    #expect(children.allSatisfy { ProcessTable.isGone($0) })
    #expect(
      try fixture.runs("out").map { try $0.manifest.status }
        == ["interrupted", "interrupted", "interrupted"])
  }

  @Test("A stopped run cannot block the end of a sweep", .long)
  func stoppedRun() throws {
    let fixture = try SweepFixture(SweepFixture.longRuns)
    let tool = try fixture.start("out", jobs: 2)
    let children = try ProcessTable.children(of: tool.process.id)
    let stopped = try #require(children.first)
    #expect(kill(stopped, SIGSTOP) == 0)

    let outcome = tool.interrupt()
    #expect(outcome.exitCode == 130)
    #expect(children.allSatisfy { ProcessTable.isGone($0) })
    #expect(outcome.error.hasSuffix(": it did not end when its time was over, and was killed\n"))
  }

  @Test("A killed sweep ends its runs, and can be resumed at once")
  func killed() throws {
    let fixture = try SweepFixture(SweepFixture.longRuns)
    let tool = try fixture.start("out", jobs: 2)
    let children = try ProcessTable.children(of: tool.process.id)
    tool.process.signal(SIGKILL)
    _ = tool.finish(seconds: deadlineSeconds)
    let resumed = try BuiltTool.scalemodel.start(fixture.words("out", ["--jobs", "1", "--resume"]))
    #expect(
      resumed.wait(seconds: deadlineSeconds) {
        children.allSatisfy { ProcessTable.isGone($0) }
          && (try? ProcessTable.children(of: resumed.process.id).count == 1) == true
      })
    #expect(resumed.interrupt().exitCode == 130)
  }

  @Test(
    "A changed file, another runtime, no --resume: refused, and said why", .long,
    arguments: [
      (
        "\"repetitions\": 1, \"options\": { \"duration\": \"1s\" }", ["--resume"],
        "'FILE' is not what the sweep in 'OUT' began with: repetitions was 2, is 1; that changes or "
          + "leaves out 1 run (0002-r2); put that back, or choose another --output"
      ),
      (
        "\"repetitions\": 2, \"options\": { \"duration\": \"2s\", \"die\": 4 }", ["--resume"],
        "'FILE' is not what the sweep in 'OUT' began with: options.duration was \"1s\", is \"2s\"; "
          + "options.die is new: 4; that changes or leaves out 2 runs (0001-r1, …); put that back, or choose another --output"
      ),
      (
        "\"repetitions\": 2, \"options\": { \"duration\": \"1s\" }",
        ["--resume", "--runtime", "processes"],
        "'FILE' is not what the sweep in 'OUT' began with: --runtime was 'virtual', is 'processes'; "
          + "that changes or leaves out 2 runs (0001-r1, …); put that back, or choose another --output"
      ),
      (
        "\"repetitions\": 2, \"options\": { \"duration\": \"1s\" }", [],
        "a sweep is in 'OUT' already; go on with it with --resume, or choose another --output"
      ),
    ])
  func changed(keys: String, options: [String], complaint: String) throws {
    let fixture = try SweepFixture("\"repetitions\": 2, \"options\": { \"duration\": \"1s\" }")
    #expect(try fixture.sweep("out", ["--runtime", "virtual"]).exitCode == 0)
    try FileSystem.replace(fixture.file, with: SweepFixture.text(keys))
    let outcome = try fixture.sweep("out", options)
    var expected = complaint
    for (word, path) in [("FILE", fixture.file), ("OUT", fixture.output("out"))] {
      if let range = expected.firstRange(of: word) { expected.replaceSubrange(range, with: path) }
    }
    #expect(outcome.error == "scalemodel: error: \(expected)\n")
    #expect(outcome.exitCode == 73)
  }

  @Test("Parts that begin together are one sweep, whichever of them writes its files")
  func partsTogether() throws {
    let fixture = try SweepFixture(
      "\"repetitions\": 3, \"options\": { \"duration\": \"1s\", \"runtime\": \"virtual\" }")
    try FileSystem.makeDirectory(fixture.output("out"))
    // All have made their plans, from an empty directory, before any of them may write.
    let path = fixture.output("out") + "/sweep.lock"
    let lock = try FileLock(path)
    #expect(try lock.lock(0..<1, waitingAtMost: 0))
    let parts = try (1...3).map { part in
      try BuiltTool.scalemodel.start(
        fixture.words("out", ["--resume", "--shard", "\(part)/3"]))
    }
    #expect(waitUntil { parts.allSatisfy { ProcessTable.hasOpen(path, in: $0.process.id) } })
    lock.unlock(0..<1)
    for part in parts {
      let outcome = part.finish(seconds: deadlineSeconds)
      #expect(outcome.error == "" && outcome.exitCode == 0)
    }
    #expect(try fixture.runs("out").count == 3)
  }

  @Test("A directory with other content is left alone")
  func foreign() throws {
    let fixture = try SweepFixture("\"options\": { \"runtime\": \"virtual\" }")
    let outcome = try BuiltTool.scalemodel.run(
      ["sweep", fixture.file, "--output", fixture.path, "--resume"])
    #expect(
      outcome.error == "scalemodel: error: the output directory '\(fixture.path)' is not empty, "
        + "and no sweep is in it; choose another --output\n")
    #expect(outcome.exitCode == 73)
    #expect(try FileSystem.entries(fixture.path) == ["trial.json"])
  }

  @Test("A failed run is reported; the others wait or go on, and --resume does the rest")
  func failed() throws {
    let fixture = try SweepFixture(
      "\"repetitions\": 4, \"options\": { \"duration\": \"1s\", \"runtime\": \"virtual\" }")
    try FileSystem.makeDirectory(fixture.output("out"))
    #expect(try fixture.sweep("out", ["--only", "4"]).exitCode == 0)
    // A file in place of a run's directory.
    let obstacle = fixture.output("out") + "/0002-r2"
    try FileSystem.replace(obstacle, with: "")
    let stopped = try fixture.sweep("out", ["--resume", "--jobs", "1"])
    #expect(isOneLine(stopped.error))
    #expect(
      stopped.error.hasPrefix(
        "scalemodel: error: run 0002-r2: cannot create the output directory '\(obstacle)': "))
    #expect(
      stopped.error.contains("; 2 of 4 runs are finished; go on with: scalemodel sweep "))
    #expect(stopped.exitCode == 73)

    let kept = try fixture.sweep("out", ["--resume", "--keep-going"])
    #expect(kept.error.contains("; 3 of 4 runs are finished; go on with: "))
    #expect(kept.exitCode == 73)
    try FileSystem.remove(obstacle)
    let resumed = try fixture.sweep("out", ["--resume"])
    #expect(resumed.output.contains("4 runs of trial finished, 3 of them before"))
    #expect(resumed.exitCode == 0)
  }

  @Test(
    "A disk that fills half-way ends the sweep in one line; with room again it goes on", .long,
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let fixture = try SweepFixture(SweepFixture.manyRuns)
    let disk = try SmallDisk(kibibyteCount: 4096)
    let filler = disk.path + "/filler"
    try FileSystem.replace(filler, with: String(repeating: "x", count: 3_700_000))
    let words = ["sweep", fixture.file, "--output", disk.path + "/out", "--resume"]
    let stopped = try BuiltTool.scalemodel.run(words)
    #expect(isOneLine(stopped.error))
    #expect(stopped.error.contains("No space left on device"))
    #expect(stopped.error.contains(/; [1-9][0-9]* of [0-9]+ runs are finished; go on with:/))
    #expect(stopped.exitCode == 74)
    try FileSystem.remove(filler)
    let resumed = try BuiltTool.scalemodel.start(words).finish(seconds: 4 * deadlineSeconds)
    #expect(resumed.output.contains(/\d+ runs of trial finished, [1-9][0-9]* of them before/))
    #expect(resumed.exitCode == 0)
  }
}
