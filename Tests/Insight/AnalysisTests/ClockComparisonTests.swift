import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// What clocks say of a run, judged by a search of its events that uses no vector clock.
@Suite("Clocks side by side")
struct ClockComparisonTests {
  /// A run's events and their causal order, from the text of its journals.
  private struct Truth {
    /// The Lamport readings, ascending: an order in which causes come first.
    private(set) var readings: [UInt64] = []
    private(set) var sendCount = 0
    private(set) var concurrentCount = 0
    private(set) var lamportOrderedCount = 0

    init(_ journals: [[String]]) {
      struct Line {
        let machine: Int
        let reading: UInt64
        let kind: Substring
        let source: Int?
        let message: UInt64?
      }
      let lines = journals.enumerated().flatMap { machine, lines in
        lines.map { line in
          let fields = line.split(separator: ",", omittingEmptySubsequences: false)
          return Line(
            machine: machine, reading: UInt64(fields[3]) ?? 0, kind: fields[2],
            source: Int(fields[5]), message: UInt64(fields[6]))
        }
      }.filter { $0.kind != "snapshot" }.sorted {
        ($0.reading, $0.machine) < ($1.reading, $1.machine)
      }
      readings = lines.map(\.reading)
      sendCount = lines.count { $0.kind == "send" }
      var pasts: [[Bool]] = []
      var latest = [Int?](repeating: nil, count: journals.count)
      for (index, line) in lines.enumerated() {
        let send = lines[..<index].firstIndex {
          line.kind == "receive" && $0.machine == line.source && $0.reading == line.message
        }
        var past = [Bool](repeating: false, count: lines.count)
        for cause in [latest[line.machine], send].compactMap({ $0 }) {
          past[cause] = true
          for other in 0..<cause where pasts[cause][other] { past[other] = true }
        }
        for other in 0..<index where !past[other] {
          concurrentCount += 1
          if readings[other] < line.reading { lamportOrderedCount += 1 }
        }
        pasts.append(past)
        latest[line.machine] = index
      }
    }
  }

  private static let run = Result {
    try ModelRun(
      rates: [9, 4, 7, 1, 6], seconds: LongTests.areOn ? 20 : 12, seed: 5,
      delay: Delay("~200ms") ?? .none, snapshots: [(3000, 0)])
  }

  /// Compares the clocks of a run that is written as files.
  private static func comparison(
    of fixture: RunFixture, exactPairCountMax: Int = ClockPairs.exactCountMax,
    offsetMax: Int64? = nil, team: ThreadTeam? = nil
  ) throws -> ClockComparison {
    try withTemporaryDirectory { directory in
      try fixture.write(to: directory + "/run")
      let run = try StoredRun(RunDirectory(path: directory + "/run"))
      let eventCount = fixture.journals.joined().count { !$0.contains("snapshot") }
      return try ClockComparison(
        of: run,
        ClockComparison.Options(
          eventCount: eventCount, offsetMax: offsetMax, exactPairCountMax: exactPairCountMax,
          team: team))
    }
  }

  /// The comparison of all pairs of the run, and of a sample of them.
  private static let (whole, sampled) = (
    Result { try comparison(of: run.get().fixture) },
    Result { try comparison(of: run.get().fixture, exactPairCountMax: 1000) }
  )

  private func row(_ name: String, _ comparison: ClockComparison) throws -> ClockRow {
    try #require(comparison.rows.first { $0[.clock] == .text(name) })
  }

  @Test("All pairs of a short run: concurrent ones are those that a search finds")
  func allPairs() throws {
    let run = try Self.run.get()
    let truth = Truth(run.journals)
    let comparison = try Self.whole.get()
    let count = truth.readings.count
    #expect(count > (LongTests.areOn ? 400 : 300))
    #expect(truth.concurrentCount > (LongTests.areOn ? 10_000 : 5000))
    for row in comparison.rows {
      #expect(row[.pairs] == Cell(count * (count - 1) / 2) && row[.pairsSampled] == row[.pairs])
      #expect(row[.concurrentPairs] == Cell(truth.concurrentCount))
      #expect(row[.orderedLow] == row[.orderedHigh])
    }
    for name in ["vector", "matrix", "interval-tree", "plausible-16"] {
      let row = try row(name, comparison)
      #expect(row[.wrong] == .count(0) && row[.orderedConcurrentShare] == .number(0))
    }
    let lamport = try row("lamport", comparison)
    #expect(lamport[.wrong] == Cell(truth.lamportOrderedCount))
    #expect(
      lamport[.orderedConcurrentShare]
        == Cell(Double(truth.lamportOrderedCount), by: truth.concurrentCount))
    #expect(lamport[.counterMax] == truth.readings.last.map { .count($0) })
    #expect(try row("hybrid-vector", comparison)[.bytesMax].value ?? 0 > 0)
    #expect(comparison.notes.isEmpty)
  }

  @Test(
    "Of more pairs a sample is compared, and its interval has the share of all",
    arguments: [
      "lamport", "plausible-4", "bloom-16", "bloom-256", "hybrid",
    ])
  func sampledPairs(name: String) throws {
    let all = try row(name, Self.whole.get())
    let sampled = try row(name, Self.sampled.get())
    #expect(sampled[.pairs] == all[.pairs] && sampled[.pairsSampled] == .count(100_000))
    let share = try #require(all[.orderedConcurrentShare].value)
    let low = try #require(sampled[.orderedLow].value)
    let high = try #require(sampled[.orderedHigh].value)
    #expect(low...high ~= share && high - low < 0.02 && high > low)
  }

  @Test("Ordered events are never called concurrent: every wrong verdict orders concurrent ones")
  func orderedEventsStayOrdered() throws {
    for row in try Self.whole.get().rows {
      let concurrent = try #require(row[.concurrentPairs].value)
      let ordered = try #require(row[.orderedConcurrentShare].value) * concurrent
      let wrong = try #require(row[.wrong].value)
      #expect(abs(ordered - wrong) < 1e-6)
    }
  }

  @Test("With perfect physical clocks hybrid ones are ahead of none, until a message is faster")
  func perfectClocks() throws {
    let row = try row("hybrid", Self.whole.get())
    #expect(row[.aheadShare] == .number(0) && row[.aheadMaxS] == .number(0))
  }

  /// Offsets of machines 0 and 1 for this seed differ by more than the delay.
  @Test("With skewed physical clocks the hybrid one is ahead, by the skew at most")
  func skewedClocks() throws {
    var fixture = try Self.run.get().fixture
    fixture.adjust = { $0.plan.skew = "20s" }
    let comparison = try Self.comparison(of: fixture, offsetMax: 1_000_000_000)
    let row = try row("hybrid", comparison)
    let largest = try #require(row[.aheadMaxS].value)
    #expect(largest > 1 && largest <= 20 && row[.predictedAheadShare] == .none)
    #expect(try #require(row[.aheadShare].value) > 0.3)
    #expect(comparison.notes.isEmpty, "It stays within the bound that the plan gives")
    let bounded = try self.row("hybrid-bounded", comparison)
    #expect(try #require(bounded[.refused].value) > 10)
    #expect(try #require(bounded[.aheadMaxS].value) <= 1)
    let vectors = try self.row("hybrid-vector", comparison)
    let perfect = try self.row("hybrid-vector", Self.whole.get())
    #expect(
      try #require(vectors[.orderedConcurrentShare].value)
        < #require(perfect[.orderedConcurrentShare].value), "Uncertain times order less")
  }

  @Test(
    "A hybrid stamp that breaks a promise is found, and one at the bound is not",
    arguments: [
      (stamp: (110, 3), time: 100, causes: [(110, 2)], problem: nil),
      (stamp: (111, 0), time: 100, causes: [], problem: "11 ns ahead"),
      (stamp: (99, 0), time: 100, causes: [], problem: "1 ns behind"),
      (stamp: (100, 2), time: 100, causes: [(100, 1), (100, 2)], problem: "not later than"),
      (stamp: (100, 22), time: 100, causes: [], problem: nil),
      (stamp: (100, 23), time: 100, causes: [], problem: "at most 22"),
      (stamp: (.max, 0), time: .min, causes: [], problem: "ahead"),
    ] as [HybridRow])
  func hybridBounds(row: HybridRow) throws {
    let bounds = HybridClockBounds(uncertainty: 10, counterMax: 22)
    let problem = bounds.problem(
      of: HybridClock(time: row.stamp.0, counter: row.stamp.1), at: row.time,
      after: row.causes.map { HybridClock(time: $0.0, counter: $0.1) })
    if let words = row.problem {
      #expect(try #require(problem).contains(words))
    } else {
      #expect(problem == nil)
    }
  }

  /// A stamp at a physical time, the stamps of its causes, and what is wrong.
  typealias HybridRow = (
    stamp: (Int64, UInt64), time: Int64, causes: [(Int64, UInt64)], problem: String?
  )

  @Test("Clocks that differ by more than the plan says fail the check of hybrid clocks")
  func hybridCheck() throws {
    let hours: Int64 = 8 * 3_600_000_000_000
    func fixture(_ skew: TimeSpan) throws -> RunFixture {
      var fixture = RunFixture(
        rates: [1, 1],
        journals: [
          ["1,\(hours),send,1,0,1,1"], ["1,5,internal,1,0,,", "2,20,receive,2,0,0,1"],
        ])
      var clocks = PhysicalClocks()
      clocks.skew = skew
      fixture.header += ",physical_time_ns"
      fixture.journals = try fixture.journals.enumerated().map { machine, lines in
        var clock = PhysicalClock(of: MachineID(machine), clocks, seed: fixture.seed)
        return try lines.map { line in
          let time = try #require(Int64(line.split(separator: ",")[1]))
          return "\(line),\(clock.time(at: time))"
        }
      }
      fixture.adjust = { $0.plan.skew = "\(skew)" }
      return fixture
    }
    guard case .failed(let violation) = try hybridVerdict(of: fixture(.seconds(5))) else {
      Issue.record("It must fail")
      return
    }
    #expect(violation.line == 3 && violation.problem.contains("ahead of physical time"))
    #expect(try hybridVerdict(of: fixture(.seconds(9 * 3600))) == .ok)
  }

  private func hybridVerdict(of fixture: RunFixture) throws -> Verdict {
    try withTemporaryDirectory { directory in
      try fixture.write(to: directory + "/run")
      return HybridClockCheck(try StoredRun(RunDirectory(path: directory + "/run"))).verdict()
    }
  }

  /// The values were computed with another program.
  @Test(
    "The entries of hybrid vector clocks grow as a birth process",
    arguments: [(0, 1), (1, 2.680), (3, 15.630), (5, 49.502), (6, 67.792), (1000, 100)]
      as [(messages: Double, entries: Double)])
  func entryLaw(row: (messages: Double, entries: Double)) {
    let mean = HybridVectorLaw.mean(machineCount: 100, messages: row.messages)
    #expect(abs(mean - row.entries) < 0.01, "\(mean)")
  }

  @Test("Clocks go through blocks of events alone or side by side, with the same result")
  func threads() throws {
    let alone = try Self.sampled.get()
    let together = try Self.comparison(
      of: Self.run.get().fixture, exactPairCountMax: 1000, team: ThreadTeam(memberCount: 3))
    #expect(alone.rows == together.rows)
  }

  /// Machine 1's clock is eight hours behind machine 0's.
  @Test("A bound refuses messages from the future, and the receiver's clock stays")
  func bound() throws {
    let hours: Int64 = 8 * 3_600_000_000_000
    let fixture = RunFixture(
      rates: [1, 1],
      journals: [
        ["1,\(hours),send,1,0,1,1", "2,\(hours + 10),send,2,0,1,2"],
        ["1,5,internal,1,0,,", "2,20,receive,2,0,0,1", "3,30,receive,3,0,0,2"],
      ])
    let comparison = try Self.comparison(of: fixture, offsetMax: 500_000_000)
    let free = try row("hybrid", comparison)
    #expect(free[.refused] == .none && free[.aheadShare] == .number(0.4))
    #expect(free[.aheadMaxS] == .number(Double(hours - 20) / 1e9) && free[.counterMax] == .count(1))
    #expect(
      comparison.notes == [
        "hybrid clocks are up to 28800 s ahead of physical time, though physical clocks "
          + "should differ by at most 0 s"
      ])
    let bounded = try row("hybrid-bounded", comparison)
    #expect(bounded[.refused] == .count(2) && bounded[.aheadShare] == .number(0))
  }

  @Test(
    "Pairs are all of few events, and of many as many as fit",
    arguments: [(0, 0, false), (1, 0, false), (2000, 1_999_000, false), (2001, 2_001_000, true)])
  func pairs(eventCount: Int, pairCount: Int, isSample: Bool) {
    var pairs = ClockPairs(eventCount: eventCount, stampByteCount: 8, seed: 3)
    #expect(pairs.count == pairCount && pairs.isSample == isSample)
    var kept: Set<Int> = []
    var comparedCount = 0
    for event in 0..<eventCount {
      let (now, compared) = pairs.next(event)
      #expect(kept.isSuperset(of: pairs.laterSlots[compared]), "The earlier event's stamp is there")
      comparedCount += compared.count
      if isSample { kept.subtract(pairs.laterSlots[compared]) }
      kept.formUnion(now)
    }
    #expect(comparedCount == (isSample ? ClockPairs.sampledCountMax : pairCount))
    #expect(ClockPairs(eventCount: .max, stampByteCount: 1 << 40, seed: 1).slotCount == 1000)
  }
}
