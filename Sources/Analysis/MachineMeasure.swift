import LogicalTime
import RunRecord
import ScaleModel

/// Measures everything about one machine that its own journal tells.
final class MachineMeasure: JournalObserver {
  private(set) var figures: Figures
  /// Known after ``findPercentiles(in:)``.
  private(set) var percentiles = Result<MachinePercentiles, RunRecordError>.success(.init())
  private let rate: Int
  private let startTime: Int64?

  init(rate: Int, startTime: Int64?, path: String) {
    figures = Figures(rate: rate, startTime: startTime, path: path)
    (self.rate, self.startTime) = (rate, startTime)
  }

  func take(_ batch: JournalBatch) throws(RunRecordError) {
    try figures.take(batch)
  }

  /// Finds the percentiles, once the whole journal was shown.
  func findPercentiles(in journal: JournalReader) {
    percentiles = Result { () throws(RunRecordError) in
      try MachinePercentiles(of: figures, journal: journal, rate: rate, startTime: startTime)
    }
  }

  /// What has been measured so far; snapshot lines count nowhere.
  struct Figures: ~Copyable {
    private(set) var eventCount = 0
    private(set) var sendCount = 0
    private(set) var receiveCount = 0
    /// The reading of the latest event.
    private(set) var clock: Int64 = 0
    /// How many messages waited after the latest event.
    private(set) var queueLength = 0
    private(set) var queueLengthMax = 0
    /// The differences of consecutive readings.
    private(set) var jumps = ValueCounts()
    /// The queue's length at receipts.
    private(set) var queueLengths = RankCounts()
    private(set) var queueLengthSum = 0
    /// Nanoseconds behind the tick's due time; empty when the run has no start time.
    private(set) var lateness = RankCounts()
    private(set) var trends = LinearTrends()
    /// The system time of the first event and of the latest.
    private(set) var firstTime: Int64 = 0
    private(set) var latestTime: Int64 = 0
    private(set) var firstClock: Int64 = 0

    private let startTime: Int64?
    private let path: String
    private var schedule: TickSchedule
    private var firstLateness: Int64 = 0

    init(rate: Int, startTime: Int64?, path: String) {
      schedule = TickSchedule(rate: rate)
      self.startTime = startTime
      self.path = path
    }

    var internalCount: Int { eventCount - sendCount - receiveCount }

    mutating func take(_ batch: JournalBatch) throws(RunRecordError) {
      var batchTrends = LinearTrends()
      for index in batch.lines.indices where batch.lines[index].kind != .snapshot {
        let line = batch.lines[index]
        var late: Int64 = 0
        if let startTime {
          guard let due = schedule.due(line.tick) else {
            throw .malformed(
              path: path, line: batch.firstLineNumber + index, column: "tick",
              problem: "\(line.tick) does not fit: no run lasts that long")
          }
          late = line.systemTime - startTime - due
          lateness.add(late)
        }
        let reading = Int64(line.clock)
        if eventCount == 0 {
          (firstTime, firstClock, firstLateness) = (line.systemTime, reading, late)
        } else {
          jumps.add(reading - clock)
        }
        eventCount += 1
        clock = reading
        count(line)
        latestTime = line.systemTime
        batchTrends.add(
          seconds: Double(line.systemTime - firstTime) / 1e9,
          values: [Double(reading - firstClock), Double(late) - Double(firstLateness)])
      }
      trends += batchTrends
    }

    /// What kind an event is of is hard to guess, so nothing branches on it.
    @inline(__always)
    private mutating func count(_ line: JournalLine) {
      queueLength = line.queueLength
      queueLengthMax = max(queueLengthMax, queueLength)
      let receipts = line.kind == .receive ? 1 : 0
      receiveCount += receipts
      queueLengthSum += receipts &* queueLength
      queueLengths.add(Int64(queueLength), times: receipts)
      sendCount += line.kind == .send ? 1 : 0
    }
  }
}

/// When the ticks of a machine are due, in whole nanoseconds after the start: tick / rate rounded
/// down, without a division as long as ticks follow one another.
struct TickSchedule {
  private let rate: UInt64
  private let step: UInt64
  private let stepRemainder: UInt64
  private var tick: UInt64 = 0
  private var nanoseconds: UInt64 = 0
  private var remainder: UInt64 = 0

  init(rate: Int) {
    self.rate = UInt64(rate)
    (step, stepRemainder) = UInt64(1_000_000_000).quotientAndRemainder(dividingBy: self.rate)
  }

  /// The due time of a tick; nil when it is 2⁶² nanoseconds or more.
  @inline(__always)
  mutating func due(_ tick: UInt64) -> Int64? {
    if tick == self.tick + 1 {
      nanoseconds += step
      remainder += stepRemainder
      if remainder >= rate {
        remainder -= rate
        nanoseconds += 1
      }
    } else if tick != self.tick {
      guard leap(to: tick) else { return nil }
    }
    self.tick = tick
    return nanoseconds < 1 << 62 ? Int64(nanoseconds) : nil
  }

  private mutating func leap(to tick: UInt64) -> Bool {
    let product = tick.multipliedFullWidth(by: 1_000_000_000)
    guard product.high < rate else { return false }
    (nanoseconds, remainder) = rate.dividingFullWidth(product)
    return nanoseconds < 1 << 62
  }
}
