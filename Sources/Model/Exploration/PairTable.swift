/// What is known of pairs of numbers; it is looked up, never iterated.
///
/// - Invariant: The number of slots is a power of two, and at most half of them are taken.
struct PairTable<Value: Sendable>: Sendable {
  private struct Slot: Sendable {
    let first: UInt32
    let second: UInt32
    let value: Value
  }

  private var slots: [Slot?] = Array(repeating: nil, count: 64)
  private var count = 0

  /// How many bytes it takes.
  var byteCount: Int { slots.count * MemoryLayout<Slot?>.stride }

  /// What is known of a pair, which does not change; nil for nothing.
  subscript(first: UInt32, second: UInt32) -> Value? {
    get { slots[index(of: first, second)]?.value }
    set {
      let index = index(of: first, second)
      guard let newValue, slots[index] == nil else { return }
      slots[index] = Slot(first: first, second: second, value: newValue)
      count += 1
      if count * 2 > slots.count { grow() }
    }
  }

  /// The slot of a pair, or where it belongs.
  private func index(of first: UInt32, _ second: UInt32) -> Int {
    let mask = slots.count &- 1
    let word = (UInt64(first) << 32 | UInt64(second)) &* 0x9E37_79B9_7F4A_7C15
    var index = Int(truncatingIfNeeded: word >> 32) & mask
    while let slot = slots[index], slot.first != first || slot.second != second {
      index = (index &+ 1) & mask
    }
    return index
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: nil, count: old.count * 2)
    for case let slot? in old { slots[index(of: slot.first, slot.second)] = slot }
  }
}
