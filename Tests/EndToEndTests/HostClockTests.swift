import SystemCalls
import TestSupport
import Testing

/// The system clocks of hosts disagree, or are set while a run goes on.
@Suite(
  "Wrong system clocks", .ownThreads,
  .enabled(if: OtherClock.isPossible, "another clock needs clang"))
struct HostClockTests {
  // The first machine gives the time: once it is behind the others, once ahead of them.
  @Test(
    "Hosts whose clocks differ by minutes are one run, with one time in all its files",
    arguments: [[-420, 0, 420], [420, 0, -420]])
  func differentHosts(secondsAhead: [Int]) throws {
    let cluster = try Cluster(duration: "forever")
    let clocks = try secondsAhead.map { seconds in
      let clock = try OtherClock()
      try clock.set(secondsAhead: seconds)
      return clock
    }
    let tools = try clocks.enumerated().map { machine, clock in
      try clock.start(
        .scalemodel,
        ["machine", "--cluster", cluster.path, "--id", "\(machine)", "--commands", "-"]
          + ["--output", cluster.run(machine).path])
    }
    #expect(waitUntil { (0..<3).allSatisfy { cluster.isUnderWay($0) } })
    let whole = try SnapshotTotal(json: Array(cluster.snapshot(1).output.utf8))
    #expect(whole.status == "complete" && whole.total == cluster.totalMoney)
    tools[2].process.signal(SIGINT)
    for tool in tools {
      let outcome = tool.finish(seconds: deadlineSeconds)
      #expect(outcome.exitCode == 130, "\(outcome.error)")
      #expect(try seconds(in: outcome.output) < deadlineSeconds)
    }
    let starts = try (0..<3).map { try cluster.run($0).manifest.startTime }
    #expect(starts.allSatisfy { $0 == starts[0] })
    #expect(try cluster.verdicts() == Cluster.allOK)
    #expect(try largestLateness(of: (0..<3).map { cluster.run($0).path }) < deadlineSeconds)
  }

  @Test("A clock that is set during a run changes none of its times", arguments: [-3600, 3600])
  func setClock(seconds: Int) throws {
    let directory = try TemporaryDirectory()
    let clock = try OtherClock()
    let tool = try clock.start(
      .scalemodel,
      ["run", "--rates", "100,200", "--duration", "forever", "--seed", "1", "--commands", "-"]
        + ["--output", directory.run.path])
    func hasLines(_ count: Int) -> Bool {
      let journal = (try? FileSystem.contents(directory.run.journalPath(0))) ?? []
      return journal.count { $0 == UInt8(ascii: "\n") } > count
    }
    #expect(waitUntil { hasLines(1) })
    try clock.set(secondsAhead: seconds)
    #expect(waitUntil { hasLines(40) })
    let outcome = tool.interrupt()
    #expect(try (0.3..<deadlineSeconds).contains(self.seconds(in: outcome.output)))
    #expect(try largestLateness(of: [directory.run.path]) < deadlineSeconds)
    #expect(try BuiltTool.analyze.run([directory.run.path, "--check"]).exitCode == 0)
  }

  /// How long a run went on, as its summary says.
  private func seconds(in summary: String) throws -> Double {
    let match = try #require(try /interrupted after ([0-9.]+)s of forever/.firstMatch(in: summary))
    return try #require(Double(match.1))
  }

  /// The largest lateness of any tick in some run directories, in seconds; early is late, too.
  private func largestLateness(of paths: [String]) throws -> Double {
    let table = try BuiltTool.analyze.run(paths).output.split(separator: "\n")
      .map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let columns = try ["lateness_p50_us", "lateness_max_us"].map {
      try #require(table.first?.firstIndex(of: $0[...]))
    }
    let values = table.dropFirst().flatMap { row in columns.compactMap { Double(row[$0]) } }
    #expect(values.count == 2 * (table.count - 1) && table.count > 2)
    return values.map(abs).max().map { $0 / 1e6 } ?? 0
  }
}
