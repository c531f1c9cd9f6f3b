extension Array {
  /// Leaves out elements, one at a time, as long as what is left fails as the whole did.
  ///
  /// - Parameter fails: Whether a part, in the same order, still fails; not asked of the whole.
  /// - Returns: A part that fails, of which no single element can be left out.
  package func shrunk(while fails: ([Element]) throws -> Bool) rethrows -> [Element] {
    var kept = self
    var (index, countSinceChange) = (0, 0)
    while countSinceChange < kept.count {
      if index >= kept.count { index = 0 }
      var fewer = kept
      fewer.remove(at: index)
      if try fails(fewer) {
        (kept, countSinceChange) = (fewer, 0)
      } else {
        index += 1
        countSinceChange += 1
      }
    }
    return kept
  }
}
