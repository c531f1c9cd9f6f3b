/// An instant, read on both clocks of a host.
package struct Moment: Hashable, Sendable {
  /// The monotonic clock, in nanoseconds: for deadlines.
  package var monotonic: Int64
  /// The system clock, in nanoseconds since the Unix epoch: for files.
  package var system: Int64

  /// Makes an instant from the readings of both clocks.
  package init(monotonic: Int64, system: Int64) {
    self.monotonic = monotonic
    self.system = system
  }

  /// The instant so many nanoseconds later.
  package func advanced(by nanoseconds: Int64) -> Moment {
    Moment(monotonic: monotonic + nanoseconds, system: system + nanoseconds)
  }
}
