import Analysis

/// The distribution figures: how many jumps, and how much lateness, reach at least each value.
struct DistributionFigure {
  private let run: RunSeries

  init(_ run: RunSeries) {
    self.run = run
  }

  var jumps: Chart {
    let title = "Jumps of the clock"
    if let empty = run.emptyChart(title, needing: .clock) { return empty }
    let largest = run.machines.compactMap { $0.jumps.last?.value }.max() ?? 1
    var horizontal = Axis("jump of the clock from one event to the next (1: none)")
    if largest > 60 {
      horizontal.kind = .logarithmic
    } else {
      horizontal.bounds = 0...max(2, largest + 1)
    }
    return Chart(
      title: title, subtitle: run.caption,
      summary: "The share of events before which the clock jumped at least this far. "
        + means(\.jumps) { DecimalText.digits($0) },
      horizontal: horizontal,
      vertical: shareAxis("share of events with at least this jump", \.jumps),
      series: series(\.jumps), note: crowdNote(\.jumps))
  }

  var lateness: Chart {
    let title = "Lateness of ticks"
    if let empty = run.emptyChart(title, needing: .time, .rate, .fineTime) { return empty }
    let isOnTime = run.machines.allSatisfy { $0.lateness.allSatisfy { $0.value <= 0 } }
    let isKnown = run.machines.contains { !$0.lateness.isEmpty }
    return Chart(
      title: title, subtitle: run.caption,
      summary: isOnTime
        ? "Every tick happened exactly when it was due."
        : "The share of ticks that happened at least this long after they were due. "
          + means(\.lateness) { DecimalText.time(seconds: $0) },
      horizontal: Axis(
        "time from when a tick was due to when it happened", kind: .logarithmic, unit: .seconds,
        bounds: isOnTime ? 1e-6...1e-3 : nil),
      vertical: shareAxis("share of ticks at least this late", \.lateness),
      series: isOnTime ? [] : series(\.lateness),
      note: isOnTime ? "" : crowdNote(\.lateness),
      emptyText: isKnown
        ? "No tick was late: each happened exactly when it was due."
        : "The run's start is not known, and so not which ticks were late.",
      height: isOnTime ? 140 : 340)
  }

  private func crowdNote(_ tallies: KeyPath<MachineSeries, [Tally]>) -> String {
    run.machines.count { !$0[keyPath: tallies].isEmpty } > RunSeries.shownMachineCount
      ? "Five of the machines are shown: by their mean the lowest, the quartiles and the highest."
      : ""
  }

  private func shareAxis(_ title: String, _ tallies: KeyPath<MachineSeries, [Tally]>) -> Axis {
    let largest = run.machines.map { $0[keyPath: tallies].reduce(0) { $0 + $1.count } }.max() ?? 1
    var lowest = 1.0
    while lowest * Double(max(largest, 2)) > 1 { lowest /= 10 }
    return Axis(title, kind: .logarithmic, unit: .share, bounds: max(lowest, 1e-6)...1)
  }

  private func series(_ tallies: KeyPath<MachineSeries, [Tally]>) -> [Series] {
    let isCrowd = run.machines.count > RunSeries.shownMachineCount
    return representatives(tallies).enumerated().map { index, machine in
      let points = Self.tail(of: machine[keyPath: tallies])
      let look = Series.Look.numbered(isCrowd ? index : machine.machine.index)
      // Few values are drawn as points; with many only the curve matters.
      let estimates = points.map { Series.Estimate($0.x, $0.y) }
      return Series(
        machine.label, points.count > 40 ? .line(points) : .points(estimates, joined: true), look)
    }
  }

  /// All machines, or representatives of many: from the smallest mean to the largest, by quarters.
  private func representatives(
    _ tallies: KeyPath<MachineSeries, [Tally]>
  ) -> [MachineSeries] {
    let active = run.machines.filter { !$0[keyPath: tallies].isEmpty }
    if active.count <= RunSeries.shownMachineCount { return active }
    let byMean = active.map { ($0, Self.mean(of: $0[keyPath: tallies]) ?? 0) }
      .sorted { ($0.1, $0.0.machine) < ($1.1, $1.0.machine) }
    return (0...4).map { byMean[(byMean.count - 1) * $0 / 4].0 }
  }

  private func means(
    _ tallies: KeyPath<MachineSeries, [Tally]>, _ words: (Double) -> String
  ) -> String {
    let named = run.machines.prefix(RunSeries.shownMachineCount).compactMap { machine in
      Self.mean(of: machine[keyPath: tallies]).map { "\(machine.label): \(words($0))" }
    }
    return named.isEmpty ? "Nothing was measured." : "On average: \(named.joined(separator: "; "))."
  }

  private static func mean(of tallies: [Tally]) -> Double? {
    let count = tallies.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    return tallies.reduce(0) { $0 + $1.value * Double($1.count) } / Double(count)
  }

  /// The share of samples that are at least as large as each value.
  private static func tail(of tallies: [Tally]) -> [Series.Point] {
    let total = Double(tallies.reduce(0) { $0 + $1.count })
    var left = total
    var points: [Series.Point] = []
    for tally in tallies {
      points.append(Series.Point(tally.value, left / total))
      left -= Double(tally.count)
    }
    return points
  }
}
