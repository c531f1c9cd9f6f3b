import RunRecord
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// Runs that ended early, or whose journals are of very different lengths.
@Suite("Uneven runs")
struct UnevenRunTests {
  private static let fixture = RunFixture(
    rates: [2, 1, 1],
    journals: [
      ["1,500000000,send,1,0,1,1", "2,1000000000,internal,2,0,,", "3,1500000000,internal,3,0,,"],
      ["1,1000000000,receive,2,0,0,1"],
      [],
    ])

  @Test(
    "An unfinished run is measured to its journals' ends; a running one gives a warning",
    arguments: [Manifest.Status.running, .failed, .interrupted])
  func unfinished(status: Manifest.Status) throws {
    var fixture = Self.fixture
    fixture.status = status
    let findings = try fixture.findings()
    #expect(findings.eventCount == 4)
    #expect(findings.machines.map { $0[.events].text } == ["3", "1", "0"])
    #expect(findings.machines.map { $0[.finalClock].text } == ["3", "2", ""])
    #expect(findings.verdicts.allSatisfy { !$0.verdict.isFailed })
    #expect(findings.warnings.count == (status == .running ? 1 : 0))
    #expect(findings.warnings.allSatisfy { $0.contains("up to the last whole line") })
  }

  @Test("A machine without a receipt has no queue figures over receipts")
  func noReceipt() throws {
    let row = try #require(try Self.fixture.findings().machines.first)
    #expect(row[.receives].text == "0")
    #expect(row[.queueMean].text == "")
    #expect(row[.queueP95].text == "")
    #expect(row[.queueMax].text == "0")
  }

  @Test("A journal that ends long before the others is measured to its end")
  func differentLengths() throws {
    var fixture = RunFixture(rates: [1, 1], journals: [[], ["1,1000000000,internal,1,0,,"]])
    fixture.durationSeconds = 5000
    fixture.journals[0] = (1...5000).map { "\($0),\($0)000000000,internal,\($0),0,," }
    let rows = try fixture.findings().machines
    #expect(rows.map { $0[.events].text } == ["5000", "1"])
    #expect(rows.map { $0[.driftMax].text } == ["0", "0"])
  }

  @Test(
    "A number that no run can have is an error with file and line",
    arguments: [
      ("1,10,internal,9223372036854775808,0,,", "clock"),
      ("1,10,internal,99999999999999999999999,0,,", "clock"),
      ("1,4611686018427387904,internal,1,0,,", "system_time_ns"),
      ("9223372036854775808,10,internal,1,0,,", "tick"),
      ("1,10,internal,1,4294967296,,", "queue_length"),
    ])
  func tooLarge(line: String, column: String) throws {
    var fixture = Self.fixture
    // Padded, so that the fast path of the reader meets it too.
    let padding = (2...40).map { "\($0),1500000000,internal,9223372036854775807,0,," }
    fixture.journals[2] = [line] + padding
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    guard case .malformed(_, 2, let found, _) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(found == column)
  }

  @Test("Reading many runs leaves no file open")
  func manyRuns() throws {
    try withTemporaryDirectory { directory in
      for number in 0..<200 { try Self.fixture.write(to: "\(directory)/\(number)") }
      let runs = try RunDirectory.runs(at: [directory])
      #expect(runs.count == 200)
      // Meanwhile other tests open and close files, but not hundreds.
      let openCount = try FileSystem.entries("/proc/self/fd").count
      let findings = try runs.map { try RunFindings(of: StoredRun($0)) }
      #expect(try FileSystem.entries("/proc/self/fd").count < openCount + 100)
      #expect(findings.allSatisfy { $0.eventCount == 4 })
    }
  }
}
