/// How often each integer occurred, exactly.
struct ValueCounts: ~Copyable {
  /// The counts of the numbers from 0 to the largest small one so far.
  private var small = PlainBuffer<Int>()
  private var others: [Int64: Int] = [:]

  /// Numbers below this one, which are nearly all, are counted in an array.
  private static let smallCount = 1024

  @inline(__always)
  mutating func add(_ value: Int64) {
    if UInt64(bitPattern: value) < UInt64(bitPattern: Int64(small.count)) {
      small[Int(truncatingIfNeeded: value)] &+= 1
    } else {
      addNew(value)
    }
  }

  @inline(never)
  private mutating func addNew(_ value: Int64) {
    if value >= 0 && value < Int64(Self.smallCount) {
      small.extend(to: Int(value) + 1, with: 0)
      small[Int(value)] += 1
    } else {
      others[value, default: 0] += 1
    }
  }

  /// How many numbers were counted.
  var total: Int { ascending.reduce(0) { $0 + $1.count } }

  /// The numbers and their counts, ascending.
  var ascending: [(value: Int64, count: Int)] {
    let large = others.map { (value: $0.key, count: $0.value) }.sorted { $0.value < $1.value }
    var all = large.filter { $0.value < 0 }
    for index in small.indices where small[index] > 0 {
      all.append((value: Int64(index), count: small[index]))
    }
    return all + large.filter { $0.value > 0 }
  }

  /// The number at a rank, counted from 1.
  func value(atRank rank: Int) -> Int64? {
    var seen = 0
    for (value, count) in ascending {
      seen += count
      if seen >= rank { return value }
    }
    return nil
  }
}

/// The rank nearest to a percentile, from 1 to `count`: the smallest one that this percentage of
/// `count` numbers does not exceed.
func nearestRank(percent: Int, of count: Int) -> Int {
  let (hundreds, rest) = count.quotientAndRemainder(dividingBy: 100)
  return max(1, hundreds * percent + (rest * percent + 99) / 100)
}
