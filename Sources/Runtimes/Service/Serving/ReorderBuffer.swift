/// A reorder buffer: puts items that arrive in any order into the order of their numbers.
///
/// Separate calls have no order: the network and the caller's threads mix them. So each carries
/// a number, from 1 on, and an early item waits until the gap before it is
/// filled.
///
/// - Invariant: Waiting numbers exceed those released, by ``waitingCountMax`` at most.
struct ReorderBuffer<Item> {
  /// The result of an arrival.
  enum Outcome {
    /// This item, and those that waited for it, have their turn now, in this order.
    case taken([Item])
    /// An earlier item is missing.
    case waits
    /// The same number was released or waits already.
    case duplicate
    /// The item is too far ahead to wait; carries the next number.
    case tooFarAhead(next: UInt64)
  }

  /// How far ahead an arrival may be.
  static var waitingCountMax: UInt64 { 1024 }

  private var next: UInt64 = 1
  private var waiting: [UInt64: Item] = [:]

  /// Adds an item.
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

  /// Forgets the item that waits under a number: its sender gave up, and may send it again.
  mutating func takeBack(_ number: UInt64) { waiting[number] = nil }

  /// Removes and returns all waiting items, in the order of their numbers: no turn of theirs will
  /// come.
  mutating func giveUp() -> [Item] {
    defer { waiting = [:] }
    return waiting.sorted { $0.key < $1.key }.map(\.value)
  }
}
