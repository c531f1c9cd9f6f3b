import ScaleModel
import Testing

@testable import VirtualTime

/// Items come out in the order (due, order added), whichever store holds them.
@Suite("Agenda")
struct AgendaTests {
  @Test("Items come out by due time, equals in the order added", arguments: 0..<20 as Range<UInt64>)
  func ordersByDueThenAdded(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var agenda = Agenda<Int>(addsInOrder: false)
    var waiting: [(due: Int64, item: Int)] = []
    for item in 0..<300 {
      let due = Int64(random.draw(below: 20))
      agenda.add(item, due: RunTime(nanoseconds: due))
      waiting.append((due, item))
      if random.draw(below: 3) == 0 {
        let index = waiting.indices.min { (waiting[$0].due, $0) < (waiting[$1].due, $1) }
        let first = index.map { waiting.remove(at: $0) }
        #expect(agenda.nextDue.nanoseconds == first?.due)
        #expect(agenda.popFirst() == first?.item)
      }
    }
    let rest = waiting.enumerated().sorted {
      ($0.element.due, $0.offset) < ($1.element.due, $1.offset)
    }
    for (_, element) in rest { #expect(agenda.popFirst() == element.item) }
    #expect(agenda.popFirst() == nil)
    #expect(agenda.nextDue == .never)
  }

  @Test("Due times that never decrease need only a ring, and come out the same")
  func ringKeepsOrder() {
    var agenda = Agenda<Int>(addsInOrder: true)
    var popped: [Int] = []
    for item in 0..<1000 {
      agenda.add(item, due: RunTime(nanoseconds: Int64(item / 7)))
      if item % 3 == 2, let first = agenda.popFirst() { popped.append(first) }
    }
    #expect(agenda.count == 1000 - popped.count)
    #expect(agenda.nextDue.nanoseconds == Int64(popped.count / 7))
    while let next = agenda.popFirst() { popped.append(next) }
    #expect(popped == Array(0..<1000))
    #expect(agenda.nextDue == .never)
  }
}
