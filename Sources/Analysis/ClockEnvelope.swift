/// When each reading was first reached anywhere, which tells the largest reading at any time.
///
/// The machines' clocks are merged without sorting their events: for each reading above the base,
/// only the earliest event that shows it matters.
struct ClockEnvelope {
  /// An instant, and the machine whose event comes first among those of that instant.
  private struct Moment {
    var time: Int64
    var machine: Int

    @inline(__always)
    static func <= (left: Moment, right: Moment) -> Bool {
      left.time < right.time || (left.time == right.time && left.machine <= right.machine)
    }
  }

  private var base: Int64 = 0
  /// When each of the readings base + 1, base + 2, … or a larger one was first shown.
  private var firstMoments: [Moment] = []

  /// Starts over: all machines have been seen up to `base`, and none will be above `maximum`.
  mutating func reset(after base: Int64, upTo maximum: Int64) {
    self.base = base
    firstMoments.removeAll(keepingCapacity: true)
    firstMoments.append(
      contentsOf: repeatElement(
        Moment(time: .max, machine: .max), count: Int(maximum - base)))
  }

  /// Notes an event; machines must come in the order of their ids.
  @inline(__always)
  mutating func add(clock: Int64, time: Int64, machine: Int) {
    let index = Int(clock - base) - 1
    // The machine of the smallest id came first, so it keeps an instant it shares.
    if index >= 0 && time < firstMoments[index].time {
      firstMoments[index] = Moment(time: time, machine: machine)
    }
  }

  /// Makes every reading's moment that of the first event that shows it or a larger one.
  mutating func settle() {
    guard var earliest = firstMoments.last else { return }
    for index in firstMoments.indices.reversed() {
      if firstMoments[index] <= earliest {
        earliest = firstMoments[index]
      } else {
        firstMoments[index] = earliest
      }
    }
  }

  /// The largest reading anywhere just before a machine's events of an instant.
  ///
  /// - Parameters:
  ///   - time: The events' system time.
  ///   - machine: The machine; at the same instant, those of smaller ids count.
  ///   - cursor: Zero at a machine's first event; kept from one event to its next.
  /// - Returns: The base, if nothing larger has been seen yet.
  @inline(__always)
  func largestClock(at time: Int64, before machine: Int, from cursor: inout Int) -> Int64 {
    let moment = Moment(time: time, machine: machine - 1)
    // Double the stride while it holds, then halve it: a slow machine passes many readings at once.
    var stride = 1
    while cursor + stride <= firstMoments.count && firstMoments[cursor + stride - 1] <= moment {
      cursor += stride
      stride *= 2
    }
    while stride > 1 {
      stride /= 2
      if cursor + stride <= firstMoments.count && firstMoments[cursor + stride - 1] <= moment {
        cursor += stride
      }
    }
    return base + Int64(cursor)
  }
}
