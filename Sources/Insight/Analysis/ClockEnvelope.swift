/// When any machine first reached each reading; this gives the largest reading at any time.
///
/// The machines' clocks are merged without sorting their events: for each reading above the base,
/// only the earliest event with that reading matters.
struct ClockEnvelope: ~Copyable {
  /// An instant, and the machine whose event is the first at that instant.
  struct Moment: BitwiseCopyable {
    var time: Int64
    var machine: Int

    @inline(__always)
    static func <= (left: Moment, right: Moment) -> Bool {
      left.time < right.time || (left.time == right.time && left.machine <= right.machine)
    }
  }

  private var base: Int64 = 0
  /// When each of the readings base + 1, base + 2, … or a larger one was first reached; the last is
  /// a sentinel that no machine reaches, later than all events.
  private var firstMoments = PlainBuffer<Moment>()

  /// Starts over: all machines have reached at most `base`, and none will exceed `maximum`.
  mutating func reset(after base: Int64, upTo maximum: Int64) {
    self.base = base
    firstMoments.keepFirst(0)
    firstMoments.extend(to: Int(maximum - base) + 1, with: Moment(time: .max, machine: .max))
  }

  /// Adds a machine's events; machines come in id order.
  mutating func add(_ entries: borrowing PlainBuffer<EventWindow.Entry>, of machine: Int) {
    for entryIndex in entries.indices {
      let entry = entries[entryIndex]
      let index = Int(entry.clock &- base) &- 1
      // Of events at the same instant, the machine with the smallest id keeps it.
      if index >= 0 && entry.time < firstMoments[index].time {
        firstMoments[index] = Moment(time: entry.time, machine: machine)
      }
    }
  }

  /// Lowers every reading's moment to that of the first event with it or a larger reading.
  mutating func settle() {
    var earliest = Moment(time: .max, machine: .max)
    for index in firstMoments.indices.reversed() {
      if firstMoments[index] <= earliest {
        earliest = firstMoments[index]
      } else {
        firstMoments[index] = earliest
      }
    }
  }

  /// Adds the drift at each of a machine's events to its figures.
  func measure(
    _ entries: borrowing PlainBuffer<EventWindow.Entry>, of machine: Int,
    into figures: inout DriftMeasure.Figures
  ) {
    var measured = figures
    var reachedCount = 0
    var ownLargest = base
    for index in entries.indices {
      let entry = entries[index]
      // At the same instant count the machine's own events up to this one, and events of machines
      // with smaller ids.
      ownLargest = max(ownLargest, entry.clock)
      let moment = Moment(time: entry.time, machine: machine - 1)
      reachedCount = advance(reachedCount, to: moment)
      measured.add(max(ownLargest, base &+ Int64(reachedCount)) &- entry.clock)
    }
    figures = measured
  }

  /// How many of the readings were reached by a moment, of which `reachedCount` were before.
  @inline(__always)
  private func advance(_ reachedCount: Int, to moment: Moment) -> Int {
    // Usually one or two more; the sentinel at the end is never reached.
    if !(firstMoments[reachedCount] <= moment) { return reachedCount }
    if !(firstMoments[reachedCount &+ 1] <= moment) { return reachedCount &+ 1 }
    return leap(reachedCount &+ 2, to: moment)
  }

  /// Advances over many readings, as for a slow machine: doubles the stride while it holds, then
  /// halves it.
  private func leap(_ reachedCount: Int, to moment: Moment) -> Int {
    var reached = reachedCount
    var stride = 1
    while reached + stride <= firstMoments.count && firstMoments[reached + stride - 1] <= moment {
      reached += stride
      stride *= 2
    }
    while stride > 1 {
      stride /= 2
      if reached + stride <= firstMoments.count && firstMoments[reached + stride - 1] <= moment {
        reached += stride
      }
    }
    return reached
  }
}
