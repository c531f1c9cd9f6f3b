/// A clock for machines that come and go: each owns a part of an interval, and can split it.
///
/// Other clocks know how many machines there are. Here a machine's identity is a set of parts of
/// the interval from 0 to 1, and ``fork()`` gives half of it to a new machine; ``join(_:)`` takes
/// that of a leaving one. What is known of events is a function on the interval: an event raises it
/// somewhere in the machine's own part, and where the function is flat it takes no space. So a
/// stamp is as large as the present machines need, not all that ever were. It compares as a
/// ``VectorClock`` does, exactly.
///
/// - Invariant: The parts of clocks that were forked from one clock do not overlap, and the trees
///   have no node that could be left out.
/// - SeeAlso: P. Almeida, C. Baquero, V. Fonte, "Interval Tree Clocks: A Logical Clock for Dynamic
///   Systems", OPODIS 2008. <https://doi.org/10.1007/978-3-540-92221-6_18>
public struct IntervalTreeClock: CausalClock {
  /// The machine's part of the interval.
  private(set) var part: IntervalPart
  /// What is known of events.
  private(set) var events: EventTree

  /// Trees have so many levels at most: an interval is halved no more often.
  public static let depthMax = 200

  /// Makes the clock of the first machine, which owns the whole interval.
  public init() {
    self.init(part: .all, events: .leaf(0))
  }

  private init(part: IntervalPart, events: EventTree) {
    (self.part, self.events) = (part, events)
  }

  /// Gives half of this clock's part to a new clock, which knows the same.
  ///
  /// - Returns: The new clock; nil when the part has been halved ``depthMax`` times, or is empty.
  public mutating func fork() -> IntervalTreeClock? {
    guard let (own, others) = part.halves(depthMax: Self.depthMax) else { return nil }
    part = own
    return IntervalTreeClock(part: others, events: events)
  }

  /// Forks until there are so many clocks, of parts as equal as halving makes them.
  ///
  /// - Returns: The clocks, this one first; fewer when a part cannot be halved.
  public func forked(into count: Int) -> [IntervalTreeClock] {
    var first = self
    guard count > 1, let second = first.fork() else { return [self] }
    return first.forked(into: count - count / 2) + second.forked(into: count / 2)
  }

  /// Takes over the part of a machine that leaves, and what it knows.
  public mutating func join(_ other: IntervalTreeClock) {
    part = part.joined(other.part)
    events = events.joined(other.events)
  }

  /// The stamp without the machine's part, as a message carries it.
  public var anonymous: IntervalTreeClock { IntervalTreeClock(part: .none, events: events) }

  /// Advances the clock for an event; that of an anonymous clock counts none.
  ///
  /// - Parameter message: The stamp of the send that the event receives; nil for any other event.
  public mutating func tick(receiving message: IntervalTreeClock? = nil) {
    if let message { events = events.joined(message.events) }
    let filled = events.filled(in: part)
    events = filled == events ? events.grown(in: part)?.tree ?? events : filled
  }

  /// Ticks.
  public mutating func advance(for event: ClockedEvent, receiving message: IntervalTreeClock?) {
    tick(receiving: message)
  }

  /// The order of what the stamps know: exact.
  public func order(to other: IntervalTreeClock) -> CausalOrder {
    CausalOrder(
      firstLacksSome: !other.events.isAtMost(events),
      secondLacksSome: !events.isAtMost(other.events))
  }

  /// Writes the machine's part, then the tree of events.
  public func encode(into writer: inout StampWriter) {
    part.encode(into: &writer)
    events.encode(into: &writer)
  }

  /// Reads a stamp.
  ///
  /// - Throws: ``StampError`` when there is none, or a tree is too deep or not in its least form.
  public init(decoding reader: inout StampReader) throws(StampError) {
    part = try IntervalPart(decoding: &reader, depthMax: Self.depthMax)
    events = try EventTree(decoding: &reader, depthMax: Self.depthMax, sum: 0)
  }
}

/// A set of parts of an interval.
indirect enum IntervalPart: Hashable, Sendable {
  /// Nothing of it.
  case none
  /// All of it.
  case all
  /// Parts of its two halves: not both nothing, and not both all.
  case halves(IntervalPart, IntervalPart)

  /// Makes parts of the two halves.
  init(_ left: IntervalPart, _ right: IntervalPart) {
    switch (left, right) {
    case (.none, .none): self = .none
    case (.all, .all): self = .all
    default: self = .halves(left, right)
    }
  }

  /// Two parts that make up this one; nil when there is nothing to share, or no more level.
  func halves(depthMax: Int) -> (IntervalPart, IntervalPart)? {
    guard depthMax > 0 else { return nil }
    switch self {
    case .none: return nil
    case .all: return (.halves(.all, .none), .halves(.none, .all))
    case .halves(.none, let right):
      guard let (one, other) = right.halves(depthMax: depthMax - 1) else { return nil }
      return (.halves(.none, one), .halves(.none, other))
    case .halves(let left, .none):
      guard let (one, other) = left.halves(depthMax: depthMax - 1) else { return nil }
      return (.halves(one, .none), .halves(other, .none))
    case .halves(let left, let right): return (.halves(left, .none), .halves(.none, right))
    }
  }

  /// All that is in this part or the other.
  func joined(_ other: IntervalPart) -> IntervalPart {
    switch (self, other) {
    case (.none, let part), (let part, .none): part
    case (.all, _), (_, .all): .all
    case (.halves(let left, let right), .halves(let othersLeft, let othersRight)):
      IntervalPart(left.joined(othersLeft), right.joined(othersRight))
    }
  }

  /// Writes a number per node: 0 for nothing, 1 for all, 2 before the halves.
  func encode(into writer: inout StampWriter) {
    switch self {
    case .none: writer.write(UInt64(0))
    case .all: writer.write(UInt64(1))
    case .halves(let left, let right):
      writer.write(UInt64(2))
      left.encode(into: &writer)
      right.encode(into: &writer)
    }
  }

  init(decoding reader: inout StampReader, depthMax: Int) throws(StampError) {
    switch try reader.readNumber() {
    case 0: self = .none
    case 1: self = .all
    case 2:
      guard depthMax > 0 else { throw .tooDeep(limit: IntervalTreeClock.depthMax) }
      let left = try IntervalPart(decoding: &reader, depthMax: depthMax - 1)
      let right = try IntervalPart(decoding: &reader, depthMax: depthMax - 1)
      self = IntervalPart(left, right)
      guard case .halves = self else { throw .impossibleValue(offset: reader.offset) }
    default: throw .impossibleValue(offset: reader.offset)
    }
  }
}
