/// Makes a list small that fails in some way: what is left fails too, and none of it can be left
/// out.
///
/// - SeeAlso: A. Zeller and R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input",
///   IEEE TSE 28(2), 2002. <https://doi.org/10.1109/32.988498>
package struct Shrinking<Element> {
  /// What is left of the list.
  package private(set) var kept: [Element]
  /// How many elements are left out at a time.
  private var size: Int
  /// The first element of those to leave out next.
  private var start = 0
  /// How many elements were left when parts of this size were first tried.
  private var countBefore: Int

  /// Begins with a list that fails.
  package init(_ whole: [Element]) {
    (kept, countBefore) = (whole, whole.count)
    size = max(1, whole.count / 2)
  }

  /// Tries to leave out one part more.
  ///
  /// - Parameters:
  ///   - trial: What is left of a shorter list that still fails; nil when it does not fail.
  ///   - endOfPass: Makes the list shorter in another way, once parts of a size have been tried.
  /// - Returns: Whether there is another to try.
  package mutating func advance(
    _ trial: ([Element]) throws -> [Element]?, endOfPass: ([Element]) -> [Element] = { $0 }
  ) rethrows -> Bool {
    if start < kept.count {
      var fewer = kept
      fewer.removeSubrange(start..<min(kept.count, start + size))
      if let rest = try trial(fewer) { kept = rest } else { start += size }
      return true
    }
    kept = endOfPass(kept)
    if size == 1, kept.count == countBefore { return false }
    (size, start, countBefore) = (max(1, size / 2), 0, kept.count)
    return true
  }
}
