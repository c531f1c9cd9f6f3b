/// A listener's pause after it found no free descriptor for the next connection.
///
/// The connection stays pending, so the listener stays ready; without a pause the loop would spin
/// until a descriptor is free.
package struct AcceptPause {
  /// When to accept again, on the monotonic clock; nil while the listener accepts.
  package private(set) var end: Int64?

  /// How long to wait for a free descriptor.
  private static let nanoseconds: Int64 = 100_000_000

  /// Makes a pause that has not begun.
  package init() {}

  /// Begins the pause; the caller stops watching its listener.
  package mutating func begin(now: Int64) { end = now + Self.nanoseconds }

  /// Ends the pause if its time is over.
  ///
  /// - Returns: Whether it ended just now, so that the caller watches its listener again.
  package mutating func endIfOver(now: Int64) -> Bool {
    guard let end, now >= end else { return false }
    self.end = nil
    return true
  }
}
