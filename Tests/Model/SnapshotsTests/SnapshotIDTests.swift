import Foundation
import LogicalTime
import Snapshots
import Testing

/// Ids are numbers with one spelling.
@Suite("Snapshot ids")
struct SnapshotIDTests {
  @Test("Ids compare as numbers, not as text")
  func comparesNumerically() {
    let ids = ["10-1", "2-10", "2-9", "0-4294967294"].compactMap { SnapshotID($0) }
    #expect(ids.sorted().map(\.description) == ["0-4294967294", "2-9", "2-10", "10-1"])
  }

  @Test("Text becomes an id and the same text again", arguments: ["0-1", "2-10", "4294967295-0"])
  func roundTrips(text: String) throws {
    let id = try #require(SnapshotID(text))
    #expect(id.description == text)
  }

  @Test(
    "No other text is an id",
    arguments: [
      "", "-", "1", "1-", "-1", "0-1-2", "01-1", "0-+1", "0--1", " 0-1", "0-1\n", "a-1",
      "0-4294967295", "0-4294967296", "0_1", "0-١",
    ])
  func refusesOtherText(text: String) throws {
    #expect(SnapshotID(text) == nil)
    let json = try JSONEncoder().encode([text])
    #expect(throws: DecodingError.self) { try JSONDecoder().decode([SnapshotID].self, from: json) }
  }

  @Test("An id travels as its text, and a part of a snapshot comes out as it went in")
  func codes() throws {
    let id = SnapshotID(initiator: 2, number: 10)
    #expect(try JSONEncoder().encode([id]) == Data(#"["2-10"]"#.utf8))
    let channel = ChannelState(
      channel: ChannelID(from: 1, to: 0), messages: ["m"], incompleteBecause: .timedOut)
    let part = LocalSnapshot(id: id, machine: 0, state: 7, channels: [channel])
    let coded = try JSONEncoder().encode(part)
    #expect(try JSONDecoder().decode(LocalSnapshot<Int, String>.self, from: coded) == part)
  }
}
