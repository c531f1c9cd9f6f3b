import ScaleModel
import SystemCalls

/// A common design: a thread per machine that sleeps between its ticks.
final class SleepLoop {
  /// How the loop sleeps.
  enum Kind: CaseIterable {
    /// For one period, after each tick.
    case relative
    /// Until the next deadline.
    case absolute

    var name: String {
      switch self {
      case .relative: "relative sleep"
      case .absolute: "absolute sleep"
      }
    }
  }

  let kind: Kind
  private let rates: [Int]
  private let threads: [SystemThread]
  private let recorders: [Recorder]

  /// The ticks of one thread; only that thread touches it before it is joined.
  private final class Recorder: @unchecked Sendable {
    // Written by one thread, and read by another only after `pthread_join` has ordered the two.
    var times: [Int64] = []
  }

  private init(kind: Kind, rates: [Int], threads: [SystemThread], recorders: [Recorder]) {
    self.kind = kind
    self.rates = rates
    self.threads = threads
    self.recorders = recorders
  }

  /// Starts a loop for each rate.
  static func start(_ kind: Kind, rates: [Int], duration: TimeSpan) throws -> SleepLoop {
    let recorders = rates.map { _ in Recorder() }
    // Starts are offset, so that the loops' deadlines do not coincide.
    let start = SystemClock.monotonicNanoseconds + (kind == .relative ? 61_000_000 : 137_000_000)
    let threads = try zip(rates, recorders).map { rate, recorder in
      try SystemThread { run(kind, rate: rate, start: start, duration: duration, into: recorder) }
    }
    return SleepLoop(kind: kind, rates: rates, threads: threads, recorders: recorders)
  }

  private static func run(
    _ kind: Kind, rate: Int, start: Int64, duration: TimeSpan, into recorder: Recorder
  ) {
    let count = UInt64(duration.nanoseconds) / 1000 * UInt64(rate) / 1_000_000
    recorder.times.reserveCapacity(Int(count))
    SystemClock.sleep(untilMonotonic: start)
    for tick in 1...max(1, count) {
      switch kind {
      case .relative: SystemClock.sleep(nanoseconds: 1_000_000_000 / Int64(rate))
      case .absolute:
        SystemClock.sleep(
          untilMonotonic: start + TickTime.due(tick: tick, rate: rate).nanoseconds)
      }
      recorder.times.append(SystemClock.monotonicNanoseconds - start)
    }
  }

  /// Waits for the loops to end.
  func finish() -> Lateness {
    for thread in threads { thread.join() }
    var lateness = Lateness()
    for (rate, recorder) in zip(rates, recorders) {
      lateness.add(times: recorder.times, rate: rate)
    }
    return lateness
  }
}
