import CommandLineKit
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// Thousands of random runs in virtual time, each checked from its journals; a search, not a
/// measurement: a failing run is printed as the command that reproduces it.
struct SwarmBenchmark: Benchmark {
  static let name = "swarm"
  static let summary = "random runs in virtual time, every one checked; see --seeds"

  private let options: BenchmarkOptions
  private let toolDirectory = FileSystem.parentPath(of: ThisProcess.executablePath)
  private static let seedCountDefault = 500

  init(options: BenchmarkOptions) {
    self.options = options
  }

  /// The counts of the swarm.
  private struct Tally {
    var runs = 0
    var failedRuns = 0
    var endedRuns = 0
    var complete = 0
    var partial = 0
    var withMessagesOnChannels = 0
    var withMessagesInInboxes = 0
  }

  func measure() throws -> [BenchmarkTable] {
    var tally = Tally()
    let seedCount = options.seedCount ?? Self.seedCountDefault
    for seed in 0..<UInt64(seedCount) {
      try run(SwarmCase(seed: seed + options.firstSeed), &tally)
    }
    let table = BenchmarkTable(
      title: "swarm: \(seedCount) random runs from seed \(options.firstSeed), each checked",
      columns: [
        "runs", "failed checks", "ended by a kill", "snapshots complete", "partial",
        "with messages on channels", "in inboxes",
      ],
      rows: [
        [
          tally.runs, tally.failedRuns, tally.endedRuns, tally.complete, tally.partial,
          tally.withMessagesOnChannels, tally.withMessagesInInboxes,
        ].map { "\($0)" }
      ], notes: [])
    if tally.failedRuns > 0 {
      try options.console.print(table.text)
      throw ToolFailure(.failed, "\(tally.failedRuns) runs failed; their commands are above")
    }
    return [table]
  }

  /// What a failing run and its checks said.
  private struct Failure {
    /// The lines of errors, and of checks that failed.
    var lines: [String]
    /// What failed: exit codes, and the names of checks.
    var names: [String]
  }

  /// Carries out a case with the built tool, and checks it with the other.
  private func run(_ swarmCase: SwarmCase, _ tally: inout Tally) throws {
    guard let failure = try failure(of: swarmCase, { try count($0, isEnded: $1, &tally) }) else {
      return
    }
    tally.failedRuns += 1
    let shown =
      options.shrinks
      ? try swarmCase.shrunk { try self.failure(of: $0)?.names == failure.names } : swarmCase
    try options.console.print(
      "seed \(shown.seed): \(shown.command(output: "DIR"))\n"
        + failure.lines.map { "  \($0)\n" }.joined())
  }

  /// Carries out a case; `look` gets its run directory, and whether a kill ended it for all.
  ///
  /// - Returns: Nil when it is as it should be.
  private func failure(
    of swarmCase: SwarmCase, _ look: (RunDirectory, Bool) throws -> Void = { _, _ in }
  ) throws -> Failure? {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-swarm-")
    defer { try? FileSystem.removeTree(path) }
    let run = try ToolProcess(
      toolDirectory + "/scalemodel", swarmCase.words + ["--quiet", "--output", path + "/run"]
    ).finish()
    let checks = try ToolProcess(
      toolDirectory + "/analyze", [path + "/run", "--check"]
    ).finish()
    // A run that a kill ends for all failed as it should.
    let isEnded = run.exitCode == 1 && swarmCase.words.contains("--kill")
    try look(RunDirectory(path: path + "/run"), isEnded)
    if (run.exitCode == 0 || isEnded) && checks.exitCode == 0 { return nil }
    let verdicts = checks.output.split(separator: "\n").filter { $0.contains("FAILED") }
    let errors = (run.error + checks.error).split(separator: "\n").filter { $0.contains("error") }
    let names = verdicts.compactMap { $0.split(separator: ":").dropFirst().first.map(String.init) }
    return Failure(
      lines: (verdicts + errors).map(String.init),
      names: [run, checks].map { $0.exitCode.map(String.init) ?? "a signal" } + names)
  }

  private func count(_ directory: RunDirectory, isEnded: Bool, _ tally: inout Tally) throws {
    tally.runs += 1
    if isEnded { tally.endedRuns += 1 }
    guard FileSystem.isDirectory(directory.snapshotsPath) else { return }
    for name in try FileSystem.entries(directory.snapshotsPath) {
      guard let id = SnapshotID(String(name.dropLast(".json".count))) else { continue }
      let snapshot = try SnapshotFile.read(id, from: directory)
      guard snapshot.status == .complete else {
        tally.partial += 1
        continue
      }
      tally.complete += 1
      if snapshot.channelMessageCount > 0 { tally.withMessagesOnChannels += 1 }
      if snapshot.inboxMessageCount > 0 { tally.withMessagesInInboxes += 1 }
    }
  }
}
