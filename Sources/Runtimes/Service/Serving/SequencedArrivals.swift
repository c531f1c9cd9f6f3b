/// Puts what arrives in any order into the order of its numbers: a value without a clock.
///
/// Calls of their own have no order: the network and the caller's threads mix them. So each carries
/// the number of what it sends, from 1 on, and what comes early waits until the gap before it is
/// filled.
///
/// - Invariant: What waits has greater numbers than what was taken, by ``waitingCountMax`` at most.
struct SequencedArrivals<Item> {
  /// What becomes of an arrival.
  enum Outcome {
    /// It, and what waited for it, has its turn now, in this order.
    case taken([Item])
    /// One before it has not come.
    case waits
    /// The same number has been taken, or waits, already.
    case duplicate
    /// It is so far ahead that it may not wait; the number that is next.
    case tooFarAhead(next: UInt64)
  }

  /// How far ahead an arrival may be.
  static var waitingCountMax: UInt64 { 1024 }

  private var next: UInt64 = 1
  private var waiting: [UInt64: Item] = [:]

  /// Takes in what has arrived.
  mutating func take(_ item: Item, number: UInt64) -> Outcome {
    guard number >= next, waiting[number] == nil else { return .duplicate }
    guard number - next < Self.waitingCountMax else { return .tooFarAhead(next: next) }
    guard number == next else {
      waiting[number] = item
      return .waits
    }
    var taken = [item]
    next += 1
    while let following = waiting.removeValue(forKey: next) {
      taken.append(following)
      next += 1
    }
    return .taken(taken)
  }

  /// Forgets what waits under a number: whoever sent it does not wait any longer, and may send it
  /// again.
  mutating func takeBack(_ number: UInt64) { waiting[number] = nil }

  /// Takes out all that waits, in the order of its numbers: no turn of theirs will come.
  mutating func giveUp() -> [Item] {
    defer { waiting = [:] }
    return waiting.sorted { $0.key < $1.key }.map(\.value)
  }
}
