import Testing

@testable import Exploration

@Suite("Lists made small")
struct ShrinkingTests {
  @Test(
    "What is left fails, and no element of it can be left out",
    arguments: [
      ([], []), ([1], [1]), ([3, 1, 4, 1, 5, 9, 2, 6], [2, 6]), ([2, 4, 6, 8], [6, 8]),
      ([1, 3, 5, 7, 2, 4], [2, 4]),
    ] as [(whole: [Int], least: [Int])])
  func shrunk(row: (whole: [Int], least: [Int])) {
    // Two even numbers, or all that there is.
    func fails(_ part: [Int]) -> Bool { part.count { $0 % 2 == 0 } >= 2 }
    var asked: [[Int]] = []
    var shrinking = Shrinking(row.whole)
    while shrinking.advance({ part in
      asked.append(part)
      return fails(part) ? part : nil
    }) {}
    let least = shrinking.kept
    #expect(!asked.contains(row.whole))
    #expect(least == row.least)
  }
}
