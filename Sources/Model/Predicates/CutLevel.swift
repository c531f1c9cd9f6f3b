/// Cuts with equally many events, each once, in the order they were added.
struct CutLevel {
  /// How many cuts there are.
  private(set) var count = 0
  private let width: Int
  /// The event counts of one cut after those of the other.
  private var eventCounts: [UInt32] = []
  /// A hash table with open addressing: a cut's index plus one, or zero.
  private var slots: [UInt32]

  /// Makes an empty level of cuts through `machineCount` machines.
  init(machineCount: Int) {
    width = machineCount
    slots = Array(repeating: 0, count: 16)
  }

  /// The memory it takes, in bytes.
  var byteCount: Int { (eventCounts.capacity + slots.count) * MemoryLayout<UInt32>.stride }

  /// Copies the event counts of a cut.
  func read(_ index: Int, into counts: inout [Int]) {
    for machine in 0..<width { counts[machine] = Int(eventCounts[index * width + machine]) }
  }

  /// Adds a cut, unless it is there already.
  ///
  /// - Parameter counts: One per machine; each below 2³².
  mutating func add(_ counts: [Int]) {
    let start = eventCounts.count
    for count in counts { eventCounts.append(UInt32(truncatingIfNeeded: count)) }
    var slot = firstSlot(of: start)
    while slots[slot] != 0 {
      if isEqual(start, Int(slots[slot] - 1) * width) {
        eventCounts.removeLast(width)
        return
      }
      slot = (slot + 1) & (slots.count - 1)
    }
    count += 1
    slots[slot] = UInt32(truncatingIfNeeded: count)
    if count * 2 > slots.count { grow() }
  }

  private func isEqual(_ one: Int, _ other: Int) -> Bool {
    for machine in 0..<width where eventCounts[one + machine] != eventCounts[other + machine] {
      return false
    }
    return true
  }

  private func firstSlot(of start: Int) -> Int {
    var hash: UInt64 = 0
    for index in start..<start + width {
      hash = (hash ^ UInt64(eventCounts[index])) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
    }
    return Int(truncatingIfNeeded: hash >> 20) & (slots.count - 1)
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: slots.count * 2)
    for index in 0..<count {
      var slot = firstSlot(of: index * width)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(truncatingIfNeeded: index + 1)
    }
  }
}
