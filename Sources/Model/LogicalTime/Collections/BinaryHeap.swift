/// A queue whose first element is always the smallest one.
///
/// Equal elements come out in no particular order, so elements whose order matters must compare
/// as different.
///
/// - Invariant: No element is smaller than its parent, which has index (i − 1) / 2.
@frozen
@usableFromInline
package struct BinaryHeap<Element: Comparable> {
  @usableFromInline var elements: [Element] = []

  /// Makes an empty heap.
  @inlinable
  package init() {}

  /// How many elements there are.
  @inlinable package var count: Int { elements.count }

  /// The smallest element; nil when there is none.
  @inlinable package var first: Element? { elements.first }

  /// Adds an element.
  @inlinable
  package mutating func add(_ element: Element) {
    elements.append(element)
    elements.withUnsafeMutableBufferPointer { elements in
      var index = elements.count - 1
      while index > 0 {
        let parent = (index - 1) / 2
        guard element < elements[parent] else { break }
        elements[index] = elements[parent]
        index = parent
      }
      elements[index] = element
    }
  }

  /// Removes and returns the smallest element; nil when there is none.
  @inlinable
  package mutating func popFirst() -> Element? {
    guard let last = elements.popLast() else { return nil }
    guard let first = elements.first else { return last }
    replaceFirst(with: last)
    return first
  }

  /// Replaces the smallest element, which costs less than a removal and an addition.
  ///
  /// - Precondition: There is an element to replace.
  @inlinable
  package mutating func replaceFirst(with element: Element) {
    elements.withUnsafeMutableBufferPointer { elements in
      var index = 0
      while true {
        var child = 2 * index + 1
        guard child < elements.count else { break }
        if child + 1 < elements.count && elements[child + 1] < elements[child] { child += 1 }
        guard elements[child] < element else { break }
        elements[index] = elements[child]
        index = child
      }
      elements[index] = element
    }
  }
}
