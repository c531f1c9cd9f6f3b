/// A length of time as people write it: `60s`, `250ms`, `1.5m`, `2h`.
///
/// Runs count time in whole nanoseconds, in 64 bits: 292 years.
@frozen
public struct TimeSpan: Hashable, Comparable, Sendable {
  /// The length, in nanoseconds; never negative.
  public let nanoseconds: Int64

  /// Makes a span of this many nanoseconds.
  ///
  /// - Precondition: It is not negative.
  @inlinable
  public init(nanoseconds: Int64) {
    precondition(nanoseconds >= 0, "A span of time is not negative")
    self.nanoseconds = nanoseconds
  }

  /// Makes a span of whole seconds.
  public static func seconds(_ seconds: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: seconds * 1_000_000_000)
  }

  /// Makes a span of whole milliseconds.
  public static func milliseconds(_ milliseconds: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: milliseconds * 1_000_000)
  }

  /// Reads a number with a unit: `ns`, `us`, `ms`, `s`, `m`, `h` or `d`; or the word `forever`.
  ///
  /// Parses digits exactly, without floating point, and truncates to nanoseconds. Nil for anything
  /// else, or a number that does not fit.
  public init?(_ text: String) {
    if text == "forever" {
      self = .forever
      return
    }
    let unitStart = text.firstIndex { !($0.isASCII && $0.isNumber) && $0 != "." } ?? text.endIndex
    guard let unit = Self.units.first(where: { $0.word == text[unitStart...] }) else { return nil }
    let parts = text[..<unitStart].split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0]) else { return nil }
    var (total, overflows) = whole.multipliedReportingOverflow(by: unit.nanoseconds)
    guard !overflows else { return nil }
    if parts.count == 2 {
      guard !parts[1].isEmpty else { return nil }
      // Truncating at each step, from the last digit to the first, loses only fractions of a
      // nanosecond, even where the unit is not a power of ten.
      var fraction: Int64 = 0
      for digit in parts[1].reversed() {
        guard let value = digit.wholeNumberValue else { return nil }
        fraction = (Int64(value) * unit.nanoseconds + fraction) / 10
      }
      (total, overflows) = total.addingReportingOverflow(fraction)
      if overflows { return nil }
    }
    nanoseconds = total
  }

  /// The longest run: a hundred years and a nanosecond, so that a hundred years stay a number and
  /// its times added to today's date fit in 64 bits of nanoseconds.
  public static let forever = TimeSpan(nanoseconds: 100 * 365 * 86_400 * 1_000_000_000 + 1)

  /// The length in seconds.
  public var seconds: Double { Double(nanoseconds) / 1e9 }

  /// Whether the left span is shorter.
  @inlinable
  public static func < (left: TimeSpan, right: TimeSpan) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  private static let units: [(word: String, nanoseconds: Int64)] = [
    ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000),
    ("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1000), ("ns", 1),
  ]
}

extension TimeSpan: CustomStringConvertible {
  /// The span in the largest unit that writes it as a whole number, minutes and up left to seconds.
  public var description: String {
    if self == .forever { return "forever" }
    let unit =
      Self.units.dropFirst(3).first { nanoseconds % $0.nanoseconds == 0 } ?? ("ns", 1)
    return "\(nanoseconds / unit.nanoseconds)\(unit.word)"
  }
}
