import RunRecord
import SystemCalls

/// Decides when to look for news without sleeping: for a moment, while a snapshot is under way.
///
/// An idle processor takes longer to wake than a marker takes to travel. So whoever takes part in a
/// snapshot stays awake for a moment after each thing that happens, and yields between two looks.
/// That pays only while there are about as many processors as machines to stay awake.
struct Alertness {
  private let isWorthwhile: Bool
  private var end = Int64.min

  /// How long is looked after the latest thing that happened.
  private static let nanoseconds: Int64 = 250_000

  /// Makes the alertness of one of a run's threads or processes.
  init(machineCount: Int) {
    isWorthwhile = machineCount + 1 <= 2 * HostFacts.current.cpus
  }

  /// Notes that something happened to a snapshot.
  mutating func stir() {
    if isWorthwhile { end = SystemClock.monotonicNanoseconds + Self.nanoseconds }
  }

  /// Whether to look again instead of sleeping, as long as a snapshot is under way.
  func isAlert(whileWaiting isWaiting: Bool) -> Bool {
    isWaiting && isWorthwhile && SystemClock.monotonicNanoseconds < end
  }
}
