import LogicalTime
import Testing

/// A space–time diagram like figure 1: three processes, with the causal order of their events.
@Suite("Lamport 1978, the partial ordering and the clock condition")
struct LamportPaperTests {
  /// P sends to Q, Q to P and to R, R to Q, and P, at last, to R.
  private struct Figure {
    var computation = Computation(machineCount: 3)
    let p: [Int]
    let q: [Int]
    let r: [Int]

    init() {
      let p1 = computation.perform(at: 0)
      let q1 = computation.perform(at: 1)
      let r1 = computation.perform(at: 2)
      let p2 = computation.receive(q1, at: 0)
      let q2 = computation.receive(p1, at: 1)
      let q3 = computation.perform(at: 1)
      let p3 = computation.perform(at: 0)
      let r2 = computation.receive(q3, at: 2)
      let q4 = computation.receive(r1, at: 1)
      let p4 = computation.perform(at: 0)
      let r3 = computation.perform(at: 2)
      let r4 = computation.receive(p4, at: 2)
      (p, q, r) = ([p1, p2, p3, p4], [q1, q2, q3, q4], [r1, r2, r3, r4])
    }

    func order(_ one: Int, _ other: Int) -> CausalOrder {
      computation.events[one].vector.order(to: computation.events[other].vector)
    }
  }

  private let figure = Figure()

  @Test("Events of one process are ordered as they happen")
  func oneProcessIsOrdered() {
    for process in [figure.p, figure.q, figure.r] {
      for (earlier, later) in zip(process, process.dropFirst()) {
        #expect(figure.order(earlier, later) == .before)
        #expect(figure.order(later, earlier) == .after)
      }
    }
  }

  @Test("A send happens before its receipt, and influence passes on from process to process")
  func influencePassesOn() {
    #expect(figure.order(figure.p[0], figure.q[1]) == .before)
    #expect(figure.order(figure.p[0], figure.r[1]) == .before, "by way of Q")
    #expect(figure.order(figure.q[0], figure.r[3]) == .before, "by way of P, or of R itself")
  }

  @Test("Events that cannot influence each other are concurrent, whatever the time of day")
  func othersAreConcurrent() {
    #expect(figure.order(figure.p[2], figure.q[2]) == .concurrent)
    #expect(figure.order(figure.r[0], figure.p[3]) == .concurrent, "R's first word reached Q only")
    #expect(figure.order(figure.q[3], figure.r[3]) == .concurrent)
    #expect(figure.order(figure.p[0], figure.p[0]) == .same, "no event happens before itself")
  }

  @Test("The readings are those the rules give, worked out by hand")
  func readings() {
    let readings = [figure.p, figure.q, figure.r].map { process in
      process.map { figure.computation.events[$0].reading }
    }
    #expect(readings == [[1, 2, 3, 4], [1, 2, 3, 4], [1, 4, 5, 6]])
  }

  @Test("The vector clocks are those the rules give, worked out by hand")
  func vectors() {
    let vectors = [figure.p, figure.q, figure.r].map { process in
      process.map { figure.computation.events[$0].vector.counts }
    }
    #expect(
      vectors == [
        [[1, 0, 0], [2, 1, 0], [3, 1, 0], [4, 1, 0]],
        [[0, 1, 0], [1, 2, 0], [1, 3, 0], [1, 4, 1]],
        [[0, 0, 1], [1, 3, 2], [1, 3, 3], [4, 3, 4]],
      ])
  }

  @Test("The clock condition: if a happened before b, then a reads less than b", arguments: 0..<40)
  func clockCondition(seed: UInt64) {
    let computation = Computation.random(
      machineCount: 2 + Int(seed % 4), eventCount: 60, seed: seed)
    var pairCount = 0
    for (later, past) in computation.pasts().enumerated() {
      for earlier in past.indices where past[earlier] {
        #expect(computation.events[earlier].reading < computation.events[later].reading)
        pairCount += 1
      }
    }
    #expect(pairCount > 60)
  }

  @Test("The reverse does not hold: a smaller reading alone proves nothing about cause")
  func smallerReadingProvesNothing() {
    let q3 = figure.computation.events[figure.q[2]]
    let p4 = figure.computation.events[figure.p[3]]
    #expect(q3.reading < p4.reading)
    #expect(q3.vector.isConcurrent(with: p4.vector))
  }
}
