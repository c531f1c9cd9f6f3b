/// Which clock says when a machine's ticks are due.
public enum TickClock: String, Hashable, Sendable, CaseIterable {
  /// True time: tick k of a machine is due k / rate after the start.
  case trueTime = "true-time"
  /// The machine's own physical clock: tick k is due when it shows k / rate more than at the start.
  ///
  /// A clock that runs fast ticks more often. One that steps forward makes the ticks due that it
  /// steps over; one that steps back has none until it is there again, and none at all any more if
  /// that takes a hundred thousand of its syncs.
  case ownClock = "own-clock"
}
