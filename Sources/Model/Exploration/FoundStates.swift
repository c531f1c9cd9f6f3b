/// The digests of all states that an exploration has found, and how it came to each.
///
/// A digest takes 16 bytes in a table that is between 35 % and 70 % full, and 8 bytes more for the
/// way to its state.
///
/// - Invariant: The table's size is a power of two, and the table is never full.
@usableFromInline
struct FoundStates: Sendable {
  /// The state before a state, and which of its successors that is.
  struct Origin: Sendable {
    /// The index of the state before; the state's own when it is a first one.
    let parent: UInt32
    /// The index among the successors of the state before, or among the first states.
    let step: UInt32
  }

  /// How a state was found, by index; states are numbered in the order of finding.
  private(set) var origins: [Origin] = []
  /// How many of them there is room for; an array's own capacity depends on the allocator, and what
  /// an exploration counts must not.
  private var originRoom = 1 << 10
  private var table = Array(repeating: Digest.none, count: 1 << 12)

  /// The most states that can be numbered.
  @usableFromInline static var countMax: Int { Int(UInt32.max) }

  /// The size of a table from which on it grows, as a share of the slots.
  private static func isFull(_ count: Int, of slotCount: Int) -> Bool {
    count >= slotCount / 10 * 7
  }

  /// Without any state.
  @usableFromInline init() {}

  /// How many states there are.
  @usableFromInline var count: Int { origins.count }

  /// How many bytes it takes, and how many while it grows for the next state.
  @usableFromInline var byteCount: (now: Int, peak: Int) {
    let origins = originRoom * MemoryLayout<Origin>.stride
    let slots = table.count * MemoryLayout<Digest>.stride
    let growth =
      (originRoom == count ? 2 * origins : 0)
      + (Self.isFull(count, of: table.count) ? 2 * slots : 0)
    return (origins + slots, origins + slots + growth)
  }

  /// Whether a state of this digest has been found.
  @usableFromInline
  func contains(_ digest: Digest) -> Bool { table[slot(of: digest)] != .none }

  /// Adds a state.
  ///
  /// - Returns: Its index; nil when it has been found before.
  @usableFromInline
  mutating func add(_ digest: Digest, parent: UInt32?, step: UInt32) -> UInt32? {
    var slot = slot(of: digest)
    guard table[slot] == .none else { return nil }
    if Self.isFull(count, of: table.count) {
      grow()
      slot = self.slot(of: digest)
    }
    table[slot] = digest
    if count == originRoom {
      originRoom *= 2
      origins.reserveCapacity(originRoom)
    }
    let index = UInt32(truncatingIfNeeded: count)
    origins.append(Origin(parent: parent ?? index, step: step))
    return index
  }

  /// The slot that holds this digest, or where it belongs.
  private func slot(of digest: Digest) -> Int {
    let mask = table.count &- 1
    var slot = Int(truncatingIfNeeded: digest.low) & mask
    while table[slot] != .none && table[slot] != digest { slot = (slot &+ 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = table
    table = Array(repeating: .none, count: old.count * 2)
    for digest in old where digest != .none { table[slot(of: digest)] = digest }
  }

  /// The steps from a first state to the state of this index; the first is that state's own index
  /// among the first states.
  @usableFromInline
  func steps(to index: UInt32) -> [Int] {
    var steps: [Int] = []
    var index = index
    while true {
      let origin = origins[Int(index)]
      steps.append(Int(origin.step))
      if origin.parent == index { return steps.reversed() }
      index = origin.parent
    }
  }
}
