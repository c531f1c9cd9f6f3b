import LogicalTime

/// What is due later, in the order (due, order added).
///
/// When due times never decrease from one addition to the next, as with a constant delay, that
/// order is the order of adding. A ring buffer keeps it at a cost independent of the number of
/// waiting items. Otherwise a heap does.
struct Agenda<Item> {
  private var ring = Ring<Entry>()
  private var heap = BinaryHeap<Entry>()
  private let addsInOrder: Bool
  private var addedCount: UInt64 = 0

  /// When the first item is due, in nanoseconds since the run's start; `Int64.max` when there is
  /// none.
  private(set) var nextDueNanoseconds = Int64.max

  /// Makes an empty agenda.
  ///
  /// - Parameter addsInOrder: Whether due times never decrease from one addition to the next.
  init(addsInOrder: Bool) {
    self.addsInOrder = addsInOrder
  }

  /// How many items wait.
  var count: Int { addsInOrder ? ring.count : heap.count }

  /// Adds an item behind all that are due at the same time or earlier.
  mutating func add(_ item: Item, dueNanoseconds: Int64) {
    let entry = Entry(due: dueNanoseconds, order: addedCount, item: item)
    addedCount += 1
    if addsInOrder { ring.append(entry) } else { heap.add(entry) }
    nextDueNanoseconds = min(nextDueNanoseconds, dueNanoseconds)
  }

  /// Removes and returns the first item; nil when there is none.
  mutating func popFirst() -> Item? {
    guard let entry = addsInOrder ? ring.popFirst() : heap.popFirst() else { return nil }
    nextDueNanoseconds = (addsInOrder ? ring.first : heap.first)?.due ?? Int64.max
    return entry.item
  }

  /// Removes the first item of some kind, at a cost that grows with the number of items.
  ///
  /// - Returns: Whether there was one.
  mutating func removeFirst(where isWanted: (Item) -> Bool) -> Bool {
    var isFound = false
    var others = Agenda(addsInOrder: addsInOrder)
    while nextDueNanoseconds < .max {
      let due = nextDueNanoseconds
      guard let item = popFirst() else { break }
      if !isFound, isWanted(item) {
        isFound = true
      } else {
        others.add(item, dueNanoseconds: due)
      }
    }
    self = others
    return isFound
  }

  /// The least number of bytes that the waiting items occupy.
  var byteCount: Int { count * MemoryLayout<Entry>.stride }

  private struct Entry: Comparable {
    let due: Int64
    let order: UInt64
    let item: Item

    static func < (left: Entry, right: Entry) -> Bool {
      left.due != right.due ? left.due < right.due : left.order < right.order
    }

    static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
  }
}
