import LogicalTime
import ScaleModel
import Testing

@testable import Snapshots

/// Finished snapshots are remembered exactly, in little space.
@Suite("Finished snapshots")
struct FinishedSnapshotsTests {
  private func id(_ initiator: MachineID, _ number: UInt32) -> SnapshotID {
    SnapshotID(initiator: initiator, number: number)
  }

  @Test("In any order of ends, exactly what ended is over, and one range per initiator remains")
  func rememberedExactly() {
    var random = SplitMix64(state: 1)
    let ids = (0..<3).flatMap { initiator in (1...12).map { id(MachineID(initiator), $0) } }
    for _ in 0..<50 {
      var finished = FinishedSnapshots()
      let shuffled = ids.shuffled(using: &random)
      for (index, over) in shuffled.enumerated() {
        finished.insert(over)
        finished.insert(over)
        #expect(shuffled[...index].allSatisfy(finished.contains))
        #expect(!shuffled[(index + 1)...].contains(where: finished.contains))
      }
      #expect(
        finished.ranges
          == (0..<3).map { .init(initiator: MachineID($0), first: 1, last: 12) })
    }
  }

  @Test("The ends of the number range are numbers like others")
  func extremes() {
    var finished = FinishedSnapshots()
    finished.insert(id(1, .max))
    finished.insert(id(1, 0))
    finished.insert(id(2, 0))
    #expect(finished.contains(id(1, .max)) && finished.contains(id(1, 0)))
    #expect(!finished.contains(id(1, 1)) && !finished.contains(id(0, 0)))
    #expect(!finished.contains(id(2, 1)))
    #expect(finished.ranges.count == 3)
  }

  @Test("Too many gaps: the oldest counts as over, and space stays bounded")
  func gapsAreBounded() {
    var finished = FinishedSnapshots()
    for number in 1...1000 { finished.insert(id(5, UInt32(2 * number))) }
    #expect(finished.ranges.count == FinishedSnapshots.rangeCountMax)
    #expect(finished.contains(id(5, 3)))
    #expect(!finished.contains(id(5, 1999)))
    #expect(!finished.contains(id(5, 1)))
  }
}
