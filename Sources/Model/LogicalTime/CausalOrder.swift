/// How two events relate in Lamport's "happened before".
///
/// - SeeAlso: L. Lamport, CACM 21(7), 1978, "The Partial Ordering".
///   <https://doi.org/10.1145/359545.359563>
public enum CausalOrder: Hashable, Sendable {
  /// They are the same event, or have the same history.
  case same
  /// The first could have influenced the second: it *happened before* it.
  case before
  /// The second could have influenced the first.
  case after
  /// Neither could have influenced the other.
  case concurrent

  /// The order of two histories, of which each may hold something that the other lacks.
  @inlinable
  init(firstLacksSome: Bool, secondLacksSome: Bool) {
    switch (firstLacksSome, secondLacksSome) {
    case (false, false): self = .same
    case (true, false): self = .before
    case (false, true): self = .after
    case (true, true): self = .concurrent
    }
  }
}

extension [UInt64] {
  /// How these counters relate to others, entry by entry; a missing entry counts as zero.
  func order(to other: [UInt64]) -> CausalOrder {
    var (isBelow, isAbove) = (false, false)
    let shared = Swift.min(count, other.count)
    withUnsafeBufferPointer { own in
      other.withUnsafeBufferPointer { others in
        for index in 0..<shared {
          if own[index] < others[index] { isBelow = true }
          if own[index] > others[index] { isAbove = true }
        }
      }
    }
    return CausalOrder(
      firstLacksSome: isBelow || other[shared...].contains { $0 > 0 },
      secondLacksSome: isAbove || self[shared...].contains { $0 > 0 })
  }

  /// Raises each counter to at least that of `other`; a missing entry counts as zero.
  mutating func raise(to other: [UInt64]) {
    if count < other.count {
      self += [UInt64](repeating: 0, count: other.count - count)
    }
    let shared = other.count
    withUnsafeMutableBufferPointer { own in
      other.withUnsafeBufferPointer { others in
        for index in 0..<shared { own[index] = Swift.max(own[index], others[index]) }
      }
    }
  }
}

extension FixedWidthInteger {
  /// One more; the largest number stays as it is.
  @inlinable var nextOrLargest: Self { self == .max ? .max : self + 1 }
}
