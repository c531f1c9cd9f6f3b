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
