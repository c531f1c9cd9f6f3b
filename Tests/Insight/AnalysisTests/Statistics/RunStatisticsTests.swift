import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// Hand-made runs, grouped by their parameters.
@Suite("Runs over repetitions")
struct RunStatisticsTests {
  /// Adds runs of this many internal events each, one after the other.
  private static func statistics(
    _ runs: [(rates: [Int], seed: UInt64, change: @Sendable (inout Manifest) -> Void)]
  ) throws -> RunStatistics {
    var statistics = RunStatistics()
    for run in runs {
      var fixture = RunFixture(
        rates: run.rates,
        journals: run.rates.map { rate in
          (1...rate * Int(1 + run.seed)).map { tick in
            "\(tick),\(tick * 1_000_000_000 / rate),internal,\(tick),0,,"
          }
        })
      fixture.seed = run.seed
      fixture.adjust = run.change
      try withTemporaryDirectory { directory in
        try fixture.write(to: directory + "/run-\(run.seed)")
        let recorded = try StoredRun(RunDirectory(path: directory + "/run-\(run.seed)"))
        statistics.add(try RunFindings(of: recorded), of: recorded.manifest)
      }
    }
    return statistics
  }

  private static func unchanged(_: inout Manifest) {}

  @Test("Repetitions differ only in their seed; each machine has a row")
  func groups() throws {
    let statistics = try Self.statistics([
      ([2, 1], 1, Self.unchanged), ([2, 1], 3, Self.unchanged), ([2, 3], 1, Self.unchanged),
      ([2, 1], 2, { $0.runtime = "processes" }), ([1, 1, 1], 0, Self.unchanged),
      ([2, 1], 2, Self.unchanged),
    ])
    #expect(statistics.groups.map(\.runCount) == [3, 1, 1, 1])
    #expect(statistics.groups.map(\.rows.count) == [2, 2, 2, 3])
    let rows = statistics.rows
    #expect(rows[0][.parameter(.rates)] == .text("2,1"))
    #expect(rows[0][.machine] == .count(0))
    #expect(rows[0][.rank] == .count(2))
    #expect(rows[0][.runs] == .count(3))
    // 4, 8 and 6 events.
    #expect(rows[0][.mean(.events)] == .number(6))
    #expect(rows[0][.deviation(.events)] == .number(2))
    let reach = 4.302_652_729_749_462 * 2 / 3.0.squareRoot()
    let low = try #require(rows[0][.low(.events)].value)
    let high = try #require(rows[0][.high(.events)].value)
    #expect(abs(6 - low - reach) < 1e-12 && abs(high - 6 - reach) < 1e-12)
    #expect(rows[0][.predicted(.jumpMean)].value != nil)
    // One repetition has a mean and no deviation.
    #expect(rows[2][.mean(.events)] == .number(4))
    #expect(rows[2][.deviation(.events)] == .none)
    #expect(rows[2][.low(.events)] == .none)
    #expect(rows[2][.mean(.queueMean)] == .none)
  }

  @Test("The columns have the names that scripts read")
  func columnNames() {
    #expect(PacingRow.csv([]) == "run,machine,tau_s,differences,adev\n")
    #expect(
      ComparisonRow.csv([]) == """
        machine,rank,figure,runs,mean,sd,against_runs,against_mean,against_sd,difference,\
        difference_low,difference_high,differs

        """)
    let header = GroupRow.csv([])
    #expect(
      header.hasPrefix(
        """
        group,runtime,duration_s,machines,ticks,rates,die,topology,delay,workload,balance,transfer,\
        transfer_max,faults,snapshot_every,snapshot_at,on_failure,machine,rank,runs,rate_hz_mean,\
        rate_hz_sd,rate_hz_low,rate_hz_high,events_mean,
        """))
    #expect(
      header.contains(",receive_share_high,predicted_receive_share,final_clock_mean,"))
  }

  @Test("Drawn rates are no parameters: their machines are ordered by rate")
  func drawnRates() throws {
    let draw: @Sendable (inout Manifest) -> Void = { $0.plan.ticks = "1...6" }
    let statistics = try Self.statistics([
      ([5, 2], 0, draw), ([3, 6], 1, draw), ([3, 6], 2, Self.unchanged),
    ])
    #expect(statistics.groups.map(\.runCount) == [2, 1])
    let rows = statistics.rows
    #expect(rows[0][.parameter(.ticks)] == .text("1...6") && rows[0][.parameter(.rates)] == .none)
    #expect(rows[0][.machine] == .none && rows[0][.rank] == .count(1))
    #expect(rows[0][.mean(.rateHz)] == .number(2.5))
    #expect(rows[1][.mean(.rateHz)] == .number(5.5))
  }

  @Test("Unfinished runs, and repeated virtual runs, are left out and named")
  func leftOut() throws {
    let virtual: @Sendable (inout Manifest) -> Void = { $0.runtime = "virtual" }
    let statistics = try Self.statistics([
      ([2, 1], 1, virtual), ([2, 1], 2, { $0.status = .interrupted }), ([2, 1], 1, virtual),
      ([2, 1], 3, { $0.status = .failed }),
    ])
    #expect(statistics.groups.map(\.runCount) == [1])
    #expect(
      statistics.warnings == [
        "2 runs are left out of the statistics: not finished (run-2, …)",
        "1 run is left out of the statistics: same plan and seed as another, so virtual time "
          + "repeats it exactly (run-1)",
      ])
  }

  @Test("Two plans compared: which figures differ, and by how much")
  func comparison() throws {
    let statistics = try Self.statistics([
      ([2, 1], 1, Self.unchanged), ([2, 1], 2, Self.unchanged),
      ([2, 1], 6, { $0.plan.die = 4 }), ([2, 1], 7, { $0.plan.die = 4 }),
      ([1, 1, 1], 1, Self.unchanged),
    ])
    let groups = statistics.groups
    #expect(groups[1].parameters.names(ofDifferencesFrom: groups[0].parameters) == ["die"])
    let comparison = GroupComparison(of: groups[0], against: groups[1])
    let events = try #require(
      comparison.rows.first { $0[.figure] == .text("events") })
    // 4 and 6 against 14 and 16.
    #expect(events[.difference] == .number(-10))
    #expect(events[.differs] == .text("yes"))
    let reach = 4.302_652_729_749_462 * 2.0.squareRoot()
    let high = try #require(events[.differenceHigh].value)
    #expect(abs(high - (-10 + reach)) < 1e-12)
    let jump = comparison.rows.first { $0[.figure] == .text("jump_mean") }
    #expect(jump?[.differs] == .text("no"))
    #expect(comparison.warnings.isEmpty)
    #expect(!comparison.rows.contains { $0[.figure] == .text("queue_mean") })
    let uneven = GroupComparison(of: groups[0], against: groups[2])
    #expect(
      uneven.warnings == [
        "2 machines against 3: only the first 2 by id are compared",
        "a side with one run has no scatter, so no difference has an interval",
      ])
    #expect(uneven.differingCount == 0 && uneven.comparedCount == 0 && !uneven.rows.isEmpty)
  }
}

extension RunStatistics {
  /// The rows of `runs.csv`, without the cells of measures.
  fileprivate var rows: [GroupRow] { groups.flatMap(\.rows) }
}

extension RunGroup {
  fileprivate var rows: [GroupRow] { machines.map { GroupRow(of: $0, in: self) } }
}
