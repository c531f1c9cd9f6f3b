import SystemCalls
import TestSupport
import Testing

/// Sweeps whose runs go on until a stable predicate holds.
@Suite("Sweeps with an until", .ownThreads)
struct SweepUntilTests {
  /// The predicate holds within ten minutes of a run, and not within a second.
  private static let keys = """
    "repetitions": 2,
    "options": { "workload": "termination", "runtime": "virtual", "until": "terminated",
                 "spread": 0.3, "rest": 0.5, "ticks": "5...5", "snapshot_every": "200ms" },
    "axes": { "duration": ["100ms", "10m"] }
    """

  private static let warning = """
    scalemodel: warning: terminated did not hold in any snapshot of 2 of 4 runs \
    (0001-duration=100ms-r1, …); take a longer duration

    """

  @Test("Runs whose predicate never held are kept, counted and warned of; --resume redoes none")
  func missed() throws {
    let fixture = try SweepFixture(Self.keys)
    let first = try fixture.sweep("out")
    #expect(first.exitCode == 0)
    #expect(first.error == Self.warning)
    #expect(first.output.contains("\n4 runs of trial finished · "))
    #expect(
      try fixture.runs("out").map { try $0.manifest.status }
        == ["finished", "finished", "interrupted", "interrupted"])

    let resumed = try fixture.sweep("out", ["--resume", "--json"])
    #expect(resumed.exitCode == 0)
    #expect(resumed.error == Self.warning)
    let report = resumed.output.filter { !$0.isWhitespace }
    #expect(report.contains("\"finished_before\":4"))
    #expect(
      report.contains("\"not_held\":[\"0001-duration=100ms-r1\",\"0002-duration=100ms-r2\"]"))
    #expect(report.contains("\"failed\":[]"))
  }

  @Test("A run that its predicate ended is a repetition of its plan in runs.csv")
  func statistics() throws {
    let fixture = try SweepFixture(Self.keys)
    #expect(try fixture.sweep("out", ["--quiet"]).exitCode == 0)
    let tables = try fixture.tables("out")
    let lines = try #require(tables.first { $0.hasPrefix("runs.csv\n") })
      .split(separator: "\n").dropFirst()
    let columns = lines.first?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    let index = try #require(columns.firstIndex(of: "runs"))
    let counts = lines.dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)[index]
    }
    // Two configurations of three machines each.
    #expect(counts == ["2", "2", "2", "2", "2", "2"])
  }
}
