import Snapshots
import Testing

@testable import RunControl

@Suite("The outlook of a snapshot that begins")
struct SnapshotOutlookTests {
  @Test(
    "It tells the start, the estimate, and what may end the snapshot early",
    arguments: [
      (0, 10_000, 60_000, "snapshot 0-1 begun"),
      (40, 10_040, 60_000, "snapshot 0-1 begun; about 40 ms"),
      (1500, 11_500, 60_000, "snapshot 0-1 begun; about 1.5 s"),
      (10_000, 20_000, 60_000, "snapshot 0-1 begun; about 10 s"),
      (10_000, 20_000, 10_000, "snapshot 0-1 begun; about 10 s"),
      (600_000, 900_000, 1_000_000, "snapshot 0-1 begun; about 10 min"),
      (
        10_000, 20_000, 2960,
        "snapshot 0-1 begun; it needs about 10 s, but the run ends in 3 s: it will be partial"
      ),
      (
        10_000, 500, 60_000,
        "snapshot 0-1 begun; it needs about 10 s, but is given up after 500 ms: it will be partial"
      ),
    ])
  func words(estimate: Int64, timeout: Int64, remaining: Int64, words: String) {
    let outlook = SnapshotOutlook(
      id: SnapshotID(initiator: 0, number: 1), estimate: .milliseconds(estimate),
      timeout: .milliseconds(timeout), remaining: .milliseconds(remaining))
    #expect("\(outlook)" == words)
  }
}
