/// A first-in, first-out queue that doubles when full.
///
/// - Invariant: The number of slots is zero or a power of two.
@frozen
@usableFromInline
package struct Ring<Element> {
  @usableFromInline var slots: [Element?] = []
  @usableFromInline var head = 0
  /// How many elements the queue holds.
  @usableFromInline package internal(set) var count = 0

  /// Makes an empty queue.
  @inlinable
  package init() {}

  /// The oldest element; nil when there is none.
  @inlinable package var first: Element? { count == 0 ? nil : slots[head] }

  /// Adds an element behind all others.
  @inlinable
  package mutating func append(_ element: Element) {
    if count == slots.count { grow() }
    slots[(head + count) & (slots.count - 1)] = element
    count += 1
  }

  /// Removes and returns the oldest element; nil when there is none.
  @inlinable
  package mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = slots[head]
    slots[head] = nil
    head = (head + 1) & (slots.count - 1)
    count -= 1
    return element
  }

  @inlinable
  mutating func grow() {
    let waiting = slots[head...] + slots[..<head]
    slots = Array(waiting) + [Element?](repeating: nil, count: max(16, waiting.count))
    head = 0
  }
}
