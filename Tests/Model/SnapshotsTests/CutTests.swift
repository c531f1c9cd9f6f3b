import LogicalTime
import Snapshots
import Testing

/// A cut is consistent when no effect is before it whose cause is not.
@Suite("Cuts, by vector clocks and by accounts")
struct CutTests {
  private let channel = ChannelID(from: 0, to: 1)

  @Test(
    "No machine may know of an event after the cut",
    arguments: [
      (clocks: [[3, 0], [2, 4]], violation: nil),
      (clocks: [[3, 0], [3, 4]], violation: nil),
      (
        clocks: [[3, 0], [4, 4]],
        violation: .effectWithoutCause(at: 1, knows: 4, of: 0, eventCount: 3)
      ),
      (
        clocks: [[3, 5], [3, 4]],
        violation: .effectWithoutCause(at: 0, knows: 5, of: 1, eventCount: 4)
      ),
    ] as [(clocks: [[UInt64]], violation: CutViolation?)])
  func byVectorClocks(row: (clocks: [[UInt64]], violation: CutViolation?)) {
    let cut = Cut(clocks: row.clocks.map(VectorClock.init(counts:)))
    #expect(cut.firstViolation == row.violation)
    #expect(cut.isConsistent == (row.violation == nil))
  }

  @Test(
    "What is in transit is what was sent and not received: the same messages in the same order",
    arguments: [
      (sent: "", received: "", recorded: "", violation: nil),
      (sent: "abc", received: "a", recorded: "bc", violation: nil),
      (sent: "abc", received: "abc", recorded: "", violation: nil),
      (sent: "ab", received: "abc", recorded: "", violation: .receivedNotSent(index: 2)),
      (sent: "abc", received: "b", recorded: "ac", violation: .receivedNotSent(index: 0)),
      (sent: "abc", received: "a", recorded: "cb", violation: .contentsDiffer(index: 0)),
      (sent: "abc", received: "a", recorded: "b", violation: .contentsDiffer(index: 1)),
      (sent: "abc", received: "a", recorded: "bcd", violation: .contentsDiffer(index: 2)),
      (sent: "abc", received: "a", recorded: "", violation: .contentsDiffer(index: 0)),
    ] as [AccountRow])
  func byAccounts(row: AccountRow) {
    let account = ChannelHistory(
      channel: channel, sent: Array(row.sent), received: Array(row.received))
    #expect(account.violation(recorded: Array(row.recorded)) == row.violation?.on(channel))
  }

  @Test("A cut contains another when no machine is at an earlier event in it")
  func containment() {
    let early = Cut(clocks: [VectorClock(counts: [2, 0]), VectorClock(counts: [0, 1])])
    let late = Cut(clocks: [VectorClock(counts: [2, 0]), VectorClock(counts: [0, 3])])
    #expect(late.contains(early) && late.contains(late))
    #expect(!early.contains(late))
  }

  @Test("A snapshot is checked against the accounts; a missing channel is a violation")
  func wholeSnapshot() throws {
    let id = SnapshotID(initiator: 0, number: 1)
    var snapshot = GlobalSnapshot<Int, Character>(
      id: id, machines: [0, 1], channels: ChannelList(completeAmong: [0, 1]))
    try snapshot.add(
      LocalSnapshot(
        id: id, machine: 1, state: 0, channels: [.init(channel: channel, messages: ["b"])]))
    let accounts = [
      ChannelHistory<Character>(channel: channel, sent: ["a", "b"], received: ["a"]),
      ChannelHistory<Character>(channel: ChannelID(from: 1, to: 0)),
    ]
    #expect(
      snapshot.violations(against: accounts) == [.channelMissing(ChannelID(from: 1, to: 0))])
  }
}

/// One row of the accounts table; each character is a message.
typealias AccountRow = (sent: String, received: String, recorded: String, violation: Expected?)

/// A violation on the table's channel.
enum Expected {
  case receivedNotSent(index: Int)
  case contentsDiffer(index: Int)

  func on(_ channel: ChannelID) -> CutViolation {
    switch self {
    case .receivedNotSent(let index): .receivedNotSent(channel, index: index)
    case .contentsDiffer(let index): .contentsDiffer(channel, index: index)
    }
  }
}
