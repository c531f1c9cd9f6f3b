extension RandomAccessCollection {
  /// Finds the first element past some point, by binary search.
  ///
  /// - Parameter isPast: False for a prefix of the elements and true for all later ones.
  /// - Returns: Its index; the end index when none is.
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

  /// Finds the element with a key, by binary search.
  ///
  /// - Parameters:
  ///   - key: The key to look for.
  ///   - keyOf: The key of an element; keys ascend.
  /// - Returns: The first such index; nil when there is none.
  @inlinable
  package func index<Key: Comparable>(of key: Key, by keyOf: (Element) -> Key) -> Index? {
    let index = partitioningIndex { keyOf($0) >= key }
    return index < endIndex && keyOf(self[index]) == key ? index : nil
  }
}
