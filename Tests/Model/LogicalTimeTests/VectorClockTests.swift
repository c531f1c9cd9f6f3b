import LogicalTime
import TestSupport
import Testing

@Suite("Fidge 1988 and Mattern 1989, vector clocks")
struct VectorClockTests {
  @Test(
    "Two clocks are compared entry by entry",
    arguments: [
      ([0, 0], [0, 0], .same),
      ([3, 1, 4], [3, 1, 4], .same),
      ([1, 0], [1, 1], .before),
      ([0, 0, 0], [0, 0, 1], .before),
      ([2, 2], [1, 2], .after),
      ([1, 0], [0, 1], .concurrent),
      ([5, 1, 9], [5, 2, 8], .concurrent),
      ([], [], .same),
    ] as [([UInt64], [UInt64], CausalOrder)])
  func comparison(one: [UInt64], other: [UInt64], order: CausalOrder) {
    let left = VectorClock(counts: one)
    let right = VectorClock(counts: other)
    #expect(left.order(to: right) == order)
    #expect(left.happenedBefore(right) == (order == .before))
    #expect(right.happenedBefore(left) == (order == .after))
    #expect(left.isConcurrent(with: right) == (order == .concurrent))
  }

  @Test("An event of a machine's own counts in its entry only")
  func ownEventCounts() {
    var clock = VectorClock(machineCount: 3)
    #expect(clock.counts == [0, 0, 0])
    clock.tick(at: 1)
    clock.tick(at: 1)
    #expect(clock.counts == [0, 2, 0])
    #expect(clock[1] == 2 && clock[2] == 0)
  }

  @Test("A receipt merges the message's clock, and counts itself")
  func receiptLearns() {
    var clock = VectorClock(counts: [4, 0, 7])
    clock.tick(at: 0, receiving: VectorClock(counts: [2, 5, 7]))
    #expect(clock.counts == [5, 5, 7])
  }

  @Test("A merge counts no event, and a second merge changes nothing")
  func mergeIsIdempotent() {
    var clock = VectorClock(counts: [4, 0])
    clock.merge(VectorClock(counts: [1, 3]))
    #expect(clock.counts == [4, 3])
    clock.merge(VectorClock(counts: [1, 3]))
    #expect(clock.counts == [4, 3])
  }

  @Test("They decide happened-before exactly, as a search of the graph does", arguments: 0..<40)
  func decideExactly(seed: UInt64) {
    let computation = Computation.random(
      machineCount: 2 + Int(seed % 5), eventCount: 50, seed: seed)
    let pasts = computation.pasts()
    var seen = Set<CausalOrder>()
    for (one, left) in computation.events.enumerated() {
      for (other, right) in computation.events.enumerated() {
        let truth = Computation.truth(one, other, pasts)
        #expect(left.vector.order(to: right.vector) == truth)
        seen.insert(truth)
      }
    }
    #expect(seen.count == 4, "Every answer is asked for")
  }

  /// Judged by a search of the graph: a run of a million pairs for each seed.
  @Test(
    "Of millions of pairs no verdict is wrong",
    arguments: 0..<(LongTests.areOn ? 10 : 2) as Range<UInt64>)
  func millionPairs(seed: UInt64) {
    let computation = Computation.random(machineCount: 10, eventCount: 1415, seed: seed)
    let pasts = computation.pasts()
    var (pairCount, concurrentCount, wrongCount) = (0, 0, 0)
    for (later, past) in pasts.enumerated() {
      let vector = computation.events[later].vector
      for earlier in 0..<later {
        pairCount += 1
        if !past[earlier] { concurrentCount += 1 }
        let said = computation.events[earlier].vector.order(to: vector)
        if said != (past[earlier] ? .before : .concurrent) { wrongCount += 1 }
      }
    }
    #expect(wrongCount == 0 && pairCount >= 1_000_000 && concurrentCount > 10_000)
  }

  @Test("Happened-before is a partial order: antisymmetric and transitive", arguments: 0..<10)
  func partialOrder(seed: UInt64) {
    let computation = Computation.random(machineCount: 3, eventCount: 24, seed: seed)
    let vectors = computation.events.map(\.vector)
    var chainCount = 0
    for one in vectors {
      #expect(!one.happenedBefore(one))
      for other in vectors where one.happenedBefore(other) {
        #expect(!other.happenedBefore(one))
        for third in vectors where other.happenedBefore(third) {
          #expect(one.happenedBefore(third))
          chainCount += 1
        }
      }
    }
    #expect(chainCount > 100)
  }
}
