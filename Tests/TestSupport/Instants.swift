import RunControl
import ScaleModel

// Tests write instants as numbers of nanoseconds.

extension MonotonicInstant: ExpressibleByIntegerLiteral {
  @usableFromInline
  package init(integerLiteral nanoseconds: Int64) { self.init(nanoseconds: nanoseconds) }
}

extension SystemInstant: ExpressibleByIntegerLiteral {
  @usableFromInline
  package init(integerLiteral nanoseconds: Int64) { self.init(nanoseconds: nanoseconds) }
}

extension RunTime: ExpressibleByIntegerLiteral {
  /// The point so many nanoseconds after the start.
  public init(integerLiteral nanoseconds: Int64) { self.init(nanoseconds: nanoseconds) }
}

extension Instant {
  package static func + (instant: Self, nanoseconds: Int64) -> Self {
    Self(nanoseconds: instant.nanoseconds + nanoseconds)
  }

  package static func - (instant: Self, nanoseconds: Int64) -> Self {
    Self(nanoseconds: instant.nanoseconds - nanoseconds)
  }

  package static func += (instant: inout Self, nanoseconds: Int64) {
    instant = instant + nanoseconds
  }

  /// How many nanoseconds lie between two instants; negative when the left one is earlier.
  package static func - (left: Self, right: Self) -> Int64 {
    left.nanoseconds - right.nanoseconds
  }
}

extension Moment {
  /// An instant as both clocks show it.
  package init(_ monotonic: MonotonicInstant, _ system: SystemInstant) {
    self.init(monotonic: monotonic, system: system)
  }
}
