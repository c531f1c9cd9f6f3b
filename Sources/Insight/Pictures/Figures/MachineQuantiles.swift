import Analysis

/// The distribution of a quantity over many machines, at even steps of time.
struct MachineQuantiles {
  private let times: [Double]
  /// One list per time: the value of each machine that has had an event, ascending.
  private let values: [[Double]]
  private static let timeCount = 160

  init(_ run: RunSeries, _ quantity: KeyPath<SeriesSample, SeriesSample.Extent>) {
    let times = (0...Self.timeCount).map { run.seconds * Double($0) / Double(Self.timeCount) }
    var values: [[Double]] = Array(repeating: [], count: times.count)
    for machine in run.machines {
      var passedCount = 0
      for (index, time) in times.enumerated() {
        while passedCount < machine.samples.count
          && Double(machine.samples[passedCount].time) / 1e9 <= time
        {
          passedCount += 1
        }
        if passedCount > 0 && time <= machine.deathTime ?? .infinity {
          values[index].append(Double(machine.samples[passedCount - 1][keyPath: quantity].last))
        }
      }
    }
    self.times = times
    self.values = values.map { $0.sorted() }
  }

  /// The quantile of the machines at a share, over time.
  func curve(_ share: Double) -> [Series.Point] {
    zip(times, values).compactMap { time, values in
      Self.value(values, share).map { Series.Point(time, $0) }
    }
  }

  /// The range between two quantiles of the machines, over time.
  func band(_ low: Double, _ high: Double) -> [Series.BandPoint] {
    zip(times, values).compactMap { time, values in
      guard let low = Self.value(values, low), let high = Self.value(values, high) else {
        return nil
      }
      return Series.BandPoint(time, low, high)
    }
  }

  private static func value(_ values: [Double], _ share: Double) -> Double? {
    values.isEmpty ? nil : values[Int((share * Double(values.count - 1)).rounded())]
  }
}
