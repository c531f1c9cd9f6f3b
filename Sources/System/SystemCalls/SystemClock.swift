/// The kernel's clocks, in whole nanoseconds.
package enum SystemClock {
  /// Time that never goes back, from an unspecified start; one clock for the whole host.
  package static var monotonicNanoseconds: Int64 { now(CLOCK_MONOTONIC) }

  /// Time since the Unix epoch; jumps when the system clock is set.
  package static var epochNanoseconds: Int64 { now(CLOCK_REALTIME) }

  /// The start times that a run may have, since the epoch: from 1970 to 2116, so that the times of
  /// the longest run, and differences of any two, fit 64 bits.
  package static let startTimes: Range<Int64> = 0..<1 << 62

  /// Sleeps at least this long (`nanosleep`), as a plain program would.
  package static func sleep(nanoseconds: Int64) {
    var time = timespec(
      tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    var rest = timespec()
    while nanosleep(&time, &rest) != 0 && errno == EINTR { time = rest }
  }

  /// Sleeps until an instant of the monotonic clock (`clock_nanosleep`; sleeps again elsewhere).
  package static func sleep(untilMonotonic instant: Int64) {
    csystem_sleep_until(instant)
  }

  private static func now(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
