/// A first-in, first-out queue that doubles when full.
///
/// - Invariant: The number of slots is zero or a power of two.
@frozen
@usableFromInline
package struct Ring<Element> {
  @usableFromInline var places: [Element?] = []
  @usableFromInline var head = 0
  /// How many elements the queue holds.
  @usableFromInline package internal(set) var count = 0

  /// Makes an empty queue.
  @inlinable
  package init() {}

  /// The oldest element; nil when there is none.
  @inlinable package var first: Element? { count == 0 ? nil : places[head] }

  /// Adds an element behind all others.
  @inlinable
  package mutating func append(_ element: Element) {
    if count == places.count { grow() }
    places[(head + count) & (places.count - 1)] = element
    count += 1
  }

  /// Removes and returns the oldest element; nil when there is none.
  @inlinable
  package mutating func popFirst() -> Element? {
    guard count > 0 else { return nil }
    let element = places[head]
    places[head] = nil
    head = (head + 1) & (places.count - 1)
    count -= 1
    return element
  }

  @inlinable
  mutating func grow() {
    let waiting = places[head...] + places[..<head]
    places = Array(waiting) + [Element?](repeating: nil, count: max(16, waiting.count))
    head = 0
  }
}
