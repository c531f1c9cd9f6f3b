import Testing

@testable import Predicates

@Suite("Wide sums")
struct WideSumTests {
  @Test(
    "A sum fits when its result does, in every order",
    arguments: [
      ([], 0), ([.max, 1, -1], .max), ([.min, -1, 1], .min), ([.max, .max, .min, .min], -2),
      ([.max, 1], nil), ([.min, -1], nil), ([-1], -1), ([1 << 32, -1], (1 << 32) - 1),
      ([.min], .min), ([.max], .max),
    ] as [([Int64], Int64?)])
  func sums(numbers: [Int64], result: Int64?) {
    for numbers in [numbers, numbers.reversed()] {
      var sum = WideSum()
      var negative = WideSum()
      for number in numbers {
        sum += number
        negative -= number
      }
      #expect(sum.value == result)
      negative += sum
      #expect(negative.value == 0)
    }
  }
}
