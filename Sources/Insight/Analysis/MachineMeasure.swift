import LogicalTime
import RunRecord
import ScaleModel

/// Measures everything about one machine that its own journal shows.
final class MachineMeasure: JournalObserver {
  private(set) var figures: Figures
  /// Set by ``findPercentiles(in:within:)``.
  private(set) var percentiles = Result<MachinePercentiles, RunRecordError>.success(.init())
  private let schedule: DueTimes
  private let startTime: Int64?

  init(_ schedule: DueTimes, startTime: Int64?, path: String) {
    figures = Figures(schedule, startTime: startTime, path: path)
    (self.schedule, self.startTime) = (schedule, startTime)
  }

  func take(_ batch: JournalBatch) throws(RunRecordError) {
    try figures.take(batch)
  }

  /// Finds the percentiles, after the whole journal was read.
  ///
  /// - Parameters:
  ///   - journal: The journal.
  ///   - times: The system times whose lines were read; nil for all.
  func findPercentiles(in journal: JournalReader, within times: Range<Int64>?) {
    percentiles = Result { () throws(RunRecordError) in
      try MachinePercentiles(
        of: figures, journal: journal, schedule: schedule, startTime: startTime, within: times)
    }
  }

  /// The figures so far; snapshot lines do not count.
  struct Figures: ~Copyable {
    private(set) var eventCount = 0
    private(set) var sendCount = 0
    private(set) var receiveCount = 0
    /// The reading of the latest event.
    private(set) var clock: Int64 = 0
    /// How many messages waited in the inbox after the latest event.
    private(set) var queueLength = 0
    private(set) var queueLengthMax = 0
    /// The differences of consecutive readings.
    private(set) var jumps = ValueCounts()
    /// The queue's length at receipts.
    private(set) var queueLengths = RankCounts()
    private(set) var queueLengthSum = 0
    /// Nanoseconds after the tick's due time; empty when the run has no start time.
    private(set) var lateness = RankCounts()
    private(set) var trends = LinearTrends()
    /// The system time of the first event and of the latest.
    private(set) var firstTime: Int64 = 0
    private(set) var latestTime: Int64 = 0
    private(set) var firstClock: Int64 = 0

    private let startTime: Int64?
    private let path: String
    private var schedule: DueTimes
    private var firstLateness: Int64 = 0
    /// How late each line of the latest batch is; a snapshot's has any value.
    private var latenesses = PlainBuffer<Int64>(capacity: 256)

    init(_ schedule: DueTimes, startTime: Int64?, path: String) {
      self.schedule = schedule
      self.startTime = startTime
      self.path = path
    }

    var internalCount: Int { eventCount - sendCount - receiveCount }

    mutating func take(_ batch: JournalBatch) throws(RunRecordError) {
      if eventCount == 0, let first = batch.lines.first(where: { $0.kind != .snapshot }) {
        firstTime = first.systemTime
        (firstClock, clock) = (Int64(first.clock), Int64(first.clock))
        if let startTime, let due = schedule.due(first.tick) {
          firstLateness = first.systemTime - startTime - due
        }
      }
      try takeTimes(batch)
      takeCounts(batch)
    }

    // The loops keep what they write in local variables, so that it stays in registers. Differences
    // of values in a journal line fit in 64 bits, so overflow is not checked.

    /// Measures times: lateness and trends.
    ///
    /// Loops of their own, because around the calls of one the sums of another would leave their
    /// registers.
    private mutating func takeTimes(_ batch: JournalBatch) throws(RunRecordError) {
      if startTime != nil {
        try findLateness(batch)
        countLateness(batch)
      }
      var trends = LinearTrends()
      let (firstTime, firstClock, isLate) = (firstTime, firstClock, startTime != nil)
      let firstLateness = Double(firstLateness)
      for index in batch.lines.indices where batch.lines[index].kind != .snapshot {
        let late = isLate ? latenesses[index] : 0
        let reading = Int64(bitPattern: batch.lines[index].clock)
        trends.add(
          nanoseconds: Double(batch.lines[index].systemTime &- firstTime),
          values: [Double(reading &- firstClock), Double(late) - firstLateness])
      }
      self.trends += trends
    }

    /// Finds how late each line is; those of snapshots keep any value.
    private mutating func findLateness(_ batch: JournalBatch) throws(RunRecordError) {
      guard let startTime else { return }
      latenesses.extend(to: batch.lines.count, with: 0)
      var index = 0
      while true {
        index = schedule.findLateness(
          of: batch.lines, from: index, after: startTime, into: &latenesses)
        guard index < batch.lines.count else { return }
        let line = batch.lines[index]
        if line.kind != .snapshot {
          guard let due = schedule.due(line.tick) else {
            throw .malformed(
              path: path, line: batch.firstLineNumber + index, column: "tick",
              problem: "\(line.tick) does not fit: no run lasts that long")
          }
          latenesses[index] = line.systemTime &- startTime &- due
        }
        index += 1
      }
    }

    /// Counts how late lines are; in virtual time most are as late as the one before.
    private mutating func countLateness(_ batch: JournalBatch) {
      var (latest, count) = (Int64(0), 0)
      for index in batch.lines.indices where batch.lines[index].kind != .snapshot {
        if latenesses[index] != latest {
          lateness.add(latest, times: count)
          (latest, count) = (latenesses[index], 0)
        }
        count &+= 1
      }
      lateness.add(latest, times: count)
    }

    /// Counts readings, kinds and queue lengths.
    private mutating func takeCounts(_ batch: JournalBatch) {
      var (events, sends, receives, receiptQueues) = (0, 0, 0, 0)
      var (queue, longestQueue, reading, time) = (queueLength, queueLengthMax, clock, latestTime)
      var isFirst = eventCount == 0
      for index in batch.lines.indices where batch.lines[index].kind != .snapshot {
        let latest = reading
        reading = Int64(bitPattern: batch.lines[index].clock)
        if isFirst { isFirst = false } else { jumps.add(reading &- latest) }
        queue = batch.lines[index].queueLength
        longestQueue = max(longestQueue, queue)
        // An event's kind is hard to predict, so no branch depends on it: of the raw values up to
        // 5, only that of a receipt is even and has the second bit.
        let kind = Int(batch.lines[index].kind.rawValue)
        let receipts = kind &>> 1 & ~kind & 1
        queueLengths.add(Int64(queue), times: receipts)
        receiptQueues &+= receipts &* queue
        receives &+= receipts
        sends &+= batch.lines[index].kind == .send ? 1 : 0
        events &+= 1
        time = batch.lines[index].systemTime
      }
      (queueLength, queueLengthMax, clock, latestTime) = (queue, longestQueue, reading, time)
      eventCount += events
      sendCount += sends
      receiveCount += receives
      queueLengthSum += receiptQueues
    }
  }
}

/// When a machine's ticks are due, in nanoseconds after the start: tick / rate rounded down,
/// without a division while ticks follow one another.
struct DueTimes {
  private let rate: UInt64
  /// The nanoseconds in which ``rate`` ticks are due.
  private let span: UInt64
  private let step: UInt64
  private let stepRemainder: UInt64
  private var tick: UInt64 = 0
  private var nanoseconds: UInt64 = 0
  private var remainder: UInt64 = 0
  /// The last tick before each epoch of a run whose machines went back, and when it counts as due;
  /// those to come, the latest first.
  private var epochs: [(tick: UInt64, nanoseconds: Int64)] = []
  /// The same of the epoch now; zero in the first.
  private var origin: (tick: UInt64, nanoseconds: Int64) = (0, 0)
  private var isFirstEpoch = true
  /// The last tick of the epoch now.
  private var lastTick = UInt64.max

  /// Makes the schedule of a machine that ticks `rate` times in `seconds`.
  ///
  /// - Parameters:
  ///   - rate: How often it ticks.
  ///   - seconds: In how long.
  ///   - restarts: To which tick it went back, and when it went on, in nanoseconds after the start;
  ///     in order of time.
  init(rate: Int, seconds: Int = 1, restarts: [(tick: UInt64, nanoseconds: Int64)] = []) {
    self.rate = UInt64(rate)
    span = 1_000_000_000 * UInt64(seconds)
    (step, stepRemainder) = span.quotientAndRemainder(dividingBy: self.rate)
    for restart in restarts {
      epochs.removeAll { $0.tick >= restart.tick }
      epochs.insert(restart, at: 0)
    }
    lastTick = epochs.last?.tick ?? .max
  }

  /// Makes the schedule of a run's machine.
  init(of machine: Int, in run: StoredRun) {
    self.init(
      rate: run.manifest.plan.rates[machine], seconds: run.manifest.rateSeconds(of: machine),
      restarts: run.restarts.map { ($0.ticks[machine], $0.resumeTime - run.originTime) })
  }

  /// The due time of a tick; nil when it is 2⁶² nanoseconds or more.
  @inline(__always)
  mutating func due(_ tick: UInt64) -> Int64? {
    isFirstEpoch && tick <= lastTick ? dueInEpoch(tick) : dueLater(tick)
  }

  /// Finds how late lines are, as long as their ticks follow one another in the first epoch.
  ///
  /// - Parameters:
  ///   - lines: The lines.
  ///   - start: The index of the first one.
  ///   - startTime: The run's start.
  ///   - latenesses: The destination, one for each line.
  /// - Returns: The index of the first line that is not like that, is due after 2⁶¹ nanoseconds, or
  ///   is a snapshot's; the number of lines when there is none.
  mutating func findLateness(
    of lines: UnsafeBufferPointer<JournalLine>, from start: Int, after startTime: Int64,
    into latenesses: inout PlainBuffer<Int64>
  ) -> Int {
    // Then no sum reaches 2⁶² in the loop.
    guard isFirstEpoch, step < 1 << 61 else { return start }
    var (index, tick, nanoseconds, remainder) = (start, tick, nanoseconds, remainder)
    let (rate, step, stepRemainder, lastTick) = (rate, step, stepRemainder, lastTick)
    while index < lines.count, lines[index].tick == tick &+ 1, lines[index].kind != .snapshot,
      tick < lastTick, nanoseconds < 1 << 61
    {
      tick &+= 1
      remainder &+= stepRemainder
      let carry: UInt64 = remainder >= rate ? 1 : 0
      remainder &-= carry &* rate
      nanoseconds &+= step &+ carry
      latenesses[index] =
        lines[index].systemTime &- startTime &- Int64(bitPattern: nanoseconds)
      index &+= 1
    }
    (self.tick, self.nanoseconds, self.remainder) = (tick, nanoseconds, remainder)
    return index
  }

  // Out of line, because it calls: around calls the caller's sums would leave their registers.
  @inline(never)
  private mutating func dueLater(_ tick: UInt64) -> Int64? {
    while tick > lastTick, let next = epochs.popLast() {
      (origin, lastTick, isFirstEpoch) = (next, epochs.last?.tick ?? .max, false)
    }
    guard tick >= origin.tick, let due = dueInEpoch(tick - origin.tick) else { return nil }
    return origin.nanoseconds &+ due
  }

  @inline(__always)
  private mutating func dueInEpoch(_ tick: UInt64) -> Int64? {
    if tick == self.tick &+ 1 {
      // Below 2⁶² and 2⁶³, so the sums fit.
      nanoseconds &+= step
      remainder &+= stepRemainder
      if remainder >= rate {
        remainder &-= rate
        nanoseconds &+= 1
      }
    } else if tick != self.tick {
      guard let leap = Self.leap(to: tick, rate: rate, span: span) else { return nil }
      (nanoseconds, remainder) = leap
    }
    guard nanoseconds < 1 << 62 else { return nil }
    self.tick = tick
    return Int64(bitPattern: nanoseconds)
  }

  // A static function has no `self`, which can therefore stay in registers.
  private static func leap(
    to tick: UInt64, rate: UInt64, span: UInt64
  ) -> (quotient: UInt64, remainder: UInt64)? {
    let product = tick.multipliedFullWidth(by: span)
    guard product.high < rate else { return nil }
    return rate.dividingFullWidth(product)
  }
}
