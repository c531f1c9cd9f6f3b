import RunControl
import Snapshots
import Testing

@Suite("Requests that wait for their replies")
struct PendingRequestsTests {
  private var requests = PendingRequests<String>()

  @Test("A reply goes to the client of its number, once")
  mutating func accounts() {
    let first = requests.add("first", forReplyOf: 1)
    let second = requests.add("second", forReplyOf: 1)
    #expect(first != second)
    #expect(requests.remove(number: second) == "second")
    #expect(requests.remove(number: second) == nil)
    #expect(requests.remove(number: 99) == nil)
    #expect(requests.remove(number: first) == "first")
  }

  @Test("Only the clients of a machine that dies are removed")
  mutating func death() {
    _ = requests.add("one", forReplyOf: 1)
    let other = requests.add("two", forReplyOf: 2)
    _ = requests.add("three", forReplyOf: 1)
    #expect(requests.remove(forReplyOf: 1) == ["one", "three"])
    #expect(requests.remove(forReplyOf: 1) == [])
    #expect(requests.remove(number: other) == "two")
  }

  @Test("Requests for snapshots and for accounts are separate")
  mutating func snapshots() {
    let id = SnapshotID(initiator: 1, number: 1)
    requests.add("snapshot", for: id)
    let number = requests.add("state", forReplyOf: 1)
    #expect(requests.remove(for: SnapshotID(initiator: 1, number: 2)) == [])
    #expect(requests.remove(for: id) == ["snapshot"])
    #expect(requests.remove(for: id) == [])
    #expect(requests.remove(number: number) == "state")
  }
}
