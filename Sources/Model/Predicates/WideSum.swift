/// A sum of integers of 64 bits that overflows only if its result does, in whatever order they are
/// added.
///
/// The upper and the lower 32 bits are summed apart, so that 2³¹ numbers can be added.
package struct WideSum: Hashable, Sendable {
  private var upper: Int64 = 0
  private var lower: Int64 = 0

  /// Zero.
  package init() {}

  private static let lowerMask: Int64 = 0xFFFF_FFFF

  /// Adds a number.
  package static func += (sum: inout WideSum, number: Int64) {
    sum.upper += number >> 32
    sum.lower += number & lowerMask
  }

  /// Subtracts a number.
  package static func -= (sum: inout WideSum, number: Int64) {
    sum.upper -= number >> 32
    sum.lower -= number & lowerMask
  }

  /// Adds another sum.
  package static func += (sum: inout WideSum, other: WideSum) {
    sum.upper += other.upper
    sum.lower += other.lower
  }

  /// The sum; nil when it does not fit in 64 bits.
  package var value: Int64? {
    let carried = upper + lower >> 32
    guard let high = Int32(exactly: carried) else { return nil }
    return Int64(high) << 32 | lower & Self.lowerMask
  }
}
