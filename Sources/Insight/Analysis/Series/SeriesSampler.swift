/// What one machine did in one short stretch of time.
package struct SeriesSample: Hashable, Sendable {
  /// A quantity within the stretch.
  package struct Extent: Hashable, Sendable {
    package internal(set) var lowest: Int64
    package internal(set) var highest: Int64
    package internal(set) var last: Int64

    init(_ value: Int64) { (lowest, highest, last) = (value, value, value) }

    mutating func add(_ value: Int64) { add(Extent(value)) }

    mutating func add(_ later: Extent) {
      lowest = min(lowest, later.lowest)
      highest = max(highest, later.highest)
      last = later.last
    }
  }

  /// The number of the stretch.
  var column: Int64
  /// When its last event was, in nanoseconds since the run's start.
  package internal(set) var time: Int64
  package internal(set) var clock: Extent
  package internal(set) var drift: Extent
  package internal(set) var queueLength: Extent
  /// Zero where the workload knows no money.
  package internal(set) var balance: Extent

  /// Makes a sample of one event, at which all quantities have the same value.
  package init(place: Int64, time: Int64, value: Int64) {
    (column, self.time) = (place, time)
    (clock, drift, queueLength) = (Extent(value), Extent(value), Extent(value))
    balance = Extent(value)
  }

  init(column: Int64, time: Int64, clock: Int64, drift: Int64, _ detail: EventWindow.Detail) {
    (self.column, self.time) = (column, time)
    (self.clock, self.drift) = (Extent(clock), Extent(drift))
    queueLength = Extent(Int64(detail.queueLength))
    balance = Extent(detail.balance ?? 0)
  }

  mutating func add(_ later: SeriesSample) {
    time = later.time
    clock.add(later.clock)
    drift.add(later.drift)
    queueLength.add(later.queueLength)
    balance.add(later.balance)
  }
}

/// Samples every machine in stretches of time that double whenever the run outgrows them.
///
/// So nobody needs to know beforehand how long the run is, and there are always between half of all
/// stretches and all of them.
final class SeriesSampler: TimelineSink {
  /// One list per machine, in id order; a stretch without an event is not there.
  private(set) var samples: [[SeriesSample]]
  /// When the latest event was, in nanoseconds since the run's start.
  private(set) var latestTime: Int64 = 0
  private let originTime: Int64
  private let columnCount: Int64
  /// How long a stretch is, in nanoseconds.
  private var width: Int64

  /// Many machines share what a few have for themselves.
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
    // A time that goes back counts as the latest one before it, as it does for drift.
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
