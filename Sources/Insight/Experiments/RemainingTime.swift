/// The time that several concurrent runs will still take.
package enum RemainingTime {
  /// The time until the last run ends, when each free slot takes the next waiting run.
  ///
  /// - Parameters:
  ///   - underWay: The remaining time of each started run, in nanoseconds; below zero for one that
  ///     is late.
  ///   - waiting: The duration of each other run, in the order they will start.
  ///   - slotCount: How many runs may be under way at once, at least 1.
  /// - Returns: Nanoseconds from now, at least zero.
  package static func nanoseconds(
    underWay: [Int64], waiting: some Sequence<Int64>, slotCount: Int
  ) -> Int64 {
    var slots = underWay.map { max(0, $0) }
    slots += Array(repeating: 0, count: max(0, slotCount - slots.count))
    // Several runs without an end exceed 64 bits; callers round up to seconds.
    let longest = Int64.max / 2 - 1_000_000_000
    for duration in waiting {
      guard let earliest = slots.indices.min(by: { slots[$0] < slots[$1] }) else { break }
      slots[earliest] = min(slots[earliest], longest) + min(duration, longest)
    }
    return slots.max() ?? 0
  }
}
