import Analysis

/// The figures over time: clock, drift and queue, and a field of the workload's state.
struct SeriesFigure {
  private let run: RunSeries

  init(_ run: RunSeries) {
    self.run = run
  }

  var clock: Chart {
    let title = "Clock over time"
    if let empty = run.emptyChart(title, needing: .clock, .time) { return empty }
    return chart(
      title, "Lamport reading", \.clock,
      summary: "The Lamport clock of each machine over the run.")
  }

  var drift: Chart {
    let title = "Drift behind the fastest clock"
    if let empty = run.emptyChart(title, needing: .clock, .time) { return empty }
    return chart(
      title, "readings behind the largest clock", \.drift,
      summary: "How far each machine's clock is behind the largest reading at that time.")
  }

  /// The first field of a state that holds whole numbers; nil when the workload has none.
  var field: Chart? {
    guard let name = run.chartedField?.name else { return nil }
    return chart(
      "Field \(name) of each machine", name, \.fieldValue,
      summary: "The field \(name) of each machine's state after each of its events.")
  }

  var queue: Chart {
    let title = "Messages waiting in the queue"
    if let empty = run.emptyChart(title, needing: .queue, .time) { return empty }
    let figure = SeriesFigure(run.ofMachines(where: \.tellsQueue))
    var chart = figure.chart(
      title, "messages", \.queueLength,
      summary: "The length of each machine's inbox after each of its events.")
    chart.subtitle = run.caption
    let predictions = figure.predictions
    chart.series += predictions
    if run.model != nil && !predictions.isEmpty {
      chart.note =
        "Dotted: the fluid model, where a machine that gets more messages than it has ticks fills "
        + "its queue at a constant rate."
    }
    let silentCount = run.machines.count - figure.run.machines.count
    if silentCount > 0 {
      chart.note +=
        (chart.note.isEmpty ? "" : " ")
        + "Left out, for their logs do not tell the length of a queue: "
        + (silentCount == 1 ? "1 machine." : "\(DecimalText.grouped(silentCount)) machines.")
    }
    return chart
  }

  private func chart(
    _ title: String, _ unit: String, _ quantity: KeyPath<SeriesSample, SeriesSample.Extent>,
    summary: String
  ) -> Chart {
    let isCrowd = run.machines.count > RunSeries.shownMachineCount
    return Chart(
      title: title, subtitle: run.caption,
      summary: summary + " " + endings(quantity),
      horizontal: Axis(
        "seconds since the start", bounds: shownSeconds > 0 ? 0...shownSeconds : nil),
      vertical: Axis(unit, includesZero: true, isCount: true),
      series: isCrowd ? crowd(quantity) : run.machines.map { curve($0, quantity) },
      note: isCrowd
        ? "The areas hold all machines, and four in five of them; the lines are the median machine "
          + "and those that end lowest and highest." : "")
  }

  /// The planned duration, or longer when ticks came much too late.
  private var shownSeconds: Double {
    run.latestSeconds > run.seconds * 1.01 ? run.latestSeconds : run.seconds
  }

  /// Each machine's last value, in words.
  private func endings(_ quantity: KeyPath<SeriesSample, SeriesSample.Extent>) -> String {
    let named = run.machines.prefix(RunSeries.shownMachineCount).map { machine in
      let last = machine.samples.last.map { DecimalText.grouped($0[keyPath: quantity].last) }
      return "\(machine.label): \(last ?? "no event")"
    }
    let hidden = run.machines.count - named.count
    return "At the end: " + named.joined(separator: "; ")
      + (hidden > 0 ? "; and \(hidden) more machines." : ".")
  }

  private func curve(
    _ machine: MachineSeries, _ quantity: KeyPath<SeriesSample, SeriesSample.Extent>
  ) -> Series {
    let points = Self.points(machine, quantity)
    guard let deathTime = machine.deathTime else {
      return Series(machine.label, .steps(points), .numbered(machine.machine.index))
    }
    // A dead machine's curve is flat until its death.
    let death = Series.Point(max(deathTime, points.last?.x ?? 0), points.last?.y ?? 0)
    return Series(
      machine.label + ", died", .steps(points + [death]), .numbered(machine.machine.index),
      death: death)
  }

  /// The points of a quantity: the extremes of each stretch of time come before its last value.
  private static func points(
    _ machine: MachineSeries, _ quantity: KeyPath<SeriesSample, SeriesSample.Extent>
  ) -> [Series.Point] {
    machine.samples.flatMap { sample in
      let extent = sample[keyPath: quantity]
      let values =
        extent.lowest == extent.highest
        ? [extent.last] : [extent.lowest, extent.highest, extent.last]
      return values.map { Series.Point(Double(sample.time) / 1e9, Double($0)) }
    }
  }

  // MARK: Many machines

  private func crowd(_ quantity: KeyPath<SeriesSample, SeriesSample.Extent>) -> [Series] {
    let crowd = MachineQuantiles(run, quantity)
    let active = run.machines.filter { !$0.samples.isEmpty }
    let ends = active.map { $0.samples.last?[keyPath: quantity].last ?? 0 }
    var series = [
      Series("all machines", .band(crowd.band(0, 1)), .quiet),
      Series("80 % of them", .band(crowd.band(0.1, 0.9)), .numbered(0)),
    ]
    if let lowest = ends.indices.min(by: { ends[$0] < ends[$1] }),
      let highest = ends.indices.max(by: { ends[$0] < ends[$1] }), lowest != highest
    {
      for (number, index) in [lowest, highest].enumerated() {
        series.append(
          Series(
            active[index].label, .steps(Self.points(active[index], quantity)),
            .numbered(number + 1)))
      }
    }
    series.append(Series("median machine", .line(crowd.curve(0.5)), .numbered(0)))
    return series
  }

  // MARK: The prediction

  private var predictions: [Series] {
    guard let model = run.model, run.seconds > 0 else { return [] }
    if run.machines.count > RunSeries.shownMachineCount { return crowdPrediction(model) }
    return run.machines.compactMap { machine in
      let growth = model.queueGrowth(of: machine.machine)
      guard growth > 0 else { return nil }
      return prediction(growth, "predicted \(DecimalText.digits(growth * run.seconds))", machine)
    }
  }

  /// The prediction for the machine whose queue grows fastest, of many machines.
  private func crowdPrediction(_ model: FluidModel) -> [Series] {
    let growths = run.machines.map { model.queueGrowth(of: $0.machine) }
    guard let fastest = growths.indices.max(by: { growths[$0] < growths[$1] }),
      growths[fastest] > 0
    else { return [] }
    let total = DecimalText.digits(growths[fastest] * run.seconds)
    let machine = run.machines[fastest]
    return [
      Series(
        "predicted for machine \(machine.machine): \(total)",
        .line([.init(0, 0), .init(run.seconds, growths[fastest] * run.seconds)]), .predicted(2))
    ]
  }

  private func prediction(_ growth: Double, _ name: String, _ machine: MachineSeries) -> Series {
    Series(
      name, .line([.init(0, 0), .init(run.seconds, growth * run.seconds)]),
      .predicted(machine.machine.index))
  }
}
