/// When each reading was first reached anywhere, which tells the largest reading at any time.
///
/// The machines' clocks are merged without sorting their events: for each reading above the base,
/// only the earliest event that shows it matters.
struct ClockEnvelope: ~Copyable {
  /// An instant, and the machine whose event comes first among those of that instant.
  struct Moment: BitwiseCopyable {
    var time: Int64
    var machine: Int

    @inline(__always)
    static func <= (left: Moment, right: Moment) -> Bool {
      left.time < right.time || (left.time == right.time && left.machine <= right.machine)
    }
  }

  private var base: Int64 = 0
  /// When each of the readings base + 1, base + 2, … or a larger one was first shown; that of the
  /// last one, which no machine shows, is later than all events.
  private var firstMoments = PlainBuffer<Moment>()

  /// Starts over: all machines have been seen up to `base`, and none will be above `maximum`.
  mutating func reset(after base: Int64, upTo maximum: Int64) {
    self.base = base
    firstMoments.keepFirst(0)
    firstMoments.extend(to: Int(maximum - base) + 1, with: Moment(time: .max, machine: .max))
  }

  /// Notes a machine's events; machines must come in the order of their ids.
  mutating func add(_ entries: borrowing PlainBuffer<EventWindow.Entry>, of machine: Int) {
    for place in entries.indices {
      let entry = entries[place]
      let index = Int(entry.clock &- base) &- 1
      // The machine of the smallest id came first, so it keeps an instant it shares.
      if index >= 0 && entry.time < firstMoments[index].time {
        firstMoments[index] = Moment(time: entry.time, machine: machine)
      }
    }
  }

  /// Makes every reading's moment that of the first event that shows it or a larger one.
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
    for place in entries.indices {
      let entry = entries[place]
      // Of its own events of the same instant only those up to this one count, and those of
      // machines with smaller ids.
      ownLargest = max(ownLargest, entry.clock)
      let moment = Moment(time: entry.time, machine: machine - 1)
      reachedCount = advance(reachedCount, to: moment)
      measured.add(max(ownLargest, base &+ Int64(reachedCount)) &- entry.clock)
    }
    figures = measured
  }

  /// How many of the readings were reached by a moment.
  @inline(__always)
  private func advance(_ reachedCount: Int, to moment: Moment) -> Int {
    // Most often one or two more; the last moment of all is never reached.
    if !(firstMoments[reachedCount] <= moment) { return reachedCount }
    if !(firstMoments[reachedCount &+ 1] <= moment) { return reachedCount &+ 1 }
    return leap(reachedCount &+ 2, to: moment)
  }

  /// The same of many readings: a slow machine passes them at once, so the stride is doubled while
  /// it holds and then halved.
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
