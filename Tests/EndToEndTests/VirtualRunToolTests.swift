import SystemCalls
import TestSupport
import Testing

/// `scalemodel run --runtime virtual` as built.
@Suite("A run in virtual time", .ownThreads)
struct VirtualRunToolTests {
  private static let virtual = ["run", "--runtime", "virtual", "--quiet"]

  /// A plan with some of everything.
  private static let richPlan = [
    "--machines", "7", "--seed", "11", "--duration", "60s", "--delay", "~200ms", "--topology",
    "random:3", "--snapshot-every", "7s", "--snapshot-at", "20s@3", "--pause", "5s...9s@2",
    "--partition", "12s...15s@0,1", "--kill", "40s@6", "--on-failure", "continue",
  ]

  @Test("The same plan and seed give the same bytes in every file; another seed does not")
  func sameBytes() throws {
    let directory = try TemporaryDirectory()
    func files(_ name: String, _ words: [String] = []) throws -> [String: [UInt8]] {
      let path = "\(directory.path)/\(name)"
      let outcome = try BuiltTool.scalemodel.run(
        Self.virtual + Self.richPlan + words + ["--output", path])
      #expect(outcome.exitCode == 0)
      let names =
        try FileSystem.entries(path).filter { $0 != "snapshots" }
        + FileSystem.entries(path + "/snapshots").map { "snapshots/\($0)" }
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try FileSystem.contents("\(path)/\($0)")) })
    }
    let first = try files("first")
    #expect(first.count == 1 + 7 + 8)
    #expect(try files("second") == first)
    let other = try files("other", ["--seed", "12"])
    #expect(other["machine-0.csv"] != first["machine-0.csv"])
    let journals = try FinishedRun(path: directory.path + "/first").journals()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(JournalRules(journals: journals).receiptCount > 100)
  }

  @Test("--check-determinism runs twice, reports it and leaves nothing behind")
  func checkDeterminism() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--check-determinism", "--output", directory.run.path]
        + Self.richPlan)
    #expect(outcome.output.hasSuffix("a second run was the same to the byte\n"))
    #expect(outcome.exitCode == 0)
    #expect(
      try FileSystem.entries(directory.run.path)
        == (0..<7).map { "machine-\($0).csv" } + ["run.json", "snapshots"])
    let held = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--workload", "termination", "--until", "terminated"]
        + ["--seed", "1", "--duration", "10m", "--snapshot-every", "1s", "--check-determinism"]
        + ["--output", directory.path + "/held"])
    #expect(held.output.contains("terminated holds in snapshot"))
    #expect(held.output.hasSuffix("a second run was the same to the byte\n"))
    #expect(held.exitCode == 0)
  }

  @Test("With journals the table has the kinds of ticks; a large run reports its memory", .long)
  func summary() throws {
    let directory = try TemporaryDirectory()
    func output(_ words: [String]) throws -> [Substring] {
      let outcome = try BuiltTool.scalemodel.run(
        ["run", "--runtime", "virtual", "--rates", "2,3,6", "--seed", "7", "--duration", "60s"]
          + ["--force", "--output", directory.run.path] + words)
      #expect(outcome.exitCode == 0)
      return outcome.output.split(separator: "\n")
    }
    let plain = try output([])
    #expect(
      plain[1].split(separator: " ") == [
        "machine", "rate/s", "ticks", "internal", "sends", "receives", "clock", "queue",
      ])
    for (id, line) in plain[2...4].enumerated() {
      let events = try directory.run.journal(id).lines.map(\.event)
      let counts = ["internal", "send", "receive"].map { kind in events.count { $0 == kind } }
      #expect(line.split(separator: " ").dropFirst(3).prefix(3).map { Int($0) } == counts)
    }
    #expect(!plain.contains { $0.contains("digest") || $0.contains("memory") })
    #expect(!(try output(["--journal", "off"])[1].contains("sends")))
    let large = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--machines", "200000", "--topology", "ring", "--force"]
        + ["--duration", "100ms", "--journal", "off", "--output", directory.run.path])
    #expect(large.output.contains(#/\nmemory: [0-9]+ MB of machines, /#))
  }

  @Test("--transfer-max limits every transfer, and is in the plan")
  func transferMax() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--workload", "bank", "--transfer-max", "30"]
        + ["--transfer", "0.5", "--seed", "3", "--output", directory.run.path])
    #expect(outcome.output.contains(", transfer 0.5, $30 at most · all linked\n"))
    let lines = try (0..<3).flatMap { machine in
      String(
        decoding: try FileSystem.contents(directory.run.journalPath(machine)), as: UTF8.self
      ).split(separator: "\n").dropFirst()
    }
    let amounts = lines.compactMap { line in
      Int(line.split(separator: ",", omittingEmptySubsequences: false)[7])
    }
    #expect(amounts.count > 50 && amounts.allSatisfy { 1...30 ~= $0 })
    let manifest = try FileSystem.contents(directory.run.path + "/run.json")
    #expect(String(decoding: manifest, as: UTF8.self).contains(#""transfer_max" : 30"#))
    let check = try BuiltTool.analyze.run([directory.run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)")
  }

  @Test("The same seed draws the same rates in every runtime")
  func sameRates() throws {
    let directory = try TemporaryDirectory()
    let rates = try ["threads", "processes", "virtual"].map { runtime in
      let run = FinishedRun(path: "\(directory.path)/\(runtime)")
      _ = try BuiltTool.scalemodel.run([
        "run", "--runtime", runtime, "--machines", "8", "--seed", "5", "--duration", "20ms",
        "--quiet", "--output", run.path,
      ])
      return try run.manifest.plan.rates
    }
    #expect(rates[0].count == 8 && Set(rates[0]).count > 1)
    #expect(rates[1] == rates[0] && rates[2] == rates[0])
  }

  @Test("Without journals the results are the same")
  func withoutJournals() throws {
    let directory = try TemporaryDirectory()
    let digests = try ["on", "off"].map { word in
      let run = FinishedRun(path: "\(directory.path)/\(word)")
      let outcome = try BuiltTool.scalemodel.run(
        Self.virtual + Self.richPlan + ["--journal", word, "--output", run.path])
      #expect(outcome.exitCode == 0)
      return try #require(try run.manifest.digest)
    }
    #expect(digests[0] == digests[1])
    #expect(try FileSystem.entries(directory.path + "/off") == ["run.json", "snapshots"])
    #expect(try FileSystem.entries(directory.path + "/off/snapshots").count == 8)
  }

  @Test("Every option of the other runtimes is accepted")
  func everyOption() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--machines", "4", "--ticks", "2...9", "--duration", "1m",
      "--die", "6", "--seed", "3", "--topology", "ring", "--delay", "10ms...100ms",
      "--snapshot-at", "20s@2", "--snapshot-every", "25s", "--on-failure", "stop", "--port", "9000",
      "--output", directory.run.path, "--force", "--journal", "on", "--json",
    ])
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    let manifest = try directory.run.manifest
    #expect(manifest.status == "finished")
    #expect(manifest.startTime == 0)
    #expect(manifest.snapshots == ["2-1", "0-1", "1-1"])
    #expect(zip(manifest.machines, manifest.plan.rates).allSatisfy { $0.ticks == 60 * $1 })
  }

  @Test(
    "Whatever the delay, every snapshot is exact", .long,
    arguments: ["0", "50ms", "10ms...3s", "~500ms"])
  func delays(delay: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + ["--machines", "5", "--seed", "4", "--duration", "2m", "--delay", delay]
        + ["--snapshot-every", "11s", "--output", run.path])
    #expect(outcome.error == "")
    let journals = try run.journals()
    let snapshots = try run.snapshots()
    #expect(JournalRules(journals: journals).breaches == [])
    #expect(snapshots.count == 10)
    #expect(snapshots.flatMap { SnapshotRules(snapshot: $0, journals: journals).breaches } == [])
    #expect(snapshots.contains { $0.messageCount > 0 })
  }

  @Test(
    "Every topology is run, and its snapshots are complete", .long,
    arguments: [
      "complete", "ring", "star", "line", "grid:3x4", "random:2", "random:11",
    ])
  func topologies(topology: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + ["--machines", "12", "--seed", "4", "--duration", "2m", "--delay", "30ms"]
        + ["--topology", topology, "--snapshot-every", "30s", "--output", run.path])
    #expect(outcome.error == "")
    #expect(JournalRules(journals: try run.journals()).breaches == [])
    #expect(try run.snapshots().map(\.status) == ["complete", "complete", "complete"])
    #expect(try run.snapshots().allSatisfy { $0.machines.count == 12 })
  }

  @Test("A killed machine ends the run, unless the others may go on")
  func kill() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let call =
      Self.virtual + [
        "--rates", "5,5,5", "--duration", "60s", "--kill", "20s@1", "--output", run.path, "--force",
      ]
    let stopped = try BuiltTool.scalemodel.run(call)
    #expect(stopped.error == "scalemodel: error: machine 1 was killed at 20s\n")
    #expect(stopped.exitCode == 1)
    #expect(try run.manifest.status == "failed")
    #expect(try run.manifest.machines.map(\.ticks) == [99, 99, 99])
    let going = try BuiltTool.scalemodel.run(
      call + ["--on-failure", "continue", "--snapshot-at", "30s@0", "--snapshot-at", "31s@1"])
    let reason = try #require(try run.snapshot("0-1").reason)
    #expect(
      going.error == "scalemodel: warning: snapshot 0-1 is partial: \(reason)\n"
        + "scalemodel: warning: no snapshot at 31s: machine 1 is dead\n")
    #expect(reason.hasPrefix("machine 1: died before recording; "))
    #expect(going.exitCode == 0)
    #expect(try run.manifest.machines.map(\.ticks) == [300, 99, 300])
    #expect(try run.manifest.snapshots == ["0-1"])
  }

  @Test("A paused machine catches up, and what a partition holds arrives after it")
  func pauseAndPartition() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    _ = try BuiltTool.scalemodel.run(
      Self.virtual + ["--rates", "5,5,5", "--duration", "60s", "--seed", "1", "--output", run.path]
        + ["--pause", "10s...15s@2", "--partition", "20s...30s@0,1"])
    let journals = try run.journals()
    #expect(JournalRules(journals: journals).breaches == [])
    let times = journals[2].lines.map(\.systemTime)
    #expect(!times.contains { 10_000_000_000..<15_000_000_000 ~= $0 })
    #expect(times.count { $0 == 15_000_000_000 } == 26, "25 missed, and the one due then")
    let across = journals[2].lines.filter {
      $0.event == "receive" && $0.systemTime > 25_000_000_000
    }
    #expect(!across.contains { $0.systemTime < 30_000_000_000 })
    #expect(!across.isEmpty)
  }

  @Test(
    "Faults that cannot be are refused",
    arguments: [
      ("--kill 20s", Self.malformed("--kill", "20s", Self.killExpected)),
      ("--kill 20s@", Self.malformed("--kill", "20s@", Self.killExpected)),
      ("--kill 20s@1,2", Self.malformed("--kill", "20s@1,2", Self.killExpected)),
      ("--kill -1s@1", Self.malformed("--kill", "-1s@1", Self.killExpected)),
      ("--kill 20s@4294967296", Self.malformed("--kill", "20s@4294967296", Self.killExpected)),
      ("--kill 20s@3", "--kill 20s@3: there is no machine 3; take one from 0 to 2"),
      (
        "--kill 61s@0",
        "--kill 61s@0 is not within the run's 60s; take an earlier time or a longer --duration"
      ),
      ("--pause 10s@1", Self.malformed("--pause", "10s@1", Self.pauseExpected)),
      ("--pause 15s...10s@1", Self.malformed("--pause", "15s...10s@1", Self.pauseExpected)),
      ("--pause 10s...10s@1", Self.malformed("--pause", "10s...10s@1", Self.pauseExpected)),
      (
        "--pause 1s...2s@9", "--pause 1s...2s@9: there is no machine 9; take one from 0 to 2"
      ),
      (
        "--partition 1s...2s@", Self.malformed("--partition", "1s...2s@", Self.partitionExpected)
      ),
      (
        "--partition 1s...2s@0,,1",
        Self.malformed("--partition", "1s...2s@0,,1", Self.partitionExpected)
      ),
      (
        "--partition 1s...2s@0:1:2",
        Self.malformed("--partition", "1s...2s@0:1:2", Self.partitionExpected)
      ),
      (
        "--partition 1s...2s@0:3",
        "--partition 1s...2s@0:3: there is no machine 3; take one from 0 to 2"
      ),
      (
        "--partition 2m...3m@0",
        "--partition 2m...3m@0 is not within the run's 60s; take an earlier time or a longer "
          + "--duration"
      ),
      (
        "--loss 1.5",
        "--loss: '1.5' is not possible; expected a probability from 0 to 1, such as 0.2"
      ),
      (
        "--duplicate nan",
        "--duplicate: 'nan' is not possible; expected a probability from 0 to 1, such as 0.2"
      ),
      (
        "--runtime threads --kill 1s@1",
        "--kill needs virtual time; add --runtime virtual"
      ),
      (
        "--runtime processes --check-determinism",
        "--check-determinism needs virtual time; add --runtime virtual"
      ),
      (
        "--snapshot-at 60s",
        "--snapshot-at 60s is not within the run's 60s; take an earlier time or a longer --duration"
      ),
      (
        "--snapshot-at 1s@3",
        "--snapshot-at 1s@3: there is no machine 3; take one from 0 to 2"
      ),
      (
        "--snapshot-every 1us",
        "59999999 snapshots are asked for, 1000000 at most are possible; take a longer "
          + "--snapshot-every"
      ),
    ])
  func impossibleFaults(words: String, message: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + words.split(separator: " ").map(String.init), in: directory.path)
    #expect(outcome.error == "scalemodel: error: \(message)\n")
    #expect(outcome.exitCode == 64)
    #expect(try FileSystem.entries(directory.path) == [])
  }

  private static let killExpected = "a time and a machine's id: 20s@1"
  private static let pauseExpected =
    "two times, the earlier first, and a machine's id: 10s...15s@2"
  private static let partitionExpected =
    "two times, the earlier first, and machines' ids: 10s...20s@0,1 or 10s...20s@0:1"

  private static func malformed(_ option: String, _ value: String, _ expected: String) -> String {
    "\(option): '\(value)' is not possible; expected \(expected)"
  }

  @Test("A random delay on more channels than can be tracked is refused")
  func tooManyChannels() throws {
    let directory = try TemporaryDirectory()
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--machines", "1000000", "--delay", "1ms...2ms", "--output",
      directory.run.path,
    ])
    #expect(outcome.exitCode == 64)
    #expect(
      outcome.error
        == "scalemodel: error: a random --delay is possible on 134217728 channels, "
        + "not on 999999000000; take another --topology or fewer --machines\n")
    #expect(try FileSystem.entries(directory.path) == [])
  }

  @Test("Ctrl-C ends a run of a century at once, files whole", arguments: ["on", "off"])
  func interrupted(journal: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start([
      "run", "--runtime", "virtual", "--duration", "36500d", "--journal", journal,
      "--snapshot-at", "36499d", "--output", run.path,
    ])
    #expect(waitUntil { FileSystem.exists(run.path + "/run.json") })
    let outcome = tool.interrupt()
    #expect(outcome.output.contains(/\ninterrupted after [0-9.]+s of 3153600000s · virtual/))
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 130)
    #expect(try run.manifest.status == "interrupted")
    if journal == "on" {
      let journals = try run.journals()
      #expect(JournalRules(journals: journals).breaches == [])
      #expect(try run.manifest.machines.map(\.ticks) == journals.map(\.lines.count))
    }
  }

  @Test(
    "A disk that is too small for the journals ends it in one line: 74",
    .enabled(if: SmallDisk.isPossible))
  func fullDisk() throws {
    let disk = try SmallDisk(kibibyteCount: 256)
    let run = FinishedRun(path: disk.path + "/run")
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + ["--duration", "365d", "--output", run.path])
    #expect(outcome.error.hasPrefix("scalemodel: error: cannot write '\(run.path)/machine-"))
    #expect(
      outcome.error.hasSuffix(
        ".csv': No space left on device; make room, choose another directory with --output, or "
          + "leave the journals out with --journal off\n"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 74)
    #expect(["failed", "running"].contains(try run.manifest.status))
    let names = try FileSystem.entries(run.path)
    #expect(names == ["machine-0.csv", "machine-1.csv", "machine-2.csv", "run.json"])
  }

  @Test(
    "A disk that is too small for the snapshots does, too", .long,
    .enabled(if: SmallDisk.isPossible))
  func fullDiskOfSnapshots() throws {
    let disk = try SmallDisk(kibibyteCount: 256)
    let run = FinishedRun(path: disk.path + "/run")
    let outcome = try BuiltTool.scalemodel.run(
      Self.virtual + ["--duration", "1d", "--snapshot-every", "1m", "--journal", "off"]
        + ["--output", run.path])
    #expect(outcome.error.hasPrefix("scalemodel: error: cannot write '\(run.path)/snapshots/"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 74)
    let names = try FileSystem.entries(run.path + "/snapshots")
    #expect(!names.isEmpty && names.allSatisfy { $0.hasSuffix(".json") })
  }
}
