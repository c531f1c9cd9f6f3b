import ScaleModel

/// Which pairs of a run's events are compared: all of a short run, otherwise a random sample.
///
/// Events are numbered in an order in which causes come first. A pair has a *slot*, which keeps the
/// stamp of its earlier event until the later one comes.
struct ClockPairs {
  /// How many pairs are compared one and all.
  static let exactCountMax = 2_000_000
  /// How many are sampled of more.
  static let sampledCountMax = 100_000

  /// All pairs of the run.
  let count: Int
  /// Whether only a sample of them is compared.
  let isSample: Bool
  /// How many slots there are.
  let slotCount: Int
  /// The earlier event of each slot, ascending.
  private var earlier: [Int] = []
  /// The later events, ascending, and their slots.
  private var later: [(event: Int, slot: Int)] = []
  /// The slots in that order.
  private(set) var laterSlots: [Int] = []
  private var (earlierIndex, laterIndex) = (0, 0)

  /// Chooses the pairs.
  ///
  /// - Parameters:
  ///   - eventCount: How many events the run has.
  ///   - stampByteCount: How large the largest stamp is in memory: larger ones mean fewer pairs.
  ///   - seed: Decides the sample.
  ///   - exactCountMax: How many pairs are compared one and all.
  init(eventCount: Int, stampByteCount: Int, seed: UInt64, exactCountMax: Int = exactCountMax) {
    let half = eventCount % 2 == 0 ? eventCount / 2 : max(0, (eventCount - 1) / 2)
    let other = eventCount % 2 == 0 ? max(0, eventCount - 1) : eventCount
    count = half.multipliedReportingOverflow(by: other).overflow ? .max : half * other
    isSample = count > exactCountMax
    guard isSample else {
      slotCount = eventCount
      laterSlots = Array(0..<eventCount)
      return
    }
    slotCount = max(1000, min(Self.sampledCountMax, (1 << 28) / max(1, stampByteCount)))
    var random = SplitMix64(state: seed)
    var pairs: [(earlier: Int, later: Int)] = []
    for _ in 0..<slotCount {
      let one = Int(random.draw(below: UInt64(eventCount)))
      var two = Int(random.draw(below: UInt64(eventCount - 1)))
      if two >= one { two += 1 }
      pairs.append((min(one, two), max(one, two)))
    }
    pairs.sort { $0 < $1 }
    earlier = pairs.map(\.earlier)
    later = pairs.indices.map { (pairs[$0].later, $0) }
    later.sort { $0 < $1 }
    laterSlots = later.map(\.slot)
  }

  /// Goes to the next event of the run.
  ///
  /// - Parameter event: Its number; they come one by one.
  /// - Returns: The slots that keep its stamp, and where in ``laterSlots`` those are whose earlier
  ///   event is compared with it.
  mutating func next(_ event: Int) -> (kept: Range<Int>, compared: Range<Int>) {
    guard isSample else {
      return event < slotCount ? (event..<event + 1, 0..<event) : (0..<0, 0..<0)
    }
    let (keptStart, comparedStart) = (earlierIndex, laterIndex)
    while earlierIndex < slotCount, earlier[earlierIndex] == event { earlierIndex += 1 }
    while laterIndex < slotCount, later[laterIndex].event == event { laterIndex += 1 }
    return (keptStart..<earlierIndex, comparedStart..<laterIndex)
  }
}
