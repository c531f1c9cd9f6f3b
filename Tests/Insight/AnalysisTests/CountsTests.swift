import RunRecord
import ScaleModel
import TestSupport
import Testing

@testable import Analysis

/// Percentiles by counting equal percentiles by sorting.
@Suite("Counts, ranks and due times")
struct CountsTests {
  /// Numbers of very different sizes, some negative.
  private static func numbers(seed: UInt64, count: Int) -> [Int64] {
    var random = SplitMix64(seed: seed, purpose: .ticks)
    let negatives = random.draw(below: 2) == 0
    let shiftMax = 1 + random.draw(below: 62)
    return (0..<count).map { _ in
      let size = Int64(random.next() >> (64 - random.draw(below: shiftMax + 1) - 1))
      let number = size & .max
      return negatives && random.draw(below: 3) == 0 ? ~number : number
    }
  }

  @Test(
    "The number at any rank is found",
    arguments: 0..<(LongTests.areOn ? 40 : 10) as Range<UInt64>)
  func ranks(seed: UInt64) throws {
    let numbers = Self.numbers(seed: seed, count: 300)
    var counts = RankCounts()
    var exact = ValueCounts()
    for number in numbers {
      counts.add(number)
      exact.add(number)
    }
    let sorted = numbers.sorted()
    let maximum = counts.maximum
    #expect(maximum == sorted.last)
    let totals = [counts.total, exact.total]
    #expect(totals == [numbers.count, numbers.count])
    for rank in stride(from: 1, through: numbers.count, by: 13) {
      let found = counts.cell(atRank: rank)
      let cell = try #require(found)
      #expect(cell.range.contains(sorted[rank - 1]))
      var search = RankSearch(rank: rank, in: cell)
      var lookCount = 0
      while search.value == nil && lookCount < 5 {
        search.beginLook()
        for number in numbers { search.look(at: number) }
        search.endLook()
        lookCount += 1
      }
      #expect(search.value == sorted[rank - 1])
      let exactValue = exact.value(atRank: rank)
      #expect(exactValue == sorted[rank - 1])
    }
    let beyond = counts.cell(atRank: numbers.count + 1)
    #expect(beyond == nil)
    let ascending = exact.ascending
    #expect(ascending.map(\.count).reduce(0, +) == numbers.count)
    #expect(ascending.map(\.value) == Set(numbers).sorted())
  }

  @Test(
    "Cells are one number wide below 1,024 and narrow above",
    arguments: [0, 1, 1023, 1024, 1025, 2047, 2048, 1 << 40, .max, -1, -1024, -1025, .min]
      as [Int64])
  func cells(number: Int64) throws {
    var counts = RankCounts()
    counts.add(number)
    let found = counts.cell(atRank: 1)
    let cell = try #require(found)
    #expect(cell.range.contains(number))
    #expect(cell.count == 1 && cell.countBefore == 0)
    let width = Double(cell.range.upperBound) - Double(cell.range.lowerBound) + 1
    #expect(width <= max(1, abs(Double(number)) / 512))
  }

  @Test(
    "Zero times changes nothing; several times count each", arguments: [3, 5000, -2] as [Int64])
  func times(number: Int64) {
    var counts = RankCounts()
    counts.add(number, times: 0)
    let before = (counts.total, counts.maximum)
    #expect(before == (0, .min))
    counts.add(number, times: 4)
    counts.add(number + 1, times: 0)
    let after = (counts.total, counts.maximum)
    #expect(after == (4, number))
  }

  @Test(
    "Nearest rank, with common percentages",
    arguments: [
      (50, 1, 1), (50, 2, 1), (50, 3, 2), (95, 1, 1), (95, 2, 2), (95, 20, 19), (95, 21, 20),
      (95, 100, 95), (99, 100, 99), (99, 101, 100), (100, 7, 7), (1, 5, 1),
      (99, 1 << 60, 1_141_392_289_560_778_507),
    ])
  func nearestRanks(percent: Int, count: Int, rank: Int) {
    #expect(nearestRank(percent: percent, of: count) == rank)
  }

  @Test("Due times without division are those of the plan", arguments: [1, 2, 3, 7, 60, 999_983])
  func dueTimes(rate: Int) {
    var schedule = DueTimes(rate: rate)
    var ticks = Array(1...400 as ClosedRange<UInt64>)
    ticks += [400, 399, 1_000_000_007, 1_000_000_008, 1_000_000_010, 1]
    for tick in ticks {
      #expect(schedule.due(tick) == TickTime.due(tick: tick, rate: rate).nanoseconds)
    }
    #expect(schedule.due(UInt64.max >> 1) == nil)
  }

  @Test("Lateness line by line is that of each tick alone", arguments: 0..<60 as Range<UInt64>)
  func lateness(seed: UInt64) {
    var random = SplitMix64(seed: seed, purpose: .ticks)
    let rate = Int(1 + random.draw(below: 9))
    var tick: UInt64 = seed % 5 == 0 ? 1 << 61 / 1_000_000_000 * UInt64(rate) - 20 : 0
    let lines = (0..<200).map { _ in
      let isSnapshot = random.draw(below: 20) == 0
      if !isSnapshot { tick += random.draw(below: 30) == 0 ? random.draw(below: 9) : 1 }
      return JournalLine(
        tick: tick, systemTime: Int64(random.draw(below: 1 << 61)),
        kind: isSnapshot ? .snapshot : .internal)
    }
    // Then it went back twice, to ticks that it soon comes to, and the second time further.
    let last = 5 + random.draw(below: 90)
    var restarts: [(tick: UInt64, nanoseconds: Int64)] = []
    if seed % 10 < 5 && seed % 5 > 0 {
      restarts = [(tick: last + 3, nanoseconds: 1_000_000_000)]
      restarts.append((tick: last, nanoseconds: 2_000_000_000))
    }
    var schedule = DueTimes(rate: rate, restarts: restarts)
    func due(_ tick: UInt64) -> Int64? {
      var single = DueTimes(rate: rate)
      guard !restarts.isEmpty, tick > last else { return single.due(tick) }
      return single.due(tick - last).map { $0 + 2_000_000_000 }
    }
    var latenesses = PlainBuffer<Int64>()
    latenesses.extend(to: lines.count, with: 0)
    lines.withUnsafeBufferPointer { lines in
      var (index, foundCount) = (0, 0)
      while index < lines.count {
        let end = schedule.findLateness(of: lines, from: index, after: 7, into: &latenesses)
        for line in index..<end {
          let lateness = latenesses[line]
          #expect(lines[line].kind != .snapshot)
          #expect(due(lines[line].tick).map { lines[line].systemTime - 7 - $0 } == lateness)
        }
        foundCount += end - index
        guard end < lines.count else { break }
        if lines[end].kind != .snapshot {
          #expect(schedule.due(lines[end].tick) == due(lines[end].tick))
        }
        index = end + 1
      }
      // Near the end of time, and where the first epoch ends soon, only the first ones.
      #expect(foundCount > 3)
    }
  }

  @Test(
    "Numbers are written with twelve digits at most",
    arguments: [
      (0, "0"), (1, "1"), (-2.5, "-2.5"), (30.000000000000004, "30"), (1.0 / 3, "0.333333333333"),
      (123456.123456789, "123456.123457"), (1e-7 / 3, "3.33333333333e-08"),
      (9007199254740992, "9.00719925474e+15"), (.infinity, ""), (.nan, ""),
    ] as [(Double, String)])
  func twelveDigits(number: Double, text: String) {
    let written = Cell.number(number).text
    #expect(Double(written) == Double(text) || abs(number) > 1e15 && Double(written) == number)
  }
}
