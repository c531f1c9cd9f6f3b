import ScaleModel

/// A point on one clock, in whole nanoseconds; points on different clocks do not compare.
@usableFromInline
package protocol Instant: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// Nanoseconds since the clock's zero.
  var nanoseconds: Int64 { get }

  /// Makes the point so many nanoseconds after the clock's zero.
  init(nanoseconds: Int64)
}

extension Instant {
  /// Later than all others: the deadline of what may take for ever.
  @inlinable package static var never: Self { Self(nanoseconds: .max) }

  /// Whether the left point is earlier.
  @inlinable
  package static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The point so much later; ``never`` when it does not fit.
  @inlinable
  package static func + (instant: Self, span: TimeSpan) -> Self {
    let (sum, overflows) = instant.nanoseconds.addingReportingOverflow(span.nanoseconds)
    return overflows ? .never : Self(nanoseconds: sum)
  }

  /// The point so much earlier.
  @inlinable
  package static func - (instant: Self, span: TimeSpan) -> Self {
    let (rest, overflows) = instant.nanoseconds.subtractingReportingOverflow(span.nanoseconds)
    return Self(nanoseconds: overflows ? .min : rest)
  }

  /// How long ago an earlier point was; zero when it is not earlier.
  @inlinable
  package func since(_ earlier: Self) -> TimeSpan {
    let (span, overflows) = nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return TimeSpan(nanoseconds: overflows ? .max : max(0, span))
  }
}

extension Instant {
  /// The time since the clock's zero, in a fitting unit.
  @usableFromInline package var description: String {
    if self == .never { return "never" }
    return nanoseconds < 0 ? "\(nanoseconds)ns" : "\(TimeSpan(nanoseconds: nanoseconds))"
  }
}

/// A point on this host's monotonic clock, which never goes back: for deadlines.
@usableFromInline
package struct MonotonicInstant: Instant {
  /// Nanoseconds since an unspecified start, which all processes of the host share.
  @usableFromInline package var nanoseconds: Int64

  /// Makes the point so many nanoseconds after the clock's start.
  @inlinable
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
}

/// A point on the system clock, as a run counts it: for files and for people.
@usableFromInline
package struct SystemInstant: Instant {
  /// Nanoseconds since the Unix epoch.
  @usableFromInline package var nanoseconds: Int64

  /// Makes the point so many nanoseconds after the Unix epoch.
  @inlinable
  package init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }
}

/// One instant on both clocks of a host.
package struct Moment: Hashable, Sendable {
  /// On the monotonic clock.
  package var monotonic: MonotonicInstant
  /// On the system clock.
  package var system: SystemInstant

  /// Makes an instant from the readings of both clocks.
  package init(monotonic: MonotonicInstant, system: SystemInstant) {
    self.monotonic = monotonic
    self.system = system
  }

  /// The instant so much later.
  package static func + (moment: Moment, span: TimeSpan) -> Moment {
    Moment(monotonic: moment.monotonic + span, system: moment.system + span)
  }
}
