import SystemCalls
import TestSupport
import Testing

/// `scalemodel run --from` as built.
@Suite("A run from a snapshot", .ownThreads)
struct RunFromTests {
  private static let virtual = [
    "run", "--runtime", "virtual", "--quiet", "--machines", "4", "--seed", "7",
  ]

  /// Runs a plan in `directory`, as `whole`.
  private static func whole(_ words: [String], in directory: TemporaryDirectory) throws {
    let outcome = try BuiltTool.scalemodel.run(
      virtual + ["--output", "whole"] + words, in: directory.path)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
  }

  private static func goOn(
    _ words: [String], in directory: TemporaryDirectory, output: String = "rest"
  ) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.run(
      ["run", "--quiet", "--output", output] + words, in: directory.path)
  }

  private static func check(_ run: String, in directory: TemporaryDirectory) throws {
    let outcome = try BuiltTool.analyze.run([run, "--check"], in: directory.path)
    #expect(outcome.exitCode == 0, "\(outcome.output)\(outcome.error)")
  }

  @Test(
    "With recorded chance and no delay its files are those of the run that was never cut",
    arguments: ["mutex-lamport", "token-ring"], ["0-1", "1-1", "3-1"])
  func sameFiles(workload: String, snapshot: String) throws {
    let directory = try TemporaryDirectory()
    let phases = workload == "token-ring" ? "random" : "aligned"
    try Self.whole(
      ["--workload", workload, "--snapshot-every", "11s", "--phases", phases], in: directory)
    let outcome = try Self.goOn(
      ["--from", "whole/snapshots/\(snapshot).json"], in: directory)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    let folder = directory.path + "/whole"
    let names =
      try FileSystem.entries(folder).filter { $0.hasSuffix(".csv") }
      + FileSystem.entries(folder + "/snapshots").map { "snapshots/\($0)" }
    #expect(names.count == 4 + 5)
    for name in names {
      #expect(
        try FileSystem.contents("\(directory.path)/rest/\(name)")
          == FileSystem.contents("\(folder)/\(name)"), "\(name)")
    }
    try Self.check("rest", in: directory)
  }

  @Test(
    "A longer run of any workload is one history, and so is a run from that",
    arguments: ["chatter", "bank"], ["0", "10ms...900ms"])
  func chain(workload: String, delay: String) throws {
    let directory = try TemporaryDirectory()
    try Self.whole(
      ["--workload", workload, "--delay", delay, "--snapshot-every", "9s"], in: directory)
    let first = try Self.goOn(
      ["--from", "whole/snapshots/2-1.json", "--duration", "90s"], in: directory)
    #expect(first.exitCode == 0, "\(first.error)")
    try Self.check("rest", in: directory)
    let second = try Self.goOn(
      ["--from", "rest/snapshots/0-2.json", "--duration", "100s", "--snapshot-at", "95s@1"],
      in: directory, output: "last")
    #expect(second.exitCode == 0, "\(second.error)")
    try Self.check("last", in: directory)
    // The snapshots at 9 s, 18 s … 45 s, and the one at 95 s.
    let names = try FileSystem.entries(directory.path + "/last/snapshots")
    #expect(
      names == ["0-1.json", "0-2.json", "1-1.json", "1-2.json", "2-1.json", "3-1.json"])
    let manifest = try FileSystem.contents(directory.path + "/last/run.json")
    #expect(
      String(decoding: manifest, as: UTF8.self).contains(#""path" : "rest/snapshots/0-2.json""#))
    for id in 0..<4 {
      let histories = try ["rest", "last"].map { run in
        let bytes = try FileSystem.contents("\(directory.path)/\(run)/machine-\(id).csv")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        // Snapshot 0-2 is the fifth.
        let cut = try #require(
          lines.indices.filter { lines[$0].contains(",snapshot,") }.dropFirst(4).first)
        return lines[...cut]
      }
      #expect(histories[0] == histories[1])
    }
  }

  @Test(
    "Options that are part of the plan are refused, and named",
    arguments: [
      "--seed 3", "--machines 4", "--rates 1,2,3,4", "--topology ring", "--workload bank",
      "--delay 5ms", "--die 3", "--kill 50s@1", "--until done", "--port 4000",
    ])
  func refusesPlan(words: String) throws {
    let words = words.split(separator: " ").map(String.init)
    let directory = try TemporaryDirectory()
    try expect(
      Self.goOn(["--from", "s.json"] + words, in: directory), 64,
      "\(words[0]) does not go with --from, which takes the plan of the snapshot's run; leave one "
        + "of them out")
    try expect(
      Self.goOn(["--from", "s.json", "--force"], in: directory), 64,
      "--force does not go with --from, which overwrites no run; give another --output")
  }

  @Test(
    "In wall time it is one history with the run before, in threads and in processes",
    arguments: LongTests.first(1, of: ["threads", "processes"]),
    LongTests.first(1, of: ["bank", "chatter", "mutex-lamport"]))
  func wallTime(runtime: String, workload: String) throws {
    let directory = try TemporaryDirectory()
    try Self.whole(
      ["--runtime", runtime, "--workload", workload, "--duration", "1s", "--ticks", "20...60"]
        + ["--delay", "1ms...20ms", "--snapshot-every", "300ms"], in: directory)
    let outcome = try Self.goOn(
      ["--from", "whole/snapshots/1-1.json", "--duration", "1500ms"]
        + ["--runtime", runtime == "threads" ? "processes" : "threads"], in: directory)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    try Self.check("rest", in: directory)
    for id in 0..<4 {
      let histories = try ["whole", "rest"].map { run in
        let bytes = try FileSystem.contents("\(directory.path)/\(run)/machine-\(id).csv")
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
        let cut = try #require(
          lines.firstIndex { $0.contains(",snapshot,") && $0.contains(",1-1") })
        return lines[...cut]
      }
      #expect(histories[0] == histories[1])
    }
    // Snapshots of the plan go on, and no id comes twice.
    let names = try FileSystem.entries(directory.path + "/rest/snapshots")
    #expect(names == ["0-1.json", "1-1.json", "2-1.json", "3-1.json"])
  }

  @Test("A run whose supervisor was killed goes on by hand, restarts and all", .long)
  func killedSupervisor() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      ["run", "--runtime", "processes", "--workload", "bank", "--duration", "60s", "--quiet"]
        + ["--rates", "100,150,200", "--delay", "1ms...20ms", "--snapshot-every", "100ms"]
        + ["--on-failure", "restore", "--output", run.path])
    func hasSnapshot(_ id: String) -> Bool {
      FileSystem.exists("\(run.path)/snapshots/\(id).json")
    }
    #expect(tool.wait(seconds: deadlineSeconds) { hasSnapshot("0-2") })
    for machine in try ProcessTable.children(of: tool.process.id).prefix(1) {
      _ = kill(machine, SIGKILL)
    }
    #expect(tool.wait(seconds: deadlineSeconds) { hasSnapshot("0-4") })
    // As after recoveries that failed: their epochs are used, and none comes again.
    func manifest(of run: String) throws -> String {
      String(decoding: try FileSystem.contents(run + "/run.json"), as: UTF8.self)
    }
    let machines = try ProcessTable.children(of: tool.process.id)
    tool.process.signal(SIGKILL)
    let areGone = waitUntil { machines.allSatisfy { ProcessTable.isGone($0) } }
    #expect(areGone)
    _ = tool.finish(seconds: deadlineSeconds)
    let snapshot = run.path + "/snapshots/0-4.json"
    let recorded = try manifest(of: run.path)
    #expect(recorded.contains(#""epoch" : 1,"#))
    try FileSystem.replace(
      run.path + "/run.json", with: recorded.replacing(#""epoch" : 1,"#, with: #""epoch" : 5,"#))
    let cut = try Self.seconds(of: snapshot, since: try #require(run.manifest.startTime))
    let outcome = try Self.goOn(
      ["--from", snapshot, "--duration", "\(cut * 1000 + 1000)ms"], in: directory)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    try Self.check("rest", in: directory)
    let rest = try manifest(of: directory.path + "/rest")
    #expect(rest.contains("killed by signal 9"))
    #expect(rest.contains("the run goes on from a snapshot"))
    #expect(rest.contains(#""epoch" : 5,"#) && rest.contains(#""epoch" : 6,"#))
    let journal = try FileSystem.contents(directory.path + "/rest/machine-0.csv")
    #expect(String(decoding: journal, as: UTF8.self).hasSuffix(",6\n"))
  }

  /// When a snapshot was complete, in whole seconds since the start, rounded up.
  private static func seconds(of path: String, since start: Int64) throws -> Int64 {
    let text = String(decoding: try FileSystem.contents(path), as: UTF8.self)
    let time = try #require(
      text.firstMatch(of: #/"completed_time_ns" : (\d+)/#).flatMap {
        Int64($0.1)
      })
    return (time - start) / 1_000_000_000 + 1
  }

  @Test("Times before the cut, other runtimes and runs with faults are refused")
  func refusesRuns() throws {
    let directory = try TemporaryDirectory()
    try Self.whole(
      ["--snapshot-at", "20s", "--kill", "50s@1", "--on-failure", "continue"], in: directory)
    let from = ["--from", "whole/snapshots/0-1.json"]
    let faulty = try Self.goOn(from, in: directory)
    #expect(faulty.exitCode == 64 && faulty.error.contains("its run has faults"))
    let own = try TemporaryDirectory()
    try Self.whole(["--snapshot-at", "20s", "--ticks-by", "own-clock"], in: own)
    let outcome = try Self.goOn(from, in: own)
    #expect(outcome.exitCode == 64 && outcome.error.contains("run without --ticks-by own-clock"))
    let plain = try TemporaryDirectory()
    try Self.whole(["--snapshot-at", "20s", "--journal", "off"], in: plain)
    for (words, complaint) in [
      ([], "kept no journals to go on; add --journal off"),
      (["--runtime", "threads"], "--from goes on in the time of the snapshot's run (virtual)"),
      (["--duration", "20s"], "--duration 20s counts from the start"),
      (["--snapshot-at", "20s"], "--snapshot-at 20s is not after the snapshot"),
    ] {
      let outcome = try Self.goOn(from + words, in: plain)
      #expect(outcome.exitCode == 64 && outcome.error.contains(complaint), "\(outcome.error)")
    }
    #expect(try Self.goOn(from + ["--journal", "off"], in: plain).exitCode == 0)
  }

  @Test("A run whose workload this program does not have is refused as a damaged file is")
  func strangeWorkload() throws {
    let directory = try TemporaryDirectory()
    try Self.whole(["--workload", "mutex-lamport", "--snapshot-at", "10s"], in: directory)
    let path = directory.path + "/whole/run.json"
    let text = String(decoding: try FileSystem.contents(path), as: UTF8.self)
    try FileSystem.replace(
      path, with: text.replacing(#""workload" : "mutex-lamport""#, with: #""workload" : "mutex""#))
    let outcome = try Self.goOn(["--from", "whole/snapshots/0-1.json"], in: directory)
    #expect(
      outcome.exitCode == 65
        && outcome.error.contains("none for this program: --workload: 'mutex' is not possible"),
      "\(outcome.error)")
  }

  @Test("Of two snapshots at one instant only the last can be gone on from")
  func sameInstant() throws {
    let directory = try TemporaryDirectory()
    try Self.whole(["--snapshot-at", "10s@1", "--snapshot-at", "10s@2"], in: directory)
    let first = try Self.goOn(["--from", "whole/snapshots/1-1.json"], in: directory)
    #expect(first.exitCode == 65 && first.error.contains("snapshot 2-1 was under way"))
    let last = try Self.goOn(["--from", "whole/snapshots/2-1.json"], in: directory)
    #expect(last.exitCode == 0, "\(last.error)")
    try Self.check("rest", in: directory)
  }

  @Test(
    "What no run can go on from is refused, with its place", .long,
    arguments: [
      RunDamage("cut off", "truncate -s 500 snapshots/1-1.json", "not JSON"),
      RunDamage(
        "rubbish", "rm snapshots/1-1.json; truncate -s 1G snapshots/1-1.json", "a NUL byte"),
      RunDamage(
        "old", #"sed -i 's/"schema" : 1/"schema" : 0/' snapshots/1-1.json"#, "schema 0 is not"),
      RunDamage(
        "partial", #"sed -i 's/"complete"/"partial"/' snapshots/1-1.json"#, "column 'status'"),
      RunDamage(
        "empty channels",
        #"sed -i 's/"channels" : \[/"empty_channels" : 4611686018427387903, &/' "#
          + "snapshots/1-1.json", "empty ones, and the plan has 12"),
      RunDamage("another", "cp snapshots/0-1.json snapshots/1-1.json", "it is snapshot 0-1"),
      RunDamage(
        "renamed",
        #"cp snapshots/0-1.json snapshots/1-1.json; sed -i 's/"0-1"/"1-1"/' snapshots/1-1.json"#,
        "column 'initiator': it is machine 0, and the id says machine 1"),
      RunDamage("early", "sed -i 's/,snapshot,/,internal,/' machine-2.csv", "the snapshot's line"),
      RunDamage("short", "sed -i 20q machine-2.csv", "it has 19 events"),
      RunDamage("foreign", #"sed -i 's/"seed" : 7/"seed" : 8/' run.json"#, "has a plan that"),
      RunDamage(
        "state", #"sed -i '0,/"balance" : [0-9]*/s//"balance" : 7/' snapshots/1-1.json"#,
        "1-1 is not what its run's journals say: '"),
      RunDamage(
        "message", #"sed -i '0,/"amount" : [0-9]*/s//"amount" : 7/' snapshots/1-1.json"#,
        "carries 7; its send says"),
      RunDamage(
        "overlapping",
        #"sed -i 's/"requested_time_ns" : [0-9]*/"requested_time_ns" : 0/' snapshots/1-1.json"#,
        "snapshot 0-1 was under way"),
      RunDamage(
        "before its run",
        #"sed -i -E 's/"(requested|completed)_time_ns" : [0-9]*/"\1_time_ns" : -1/' "#
          + "snapshots/1-1.json",
        "requested_time_ns is before its run's start"),
    ])
  func refusesFiles(damage: RunDamage) throws {
    let directory = try TemporaryDirectory()
    try Self.whole(
      ["--delay", "10ms...900ms", "--workload", "bank", "--snapshot-every", "10s"], in: directory)
    try damage.apply(to: directory.path + "/whole")
    let outcome = try Self.goOn(["--from", "whole/snapshots/1-1.json"], in: directory)
    #expect(outcome.exitCode == 65 && outcome.error.contains(damage.complaint), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
    #expect(!FileSystem.exists(directory.path + "/rest"))
    for name in ["nowhere.json", "whole/snapshots/9-9.json"] {
      #expect(try Self.goOn(["--from", name], in: directory).exitCode == 66)
    }
  }
}

extension RunDamage {
  fileprivate init(_ description: String, _ script: String, _ complaint: String) {
    self.init(testDescription: description, script: script, complaint: complaint)
  }
}
