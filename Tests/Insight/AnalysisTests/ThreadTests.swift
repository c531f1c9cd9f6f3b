import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// The findings of a run do not depend on the number of threads.
@Suite("Analysis by several threads")
struct ThreadTests {
  /// All findings with this many threads; nil when the analysis failed.
  private static func findings(
    in path: String, threadCount: Int
  ) -> Result<RunFindings, RunRecordError> {
    Result { () throws(RunRecordError) in
      var options = RunFindings.Options(checks: true)
      options.threadCount = threadCount
      return try RunFindings(of: StoredRun(RunDirectory(path: path)), options)
    }
  }

  @Test(
    "A run of several windows: the same table and verdicts",
    arguments: LongTests.areOn ? [2, 3, 7] : [3])
  func sameFindings(threadCount: Int) throws {
    try withTemporaryDirectory { directory in
      try ModelRun(rates: [9000, 40_000, 20_000], seconds: 1, seed: 5).fixture.write(to: directory)
      let alone = try Self.findings(in: directory, threadCount: 1).get()
      let together = try Self.findings(in: directory, threadCount: threadCount).get()
      #expect(alone.eventCount > 2 << 15)
      #expect(together.machines == alone.machines)
      #expect(together.verdicts.map(\.verdict) == alone.verdicts.map(\.verdict))
      #expect(alone.verdicts.map(\.verdict.word).prefix(3) == ["ok", "ok", "ok"])
    }
  }

  @Test("A broken rule in several journals: the same verdict is given", arguments: 1...4)
  func sameVerdict(threadCount: Int) throws {
    var fixture = RunFixture(
      rates: [1, 1, 1, 1],
      journals: (0..<4).map { _ in ["1,10,internal,1,0,,", "2,20,internal,2,0,,"] })
    fixture.journals[2][1] = "2,20,receive,9,0,3,8"
    fixture.journals[3][1] = "2,20,receive,5,0,2,4"
    try withTemporaryDirectory { directory in
      try fixture.write(to: directory)
      let found = try Self.findings(in: directory, threadCount: threadCount).get()
      let delivery = try #require(found.verdicts.first { $0.check == "delivery" })
      #expect(
        delivery.verdict.description
          == "FAILED '\(directory)/machine-2.csv', line 3: received 8 from machine 3, "
          + "which sent no such message to machine 2")
    }
  }

  @Test("Malformed lines in several journals: the error names the smallest id's", arguments: 1...4)
  func sameError(threadCount: Int) throws {
    var fixture = RunFixture(
      rates: [3, 1, 6],
      journals: (0..<3).map { _ in ["1,10,internal,1,0,,", "2,20,internal,2,0,,"] })
    fixture.journals[2][0] = "1,10,nothing,1,0,,"
    fixture.journals[1][1] = "2,20,internal,x,0,,"
    try withTemporaryDirectory { directory in
      try fixture.write(to: directory)
      guard
        case .failure(.malformed(let path, let line, let column, _)) = Self.findings(
          in: directory, threadCount: threadCount)
      else {
        Issue.record("nothing was refused")
        return
      }
      #expect(path == directory + "/machine-1.csv")
      #expect(line == 3)
      #expect(column == "clock")
    }
  }

  @Test("Every part of every job is done once, before the next job begins", arguments: [1, 2, 5])
  func everyPartOnce(memberCount: Int) {
    let team = ThreadTeam(memberCount: memberCount)
    let counts = UnsafeMutablePointer<Int>.allocate(capacity: 300)
    counts.initialize(repeating: 0, count: 300)
    defer { counts.deallocate() }
    for job in 1...200 {
      team.forEach(below: 300) { number, member in
        if member < memberCount { counts[number] += 1 }
      }
      #expect((0..<300).allSatisfy { counts[$0] == job })
    }
    team.carryOut(0) { _, _ in Issue.record("there is no part") }
  }
}
