import LogicalTime

/// What is due later, in the order (due, order added).
///
/// When nothing is ever added that is due before something added earlier, as with a delay that is
/// always the same, that order is the order of adding: a ring does, and costs the same however much
/// is waiting. Otherwise a heap is kept.
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
  /// - Parameter addsInOrder: Whether dues will never decrease from one addition to the next.
  init(addsInOrder: Bool) {
    self.addsInOrder = addsInOrder
  }

  /// How many items wait.
  var count: Int { addsInOrder ? ring.count : heap.count }

  /// Adds an item behind all that are due at the same time or before.
  mutating func add(_ item: Item, dueNanoseconds: Int64) {
    let entry = Entry(due: dueNanoseconds, order: addedCount, item: item)
    addedCount += 1
    if addsInOrder { ring.append(entry) } else { heap.add(entry) }
    nextDueNanoseconds = min(nextDueNanoseconds, dueNanoseconds)
  }

  /// Takes the first item out; nil when there is none.
  mutating func popFirst() -> Item? {
    guard let entry = addsInOrder ? ring.popFirst() : heap.popFirst() else { return nil }
    nextDueNanoseconds = (addsInOrder ? ring.first : heap.first)?.due ?? Int64.max
    return entry.item
  }

  /// How many bytes the items that wait take at least.
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
