/// The figures of one machine in one short interval of time.
package struct SeriesSample: Hashable, Sendable {
  /// The extremes and the last value of a quantity in the interval.
  package struct Extent: Hashable, Sendable {
    /// The smallest value.
    package internal(set) var lowest: Int64
    /// The largest value.
    package internal(set) var highest: Int64
    /// The value after the last event.
    package internal(set) var last: Int64

    init(_ value: Int64) { (lowest, highest, last) = (value, value, value) }

    mutating func add(_ value: Int64) { add(Extent(value)) }

    mutating func add(_ later: Extent) {
      lowest = min(lowest, later.lowest)
      highest = max(highest, later.highest)
      last = later.last
    }
  }

  /// The interval's number.
  var column: Int64
  /// The time of its last event, in nanoseconds since the run's start.
  package internal(set) var time: Int64
  /// The clock, in events.
  package internal(set) var clock: Extent
  /// The drift, in events.
  package internal(set) var drift: Extent
  /// How many messages waited in the inbox.
  package internal(set) var queueLength: Extent
  /// The charted field of the state; zero without one.
  package internal(set) var fieldValue: Extent

  /// Makes a sample of one event, at which all quantities have the same value.
  package init(column: Int64, time: Int64, value: Int64) {
    (self.column, self.time) = (column, time)
    (clock, drift, queueLength) = (Extent(value), Extent(value), Extent(value))
    fieldValue = Extent(value)
  }

  init(column: Int64, time: Int64, clock: Int64, drift: Int64, _ detail: EventWindow.Detail) {
    (self.column, self.time) = (column, time)
    (self.clock, self.drift) = (Extent(clock), Extent(drift))
    queueLength = Extent(Int64(detail.queueLength))
    fieldValue = Extent(detail.fieldValue ?? 0)
  }

  mutating func add(_ later: SeriesSample) {
    time = later.time
    clock.add(later.clock)
    drift.add(later.drift)
    queueLength.add(later.queueLength)
    fieldValue.add(later.fieldValue)
  }
}

/// Samples every machine in intervals whose length doubles whenever the run outgrows them.
///
/// So the length of the run need not be known, and it fills between half of the intervals and all.
final class SeriesSampler: TimelineSink {
  /// One list per machine, in id order; an interval without an event has no sample.
  private(set) var samples: [[SeriesSample]]
  /// The time of the latest event, in nanoseconds since the run's start.
  private(set) var latestTime: Int64 = 0
  private let originTime: Int64
  private let columnCount: Int64
  /// The length of an interval, in nanoseconds.
  private var width: Int64

  /// How many samples each machine may have: many machines share a budget.
  private static func columnCount(_ machineCount: Int) -> Int64 {
    Int64(max(64, min(2048, (1 << 20) / machineCount)))
  }

  init(machineCount: Int, originTime: Int64) {
    samples = Array(repeating: [], count: machineCount)
    self.originTime = originTime
    columnCount = Self.columnCount(machineCount)
    width = 1000
  }

  func add(machine: Int, clock: Int64, drift: Int64, _ detail: EventWindow.Detail) {
    // A time that goes back counts as the latest one before it, as for drift.
    let time = max(detail.systemTime - originTime, samples[machine].last?.time ?? 0)
    latestTime = max(latestTime, time)
    while time / width >= columnCount { widen() }
    let sample = SeriesSample(
      column: time / width, time: time, clock: clock, drift: drift, detail)
    Self.append(sample, to: &samples[machine])
  }

  private func widen() {
    width *= 2
    for machine in samples.indices {
      var merged: [SeriesSample] = []
      merged.reserveCapacity(samples[machine].count / 2 + 1)
      for var sample in samples[machine] {
        sample.column /= 2
        Self.append(sample, to: &merged)
      }
      samples[machine] = merged
    }
  }

  private static func append(_ sample: SeriesSample, to samples: inout [SeriesSample]) {
    if let last = samples.indices.last, samples[last].column == sample.column {
      samples[last].add(sample)
    } else {
      samples.append(sample)
    }
  }
}
