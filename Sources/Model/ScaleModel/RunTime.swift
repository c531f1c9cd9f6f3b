/// A point on one clock, in whole nanoseconds; points on different clocks do not compare.
public protocol Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since the clock's zero.
  var nanoseconds: Int64 { get }

  /// Makes the point so many nanoseconds after the clock's zero.
  init(nanoseconds: Int64)
}

extension Instant {
  /// Later than all others: the deadline of what may take for ever.
  @inlinable public static var never: Self { Self(nanoseconds: .max) }

  /// Earlier than all others.
  @inlinable package static var always: Self { Self(nanoseconds: .min) }

  /// Whether the left point is earlier.
  @inlinable
  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The point so much later; ``never`` when it does not fit.
  @inlinable
  public static func + (instant: Self, span: TimeSpan) -> Self {
    let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
    return overflows ? .never : Self(nanoseconds: sum)
  }

  /// The point so much earlier.
  @inlinable
  public static func - (instant: Self, span: TimeSpan) -> Self {
    let (rest, overflows) = instant.nanoseconds.subtractingReportingOverflow(span.nanoseconds)
    return Self(nanoseconds: overflows ? .min : rest)
  }

  /// How long ago an earlier point was; zero when it is not earlier.
  @inlinable
  public func since(_ earlier: Self) -> TimeSpan {
    let (span, overflows) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return TimeSpan(nanoseconds: overflows ? .max : max(0, span))
  }

  /// The point on this clock at a time of a run that begins here; the last but ``never`` when it
  /// does not fit.
  @inlinable
  package func at(_ time: RunTime) -> Self {
    let (sum, overflows) = nanoseconds.addingReportingOverflow(time.nanoseconds)
    return Self(nanoseconds: overflows ? .max - 1 : sum)
  }

  /// The time of a run that begins here at a point on this clock.
  @inlinable
  package func runTime(at instant: Self) -> RunTime {
    RunTime(nanoseconds: instant.nanoseconds &- nanoseconds)
  }
}

extension Instant {
  /// The time since the clock's zero, in a fitting unit.
  public var description: String {
    if self == .never { return "never" }
    return nanoseconds < 0 ? "\(nanoseconds)ns" : "\(TimeSpan(nanoseconds: nanoseconds))"
  }
}

/// A point of a run: how long after its start, or, where it is negative, before.
///
/// In virtual time it is the time; in wall time, the distance of an instant from that of the start.
@frozen
public struct RunTime: Instant {
  /// Nanoseconds since the run's start.
  public var nanoseconds: Int64

  /// Makes the point so many nanoseconds after the run's start.
  @inlinable
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// Makes the point so long after the run's start.
  @inlinable
  public init(_ span: TimeSpan) { self.init(nanoseconds: span.nanoseconds) }

  /// The run's start.
  @inlinable public static var start: RunTime { RunTime(nanoseconds: 0) }
}
