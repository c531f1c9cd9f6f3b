extension RandomAccessCollection {
  /// The index of the first element that is past some point, by binary search; the end index when
  /// none is.
  ///
  /// - Parameter isPast: Holds for no element of a prefix and for every element behind it.
  @inlinable
  package func partitioningIndex(where isPast: (Element) -> Bool) -> Index {
    var low = startIndex
    var count = count
    while count > 0 {
      let half = count / 2
      let middle = index(low, offsetBy: half)
      if isPast(self[middle]) {
        count = half
      } else {
        low = index(after: middle)
        count -= half + 1
      }
    }
    return low
  }

  /// The index of the element with a key, by binary search; nil when there is none.
  ///
  /// - Parameters:
  ///   - key: The key to look for.
  ///   - keyOf: The key of an element; keys ascend.
  @inlinable
  package func index<Key: Comparable>(of key: Key, by keyOf: (Element) -> Key) -> Index? {
    let index = partitioningIndex { keyOf($0) >= key }
    return index < endIndex && keyOf(self[index]) == key ? index : nil
  }
}
