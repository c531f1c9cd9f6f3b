/// How long runs that are carried out several at once will take together.
package enum RemainingTime {
  /// The time until the last of them ends, when each free place takes the next one that waits.
  ///
  /// - Parameters:
  ///   - underWay: What those that were started have left, in nanoseconds; below zero for one that
  ///     is late.
  ///   - waiting: How long each of the others takes, in the order they will start.
  ///   - placeCount: How many may be under way at once, at least 1.
  /// - Returns: Nanoseconds from now, at least zero.
  package static func nanoseconds(
    underWay: [Int64], waiting: some Sequence<Int64>, placeCount: Int
  ) -> Int64 {
    var places = underWay.map { max(0, $0) }
    places += Array(repeating: 0, count: max(0, placeCount - places.count))
    for duration in waiting {
      guard let earliest = places.indices.min(by: { places[$0] < places[$1] }) else { break }
      places[earliest] += duration
    }
    return places.max() ?? 0
  }
}
