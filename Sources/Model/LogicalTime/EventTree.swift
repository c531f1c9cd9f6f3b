/// What an ``IntervalTreeClock`` knows of events: a number for each point of an interval.
///
/// - Invariant: One of a node's halves is zero somewhere, and they are not both flat and equal.
indirect enum EventTree: Hashable, Sendable {
  /// The same number everywhere.
  case leaf(UInt64)
  /// A number, and what the halves add to it.
  case node(UInt64, EventTree, EventTree)

  /// Numbers read from bytes stay below it, so that sums of two fit 64 bits.
  static let sumMax = UInt64.max >> 2

  /// Makes a node in its least form.
  init(_ base: UInt64, _ left: EventTree, _ right: EventTree) {
    if case .leaf(let one) = left, left == right {
      self = .leaf(base.sumOrLargest(one))
    } else {
      let least = min(left.base, right.base)
      self = .node(base.sumOrLargest(least), left.lowered(by: least), right.lowered(by: least))
    }
  }

  /// The number at the lowest point, for a tree in its least form.
  var base: UInt64 {
    switch self {
    case .leaf(let number), .node(let number, _, _): number
    }
  }

  /// The number at the highest point.
  var highest: UInt64 {
    switch self {
    case .leaf(let number): number
    case .node(let base, let left, let right):
      base.sumOrLargest(max(left.highest, right.highest))
    }
  }

  private func lowered(by number: UInt64) -> EventTree {
    switch self {
    case .leaf(let base): .leaf(base - number)
    case .node(let base, let left, let right): .node(base - number, left, right)
    }
  }

  private func lifted(by number: UInt64) -> EventTree {
    switch self {
    case .leaf(let base): .leaf(base.sumOrLargest(number))
    case .node(let base, let left, let right): .node(base.sumOrLargest(number), left, right)
    }
  }

  /// The halves, with this node's number added; those of a leaf are the same.
  private var halves: (EventTree, EventTree) {
    switch self {
    case .leaf: (self, self)
    case .node(let base, let left, let right): (left.lifted(by: base), right.lifted(by: base))
    }
  }

  /// Whether the numbers are at most those of `other`, everywhere.
  func isAtMost(_ other: EventTree) -> Bool {
    // Each base is a lowest point's number.
    guard base <= other.base else { return false }
    guard case .node = self else { return true }
    let ((left, right), (othersLeft, othersRight)) = (halves, other.halves)
    return left.isAtMost(othersLeft) && right.isAtMost(othersRight)
  }

  /// The larger of both numbers, everywhere.
  func joined(_ other: EventTree) -> EventTree {
    if case (.leaf(let one), .leaf(let two)) = (self, other) { return .leaf(max(one, two)) }
    let ((left, right), (othersLeft, othersRight)) = (halves, other.halves)
    return EventTree(0, left.joined(othersLeft), right.joined(othersRight))
  }

  /// Raises numbers within a part so that the tree gets simpler; the paper's *fill*.
  ///
  /// - Returns: The tree; the same when nothing gets simpler.
  func filled(in part: IntervalPart) -> EventTree {
    switch (part, self) {
    case (.none, _), (_, .leaf): return self
    case (.all, _): return .leaf(highest)
    case (.halves(.all, let others), .node(let base, let left, let right)):
      let filled = right.filled(in: others)
      return EventTree(base, .leaf(max(left.highest, filled.base)), filled)
    case (.halves(let others, .all), .node(let base, let left, let right)):
      let filled = left.filled(in: others)
      return EventTree(base, filled, .leaf(max(right.highest, filled.base)))
    case (.halves(let one, let other), .node(let base, let left, let right)):
      return EventTree(base, left.filled(in: one), right.filled(in: other))
    }
  }

  /// Adds one somewhere within a part, where it makes the tree least deep; the paper's *grow*.
  ///
  /// - Returns: The tree and its cost: new nodes count most, then levels. Nil in an empty part.
  func grown(in part: IntervalPart) -> (tree: EventTree, cost: Int)? {
    switch (part, self) {
    case (.none, _): return nil
    case (.all, _): return (.leaf(highest.nextOrLargest), 0)
    case (.halves, .leaf(let base)):
      return EventTree.node(base, .leaf(0), .leaf(0)).grown(in: part)
        .map { ($0.tree, $0.cost + 1 << 20) }
    case (.halves(let one, let other), .node(let base, let left, let right)):
      let (first, second) = (left.grown(in: one), right.grown(in: other))
      if let first, first.cost < second?.cost ?? .max {
        return (EventTree(base, first.tree, right), first.cost + 1)
      }
      return second.map { (EventTree(base, left, $0.tree), $0.cost + 1) }
    }
  }

  /// Writes a node's number times two, and one more before the halves.
  func encode(into writer: inout StampWriter) {
    switch self {
    case .leaf(let number): writer.write(number << 1)
    case .node(let base, let left, let right):
      writer.write(base << 1 | 1)
      left.encode(into: &writer)
      right.encode(into: &writer)
    }
  }

  /// Reads a tree on top of `sum`.
  init(decoding reader: inout StampReader, depthMax: Int, sum: UInt64) throws(StampError) {
    let number = try reader.readNumber()
    let base = number >> 1
    guard base <= Self.sumMax - sum else { throw .impossibleValue(offset: reader.offset) }
    guard number & 1 == 1 else {
      self = .leaf(base)
      return
    }
    guard depthMax > 0 else { throw .tooDeep(limit: IntervalTreeClock.depthMax) }
    let left = try EventTree(decoding: &reader, depthMax: depthMax - 1, sum: sum + base)
    let right = try EventTree(decoding: &reader, depthMax: depthMax - 1, sum: sum + base)
    if case .leaf = left, left == right { throw .impossibleValue(offset: reader.offset) }
    guard min(left.base, right.base) == 0 else { throw .impossibleValue(offset: reader.offset) }
    self = .node(base, left, right)
  }
}

extension UInt64 {
  /// The sum, or the largest number on overflow.
  fileprivate func sumOrLargest(_ other: UInt64) -> UInt64 {
    let (sum, overflows) = addingReportingOverflow(other)
    return overflows ? .max : sum
  }
}
