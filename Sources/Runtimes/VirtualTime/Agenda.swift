import LogicalTime
import ScaleModel

/// What is due later, in the order (due, order added).
///
/// When due times never decrease from one addition to the next, as with a constant delay, that
/// order is the order of adding. A ring buffer keeps it at a cost independent of the number of
/// waiting items. Otherwise a heap does.
struct Agenda<Item> {
  private var ring = Ring<Entry>()
  private var heap = BinaryHeap<Entry>()
  private let addsInOrder: Bool
  /// How many items were added: the position that the next one takes in the order.
  var addedCount: UInt64 = 0

  /// When the first item is due; never when there is none.
  private(set) var nextDue = RunTime.never

  /// Makes an empty agenda.
  ///
  /// - Parameter addsInOrder: Whether due times never decrease from one addition to the next.
  init(addsInOrder: Bool) {
    self.addsInOrder = addsInOrder
  }

  /// How many items wait.
  var count: Int { addsInOrder ? ring.count : heap.count }

  /// Adds an item behind all that are due at the same time or earlier.
  mutating func add(_ item: Item, due: RunTime) {
    add(Entry(due: due, order: addedCount, item: item))
    addedCount += 1
  }

  /// Removes and returns the first item; nil when there is none.
  mutating func popFirst() -> Item? { popFirstEntry()?.item }

  /// Adds an item that has its position in the order already, from another agenda.
  ///
  /// - Precondition: In an agenda that adds in order, it comes behind all others.
  mutating func add(_ entry: Entry) {
    if addsInOrder { ring.append(entry) } else { heap.add(entry) }
    nextDue = min(nextDue, entry.due)
  }

  /// The first item with its position; nil when there is none.
  var first: Entry? { addsInOrder ? ring.first : heap.first }

  /// Removes and returns the first item with its position; nil when there is none.
  mutating func popFirstEntry() -> Entry? {
    guard let entry = addsInOrder ? ring.popFirst() : heap.popFirst() else { return nil }
    nextDue = first?.due ?? .never
    return entry
  }

  /// An agenda of the same kind with no items.
  var emptied: Agenda { Agenda(addsInOrder: addsInOrder) }

  /// Removes the first item of some kind, at a cost that grows with the number of items.
  ///
  /// - Returns: Whether there was one.
  mutating func removeFirst(where isWanted: (Item) -> Bool) -> Bool {
    var isFound = false
    var others = Agenda(addsInOrder: addsInOrder)
    while nextDue < .never {
      let due = nextDue
      guard let item = popFirst() else { break }
      if !isFound, isWanted(item) {
        isFound = true
      } else {
        others.add(item, due: due)
      }
    }
    self = others
    return isFound
  }

  /// The least number of bytes that the waiting items occupy.
  var byteCount: Int { count * MemoryLayout<Entry>.stride }

  /// An item with its position in the order.
  struct Entry: Comparable {
    /// When it is due.
    let due: RunTime
    /// How many items were added before it.
    let order: UInt64
    /// The item.
    let item: Item

    static func < (left: Entry, right: Entry) -> Bool {
      left.due != right.due ? left.due < right.due : left.order < right.order
    }

    static func == (left: Entry, right: Entry) -> Bool { left.order == right.order }
  }
}
