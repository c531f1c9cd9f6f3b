import LogicalTime
import Predicates
import Snapshots
import Testing

@Suite("Histories")
struct HistoryTests {
  @Test("Vector clocks and lattice of two machines that exchange a message")
  func exchange() throws {
    var story = HistoryStory(machineCount: 2)
    let send = story.event(0)
    story.event(1)
    story.message(send, story.event(1))
    story.event(0)
    let history = try story.history()
    #expect(history.vectorClocks()[1].map(\.counts) == [[0, 0], [0, 1], [1, 2]])
    let lattice = Lattice(of: history)
    #expect(lattice.levels == [1, 2, 2, 2, 1] && lattice.stop == nil)
    let cuts = lattice.cuts?.map { $0.map(\.eventCounts) }
    #expect(
      cuts == [[[0, 0]], [[1, 0], [0, 1]], [[2, 0], [1, 1]], [[2, 1], [1, 2]], [[2, 2]]])
  }

  @Test("Without messages every cut is consistent, and of none there is one")
  func counts() throws {
    for (eventCounts, count) in [([], 1), ([0, 0], 1), ([5], 6), ([4, 2, 3], 60)] {
      var story = HistoryStory(machineCount: eventCounts.count)
      for (machine, count) in eventCounts.enumerated() {
        for _ in 0..<count { story.event(machine) }
      }
      #expect(Lattice(of: try story.history()).count == count)
    }
  }

  @Test("A lattice that is too large is not drawn")
  func drawing() throws {
    var story = HistoryStory(machineCount: 2)
    for machine in 0..<2 { for _ in 0..<25 { story.event(machine) } }
    let lattice = Lattice(of: try story.history())
    #expect(lattice.count == 676 && lattice.cuts == nil && lattice.stop == nil)
  }

  @Test("A message has its events, and none is sent after its receipt")
  func contradictions() throws {
    let (zero, one) = (History.Event(machine: 0, number: 1), History.Event(machine: 1, number: 1))
    var story = HistoryStory(machineCount: 2)
    story.event(0)
    story.event(1)
    var early = story
    early.message(History.Event(machine: 0, number: 0), one)
    #expect(Lattice(of: try early.history()).count == 4)
    for unknown in [
      History.Event(machine: 0, number: 2), History.Event(machine: 0, number: 0),
      History.Event(machine: 2, number: 1), History.Event(machine: -1, number: 1),
    ] {
      var story = story
      story.message(zero, unknown)
      #expect(throws: HistoryError.unknownEvent(unknown)) { try story.history() }
    }
    story.message(zero, one)
    story.message(one, zero)
    #expect(throws: HistoryError.causedByItself(zero)) { try story.history() }
  }
}
