import LogicalTime
import RunRecord
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// `pacing.csv` from a hand-made journal.
@Suite("Pacing")
struct PacingMeasureTests {
  /// The rows of a machine with 4 ticks per second, late by these microseconds.
  private static func rows(lateness: [Int], change: (Int) -> Int = { $0 }) throws -> [PacingRow] {
    let lines = lateness.enumerated().map { index, late in
      let tick = change(index + 1)
      return "\(tick),\(1_000 + tick * 250_000_000 + late * 1_000),internal,\(index + 1),0,,"
    }
    var fixture = RunFixture(rates: [4], journals: [lines])
    fixture.startTime = 1_000
    return try withTemporaryDirectory { directory in
      try fixture.write(to: directory + "/run")
      let run = try StoredRun(RunDirectory(path: directory + "/run"))
      let measure = try #require(PacingMeasure(of: run))
      try JournalScan(run, [measure]).carryOut()
      return measure.rows
    }
  }

  @Test("Ticks alternately early and late deviate over one tick and not over two")
  func alternating() throws {
    let rows = try Self.rows(lateness: [10, 0, 10, 0, 10, 0, 10])
    #expect(rows.map { $0[.tauS] } == [.number(0.25), .number(0.5)])
    #expect(rows.map { $0[.differences] } == [.count(5), .count(3)])
    // Second differences of 20 µs over 0.25 s: √(20²/2)/0.25 µs per second.
    let deviation = try #require(rows[0][.adev].value)
    #expect(abs(deviation - 200.0.squareRoot() / 0.25 * 1e-6) < 1e-18)
    #expect(rows[1][.adev] == .number(0))
  }

  @Test("No difference is taken across a skipped tick")
  func skippedTick() throws {
    let rows = try Self.rows(lateness: [0, 0, 0, 9, 9, 9]) { $0 > 3 ? $0 + 2 : $0 }
    #expect(rows.map { $0[.differences] } == [.count(2)])
    #expect(rows[0][.adev] == .number(0))
  }
}
