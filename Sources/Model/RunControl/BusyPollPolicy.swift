import ScaleModel

/// Decides when a machine polls without sleeping: briefly, while a snapshot is under way.
///
/// An idle processor takes longer to wake than a marker takes to travel. So a machine that takes
/// part in a snapshot polls for a moment after each step of it, and yields between two polls. That
/// pays only while there are about as many processors as busy machines.
@usableFromInline
package struct BusyPollPolicy {
  @usableFromInline let isWorthwhile: Bool
  @usableFromInline var end: MonotonicInstant?

  /// How long a machine polls after the latest step: 250 µs.
  @inlinable package static var span: TimeSpan { TimeSpan(nanoseconds: 250_000) }

  /// Makes the policy of one of a run's threads or processes.
  package init(machineCount: Int, processorCount: Int) {
    isWorthwhile = machineCount + 1 <= 2 * processorCount
  }

  /// Starts the busy polling anew, after a step of a snapshot.
  @inlinable
  package mutating func stir(at now: MonotonicInstant) {
    if isWorthwhile { end = now + Self.span }
  }

  /// Whether to poll again instead of sleeping; false unless a snapshot is under way.
  @inlinable
  package func isAlert(at now: MonotonicInstant, whileWaiting isWaiting: Bool) -> Bool {
    isWaiting && isWorthwhile && end.map { now < $0 } ?? false
  }
}
