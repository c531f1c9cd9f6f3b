/// How often integers occurred, in cells narrow enough to find a percentile exactly later.
///
/// Numbers below 1,024 have a cell each; above, a cell is at most 1/512 as wide as its numbers are
/// large. So memory depends on how large the numbers are, not how many. The number at a rank is
/// known at once, or known to be in one narrow cell, where ``RankSearch`` finds it when the journal
/// is read again.
struct RankCounts: ~Copyable {
  /// A range of numbers, with the count of those below it and of those inside.
  struct Cell: Equatable {
    let range: ClosedRange<Int64>
    let countBefore: Int
    let count: Int
  }

  private var counts = PlainBuffer<Int>()
  /// How many of the numbers are in cells of one number.
  private var narrowCount = 0
  /// The counts of −1, −2, …, which are rare.
  private var negativeCounts = PlainBuffer<Int>()
  /// The largest number that had no narrow cell when it was counted.
  private var largestElsewhere = Int64.min

  /// Counts a number this many times; zero times changes nothing.
  @inline(__always)
  mutating func add(_ value: Int64, times: Int = 1) {
    if UInt64(bitPattern: value) < UInt64(bitPattern: Int64(narrowCount)) {
      counts[Int(truncatingIfNeeded: value)] &+= times
    } else if times > 0 {
      addElsewhere(value, times: times)
    }
  }

  private mutating func addElsewhere(_ value: Int64, times: Int) {
    largestElsewhere = max(largestElsewhere, value)
    if value >= 0 {
      let index = Self.cellIndex(UInt64(bitPattern: value))
      if index >= counts.count {
        counts.extend(to: index + 1, with: 0)
        narrowCount = min(counts.count, Self.narrowCountMax)
      }
      counts[index] += times
    } else {
      let index = Self.cellIndex(UInt64(bitPattern: ~value))
      if index >= negativeCounts.count { negativeCounts.extend(to: index + 1, with: 0) }
      negativeCounts[index] += times
    }
  }

  /// How many numbers were counted.
  var total: Int {
    counts.indices.reduce(0) { $0 + counts[$1] }
      + negativeCounts.indices.reduce(0) { $0 + negativeCounts[$1] }
  }

  /// The largest number counted; `Int64.min` when none was.
  var maximum: Int64 {
    let narrow = (0..<narrowCount).last { counts[$0] > 0 }
    return max(largestElsewhere, narrow.map(Int64.init) ?? .min)
  }

  /// The cell of the number at a rank, from 1; nil when there is no such rank.
  func cell(atRank rank: Int) -> Cell? {
    var seen = 0
    for index in negativeCounts.indices.reversed() {
      if seen + negativeCounts[index] >= rank {
        let range = Self.range(index)
        return Cell(
          range: ~range.upperBound...(~range.lowerBound), countBefore: seen,
          count: negativeCounts[index])
      }
      seen += negativeCounts[index]
    }
    for index in counts.indices {
      if seen + counts[index] >= rank {
        return Cell(range: Self.range(index), countBefore: seen, count: counts[index])
      }
      seen += counts[index]
    }
    return nil
  }

  /// The numbers and their counts, ascending; each cell counts as the number in its middle.
  var ascending: [(value: Int64, count: Int)] {
    var all: [(value: Int64, count: Int)] = []
    for index in negativeCounts.indices.reversed() where negativeCounts[index] > 0 {
      all.append((~Self.middle(index), negativeCounts[index]))
    }
    for index in counts.indices where counts[index] > 0 {
      all.append((Self.middle(index), counts[index]))
    }
    return all
  }

  private static func middle(_ index: Int) -> Int64 {
    let range = range(index)
    return range.lowerBound + (range.upperBound - range.lowerBound) / 2
  }

  private static let narrowCountMax = 1024

  /// With 512 cells per doubling, the first 1,024 cells are one number wide.
  private static func cellIndex(_ value: UInt64) -> Int {
    if value < UInt64(narrowCountMax) { return Int(truncatingIfNeeded: value) }
    let shift = 54 &- value.leadingZeroBitCount
    return Int(truncatingIfNeeded: value &>> UInt64(shift)) &+ shift &* 512
  }

  private static func range(_ index: Int) -> ClosedRange<Int64> {
    if index < narrowCountMax { return Int64(index)...Int64(index) }
    let shift = index / 512 - 1
    let first = Int64(index - shift * 512) << Int64(shift)
    return first...(first + (1 << Int64(shift) - 1))
  }
}

/// Finds the number at a rank by reading all numbers again, as often as necessary.
///
/// Each time divides the remaining range by up to 65,536.
struct RankSearch {
  /// The range that contains the number.
  private(set) var range: ClosedRange<Int64>
  /// The number's rank in the range, from 1.
  private var rank: Int
  private var counts: [Int] = []
  private var shift: Int64 = 0

  /// Makes the search for a rank in its cell.
  init(rank: Int, in cell: RankCounts.Cell) {
    range = cell.range
    self.rank = rank - cell.countBefore
  }

  /// The number, or nil before it is found.
  var value: Int64? { range.lowerBound == range.upperBound ? range.lowerBound : nil }

  /// Begins to read all numbers.
  mutating func beginLook() {
    let width = range.upperBound - range.lowerBound
    shift = 0
    while width >> shift >= 1 << 16 { shift += 1 }
    counts = Array(repeating: 0, count: Int(width >> shift) + 1)
  }

  mutating func look(at value: Int64) {
    if range.contains(value) { counts[Int((value - range.lowerBound) >> shift)] += 1 }
  }

  /// Narrows the range by the numbers read.
  mutating func endLook() {
    var index = 0
    while index < counts.count - 1 && counts[index] < rank {
      rank -= counts[index]
      index += 1
    }
    let first = range.lowerBound + Int64(index) << shift
    range = first...min(range.upperBound, first + (1 << shift - 1))
    counts = []
  }
}
