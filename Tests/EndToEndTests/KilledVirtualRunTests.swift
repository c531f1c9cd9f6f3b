import RunRecord
import SystemCalls
import TestSupport
import Testing

/// Journals of virtual time that end at different times are read as far as all are complete.
@Suite("A run in virtual time killed from outside", .ownThreads)
struct KilledVirtualRunTests {
  private static let words = [
    "run", "--runtime", "virtual", "--workload", "bank", "--rates", "500,700,90", "--seed", "3",
    "--snapshot-every", "1s", "--delay", "20ms", "--quiet", "--output",
  ]

  /// Machines that go back now and then, with some restarts in the journals' first bytes.
  private static let restarts =
    ["--on-failure", "restore"]
    + ["1500ms@0", "3s@1", "3400ms@2", "9s@0", "14s@1", "90s@0"].flatMap { ["--kill", $0] }

  private func expectNoFailure(_ run: FinishedRun) throws {
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)\(check.error)")
    #expect(!check.output.contains("FAILED"))
  }

  @Test(
    "No check fails, wherever its journals end",
    arguments: LongTests.first(2, of: [4, 1, 2, 3, 5, 6, 7, 8]), [false, true])
  func anyEnds(seed: UInt64, goesBack: Bool) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let words = goesBack ? Self.restarts.dropLast(2) : []
    #expect(
      try BuiltTool.scalemodel.run(Self.words + [run.path, "--duration", "20s"] + words).exitCode
        == 0)
    var manifest = try Manifest.read(from: RunDirectory(path: run.path))
    (manifest.status, manifest.machines, manifest.snapshots) = (.running, [], [])
    try manifest.write(to: RunDirectory(path: run.path))
    // Each file may end at any byte; in some runs one journal is empty.
    var random = SplitMix(state: seed)
    for machine in 0..<3 {
      let bytes = try FileSystem.contents(run.journalPath(machine))
      let count = seed % 4 == 0 && machine == 2 ? 0 : random.next(below: bytes.count)
      let text = String(decoding: bytes[..<count], as: UTF8.self)
      try FileSystem.replace(run.journalPath(machine), with: text)
    }
    try expectNoFailure(run)
  }

  @Test(
    "After a kill, it is read up to where all journals are complete, and says what is undone",
    .long,
    arguments: [false, true])
  func killed(goesBack: Bool) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start(
      Self.words + [run.path, "--duration", "100000s"] + (goesBack ? Self.restarts : []))
    try #require(
      tool.wait(seconds: deadlineSeconds) {
        run.isUnderWay() && (!goesBack || Self.restartCount(of: run) == 6)
      })
    tool.process.signal(SIGKILL)
    _ = tool.finish(seconds: deadlineSeconds)
    try expectNoFailure(run)
    let outcome = try BuiltTool.analyze.run([run.path])
    #expect(outcome.exitCode == 0)
    #expect(outcome.error.contains("' are read up to "))
    #expect(outcome.error.contains(", before which all of them are whole\n"))
  }

  private static func restartCount(of run: FinishedRun) -> Int {
    (try? Manifest.read(from: RunDirectory(path: run.path)).restarts?.count) ?? 0
  }

  @Test(
    "On a full disk it reports that, and its journals are read as far as complete",
    arguments: [false, true])
  func outOfRoom(goesBack: Bool) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try BuiltTool.scalemodel.run(
      afterShell: "ulimit -f 1000",
      Self.words + [run.path, "--duration", "10000s"] + (goesBack ? Self.restarts : []))
    #expect(outcome.exitCode == 74)
    #expect(Self.restartCount(of: run) > 0 || !goesBack)
    #expect(try run.manifest.status == "failed")
    try expectNoFailure(run)
  }

  /// Deterministic numbers from a seed.
  private struct SplitMix {
    var state: UInt64

    mutating func next(below count: Int) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var word = state
      word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
      word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
      return Int((word ^ (word >> 31)) % UInt64(count))
    }
  }
}
