import LogicalTime
import ScaleModel
import Testing

/// Clocks of fixed size order concurrent events, the fewer the larger they are.
@Suite("Torres-Rojas and Ahamad 1999, plausible clocks; Ramabaja 2019, Bloom clocks")
struct SizedClockTests {
  /// How many concurrent pairs of ten computations these clocks order, and how many there are.
  private func orderedCount<Clock: CausalClock>(
    _ clock: (MachineID) -> Clock
  ) -> (ordered: Int, all: Int) {
    var (ordered, all) = (0, 0)
    for seed in UInt64(0)..<10 {
      let computation = Computation.random(machineCount: 8, eventCount: 100, seed: seed)
      let stamps = computation.stamps(
        (0..<8).map { clock(MachineID($0)) },
        times: Array(repeating: 0, count: computation.events.count))
      let pasts = computation.pasts()
      for one in stamps.indices {
        for other in 0..<one where Computation.truth(one, other, pasts) == .concurrent {
          all += 1
          let said = stamps[one].order(to: stamps[other])
          if said == .before || said == .after { ordered += 1 }
        }
      }
    }
    return (ordered, all)
  }

  @Test("More entries order fewer concurrent events, an entry each none, and one nearly all")
  func plausibleSizes() {
    let ordered = [1, 2, 4, 8].map { size in
      orderedCount { PlausibleClock(of: $0, entryCount: size) }
    }
    #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.ordered > $1.ordered })
    #expect(ordered[3].ordered == 0)
    let lamport = orderedCount { _ in LamportClock() }
    #expect(ordered[0] == lamport, "One entry for all is Lamport's clock")
  }

  @Test("More cells order fewer concurrent events")
  func bloomSizes() {
    let ordered = [1, 8, 64, 512].map { size in
      orderedCount { _ in BloomClock(cellCount: size, hashCount: 2) }
    }
    #expect(zip(ordered, ordered.dropFirst()).allSatisfy { $0.ordered > $1.ordered })
    #expect(ordered[3].ordered * 20 < ordered[3].all)
  }

  @Test("Each event adds as many as there are hashes; numbers out of range count as the nearest")
  func bloomSums() {
    var clock = BloomClock(cellCount: 10, hashCount: 3)
    for number in UInt64(1)...7 { clock.tick(of: 2, number: number) }
    #expect(clock.cells.reduce(0, +) == 21)
    #expect(BloomClock(cellCount: -1, hashCount: 99).cells == [0])
    #expect(BloomClock(cellCount: 1, hashCount: 99).hashCount == BloomClock.hashCountMax)
    #expect(PlausibleClock(of: 3, entryCount: 0).counts == [0])
  }

  @Test("The chance of a false order follows the paper's formula")
  func chanceOfFalseOrder() {
    var (one, other) = (
      BloomClock(cellCount: 4, hashCount: 1), BloomClock(cellCount: 4, hashCount: 1)
    )
    #expect(one.chanceOfFalseOrder(before: other) == 1, "Nothing is before everything")
    one.tick(of: 0, number: 1)
    #expect(one.chanceOfFalseOrder(before: other) == 0)
    for number in UInt64(1)...2 { other.tick(of: 1, number: number) }
    #expect(one.chanceOfFalseOrder(before: other) == 1 - 0.75 * 0.75)
    one.tick(of: 0, number: 2)
    let squared = (1 - 0.75 * 0.75) * (1 - 0.75 * 0.75)
    #expect(one.chanceOfFalseOrder(before: other) == squared)
  }

  @Test("A matrix clock knows what all know: the least of what they said")
  func matrixKnows() {
    var clocks = (0..<3).map { MatrixClock(of: MachineID($0), machineCount: 3) }
    clocks[0].tick()
    clocks[1].tick(receiving: clocks[0])
    #expect(clocks[1].rows == [[1, 0, 0], [1, 1, 0], [0, 0, 0]])
    #expect(clocks[1].own.counts == [1, 1, 0] && clocks[1].countKnownToAll(of: 0) == 0)
    clocks[2].tick(receiving: clocks[1])
    #expect(clocks[2].rows == [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    #expect(clocks[2].countKnownToAll(of: 0) == 1)
    #expect(clocks[2].countKnownToAll(of: 7) == 0)
    #expect(MatrixClock(of: 4, machineCount: 1).rows.count == 5)
  }
}
