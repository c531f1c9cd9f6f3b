import Testing

@testable import Experiments

@Suite("The remaining time of a sweep")
struct RemainingTimeTests {
  @Test(
    "Each free slot takes the next run that waits",
    arguments: [
      ([], [], 8, 0), ([40], [], 8, 40), ([40, 50], [60], 2, 100), ([], [60, 60, 60], 2, 120),
      ([], [60, 60, 60], 8, 60), ([10], [60, 60], 2, 70), ([-5], [60], 1, 60),
      ([], [10, 20, 30, 40], 2, 60), ([], [.max, .max, .max], 1, .max - 2_000_000_001),
    ] as [([Int64], [Int64], Int, Int64)])
  func rounds(underWay: [Int64], waiting: [Int64], slotCount: Int, expected: Int64) {
    let left = RemainingTime.nanoseconds(
      underWay: underWay, waiting: waiting, slotCount: slotCount)
    #expect(left == expected)
  }
}
