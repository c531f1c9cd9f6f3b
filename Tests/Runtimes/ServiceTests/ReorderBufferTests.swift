import Testing

@testable import Service

@Suite("Separate calls are processed in the order of their numbers")
struct ReorderBufferTests {
  private var arrivals = ReorderBuffer<UInt64>()

  /// The numbers that had their turn.
  private mutating func take(_ numbers: [UInt64]) -> [UInt64] {
    numbers.flatMap { number in
      if case .taken(let turns) = arrivals.take(number, number: number) { return turns }
      return []
    }
  }

  static let orders: [[UInt64]] = [
    [1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [2, 1, 4, 3, 5], [3, 1, 5, 2, 4], [5, 1, 2, 3, 4],
  ]

  @Test("Each has one turn, whatever the order of arrival", arguments: orders)
  mutating func order(_ numbers: [UInt64]) {
    #expect(take(numbers) == [1, 2, 3, 4, 5])
    #expect(take(numbers) == [], "All of them are known by now")
  }

  @Test("A duplicate is reported as such, released or waiting")
  mutating func duplicates() {
    #expect(take([1, 3]) == [1])
    for number: UInt64 in [0, 1, 3] {
      guard case .duplicate = arrivals.take(number, number: number) else {
        Issue.record("\(number) came before, or is no number")
        continue
      }
    }
  }

  @Test("A number that was given up can be sent again")
  mutating func takenBack() {
    #expect(take([2]) == [])
    arrivals.takeBack(2)
    #expect(take([1]) == [1])
    #expect(take([2]) == [2])
  }

  @Test("The first number too far ahead to wait, and the last that may")
  mutating func bound() {
    let countMax = ReorderBuffer<UInt64>.waitingCountMax
    guard case .waits = arrivals.take(0, number: countMax) else {
      Issue.record("\(countMax) may wait for 1")
      return
    }
    for number in [countMax + 1, .max] {
      guard case .tooFarAhead(next: 1) = arrivals.take(0, number: number) else {
        Issue.record("\(number) is too far from 1")
        continue
      }
    }
  }

  @Test("Waiting items are given up in order, and are gone")
  mutating func givenUp() {
    #expect(take([4, 2, 3]) == [])
    #expect(arrivals.giveUp() == [2, 3, 4])
    #expect(arrivals.giveUp() == [])
  }
}
