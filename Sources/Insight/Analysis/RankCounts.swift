/// How often whole numbers occurred, in cells fine enough to find a percentile exactly later.
///
/// Numbers below 1,024 have a cell each; above, a cell is at most 1/512 as wide as its numbers are
/// large. So the memory depends on how large numbers are and not on how many, and the number at a
/// rank is known either at once or to lie in one narrow cell, which a second look at the journal
/// resolves (``RankSearch``).
struct RankCounts: ~Copyable {
  /// Numbers from a first to a last one, how many there are below, and how many inside.
  struct Cell: Equatable {
    let range: ClosedRange<Int64>
    let countBefore: Int
    let count: Int
  }

  private var counts = PlainBuffer<Int>()
  /// How many of these are of one number each.
  private var narrowCount = 0
  /// The cells of −1, −2, …, which are rare.
  private var negativeCounts = PlainBuffer<Int>()
  /// The largest of the numbers that had no narrow cell when they came.
  private var largestElsewhere = Int64.min

  /// Counts a number so many times; zero times changes nothing.
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

  /// The largest number that was counted; the smallest there is when none was.
  var maximum: Int64 {
    let narrow = (0..<narrowCount).last { counts[$0] > 0 }
    return max(largestElsewhere, narrow.map(Int64.init) ?? .min)
  }

  /// The cell that the number at a rank lies in, counted from 1; nil when there is no such rank.
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

  /// The numbers that occurred, ascending, with how often: each cell's as the one in its middle.
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

  /// With 512 cells for each doubling, the first 1,024 cells are one number wide.
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

/// Finds the number at a rank by looking at all numbers again, as often as it takes.
///
/// Each look divides the range that is left by up to 65,536.
struct RankSearch {
  /// The numbers among which the one at the rank lies.
  private(set) var range: ClosedRange<Int64>
  /// Its rank among them, from 1.
  private var rank: Int
  private var counts: [Int] = []
  private var shift: Int64 = 0

  /// Begins with what the counts say of a rank.
  init(rank: Int, in cell: RankCounts.Cell) {
    range = cell.range
    self.rank = rank - cell.countBefore
  }

  /// The number, once it is found.
  var value: Int64? { range.lowerBound == range.upperBound ? range.lowerBound : nil }

  /// Begins a look at all numbers.
  mutating func beginLook() {
    let width = range.upperBound - range.lowerBound
    shift = 0
    while width >> shift >= 1 << 16 { shift += 1 }
    counts = Array(repeating: 0, count: Int(width >> shift) + 1)
  }

  mutating func look(at value: Int64) {
    if range.contains(value) { counts[Int((value - range.lowerBound) >> shift)] += 1 }
  }

  /// Narrows the range by what was seen.
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
