import Analysis
import Experiments

/// The figures of a page: means with their intervals over an axis, against the prediction.
///
/// One axis: a series per machine. Several: the axis with the most values is horizontal, with a
/// series per combination of the others, for the slowest machine, which shows the most. None: over
/// the machines.
struct NotebookFigures {
  private let findings: SweepFindings

  private struct Point {
    let x: Double
    let configuration: Int
    let machine: MachineStatistics
  }

  /// A series before it is drawn: its points over the horizontal axis.
  private struct Curve {
    let name: String
    var points: [Point] = []
  }

  /// What is drawn: the measures of workloads that name some, clocks and snapshots of others.
  private var subjects: [Subject] {
    findings.hasMeasures
      ? findings.statistics.measureNames.map(Self.subject)
      : Self.generalSubjects + (findings.areJudged ? Self.judgedSubjects : [])
        + (findings.comparesAlgorithms ? Self.costSubjects : [])
  }

  /// The most series that a reader can tell apart.
  private static let curveCountMax = 8

  init(_ findings: SweepFindings) { self.findings = findings }

  /// The charts with their file names.
  var charts: [(name: String, chart: Chart)] {
    let (axis, curves) = self.curves
    guard curves.contains(where: { !$0.points.isEmpty }) else { return [] }
    let shown = Array(curves.prefix(Self.curveCountMax))
    return subjects.compactMap { subject in
      // A snapshot or a measure covers all machines: without other axes there is one series.
      let isOne = subject.source.isOfRun && !hasSeveralAxes
      let own =
        isOne ? shown.prefix(1).map { Curve(name: "all machines", points: $0.points) } : shown
      return chart(subject, axis, own, hiddenCount: curves.count - shown.count)
        .map { (subject.name, $0) }
    }
  }

  // MARK: Curves

  private var curves: (axis: Axis, curves: [Curve]) {
    let axes = findings.experiment.axes
    // The first of equally long ones.
    let longest = axes.indices.max {
      (axes[$0].settings.count, -$0) < (axes[$1].settings.count, -$1)
    }
    guard let horizontal = longest, axes[horizontal].settings.count > 1 else {
      return curvesOverMachines
    }
    let positions = Self.positions(of: axes[horizontal])
    var curves: [Curve] = []
    for group in findings.statistics.groups {
      let parameters = findings.parameters(of: group.number)
      guard parameters.indices.contains(horizontal),
        let x = positions.position(parameters[horizontal].text)
      else { continue }
      let others = parameters.indices.filter {
        $0 != horizontal && axes[$0].settings.count > 1 && !follows($0, besides: horizontal)
      }
      let machines = others.isEmpty ? NotebookTables.shown(group) : Self.slowest(of: group)
      for machine in machines {
        let name =
          others.isEmpty
          ? Self.name(of: machine, in: group)
          : others.map { "\(parameters[$0].option.key) \(parameters[$0].text)" }
            .joined(separator: ", ")
        let index = curves.firstIndex { $0.name == name } ?? curves.count
        if index == curves.count { curves.append(Curve(name: name)) }
        curves[index].points.append(
          Point(x: x, configuration: group.number, machine: machine))
      }
    }
    return (positions.axis, curves)
  }

  /// Whether an axis's value follows from an earlier axis that it varies together with.
  private func follows(_ index: Int, besides horizontal: Int) -> Bool {
    let axes = findings.experiment.axes
    let name = axes[index].name
    guard let zipped = findings.experiment.zippedAxes.first(where: { $0.contains(name) })
    else { return false }
    return axes.indices.contains { earlier in
      earlier < index && earlier != horizontal && zipped.contains(axes[earlier].name)
        && Set(axes[earlier].texts).count == axes[earlier].texts.count
    }
  }

  /// Without an axis, the machines are the horizontal axis.
  private var curvesOverMachines: (axis: Axis, curves: [Curve]) {
    guard let group = findings.statistics.groups.first else { return (Axis("machine"), []) }
    let machines = NotebookTables.shown(group)
    let names = machines.map { machine in
      let rate = machine.figure(.rateHz).mean.map { DecimalText.digits($0) } ?? ""
      return "\(NotebookTables.name(of: machine, in: group)) (\(rate)/s)"
    }
    let points = machines.enumerated().map {
      Point(x: Double($0.offset), configuration: group.number, machine: $0.element)
    }
    return (
      Axis("machine (its mean rate)", kind: .categories(names)),
      [Curve(name: "measured", points: points)]
    )
  }

  private static func slowest(of group: RunGroup) -> [MachineStatistics] {
    group.machines.min { $0.rank < $1.rank }.map { [$0] } ?? []
  }

  private static func name(of machine: MachineStatistics, in group: RunGroup) -> String {
    let name = NotebookTables.name(of: machine, in: group)
    return machine.machine == nil ? name : "machine \(name)"
  }

  /// The positions of an axis's values: to scale when all have a magnitude, else side by side.
  private static func positions(
    of varied: Experiments.Axis
  ) -> (axis: Axis, position: (String) -> Double?) {
    let magnitudes = varied.settings.map(\.quantity.magnitude)
    let isTime = varied.settings.contains { if case .time = $0.quantity { true } else { false } }
    if magnitudes.allSatisfy({ $0 != nil }) {
      return (
        Axis(varied.name, unit: isTime ? .seconds : .plain), { Quantity($0).magnitude }
      )
    }
    let texts = varied.texts
    return (
      Axis(varied.name, kind: .categories(texts)), { texts.firstIndex(of: $0).map(Double.init) }
    )
  }

  // MARK: Charts

  /// The figure at a point over the repetitions.
  private func moments(_ subject: Subject, _ point: Point) -> SampleMoments {
    switch subject.source {
    case .machine(let column): point.machine.figure(column)
    case .snapshots(let path):
      findings.snapshots[point.configuration]?[keyPath: path] ?? SampleMoments()
    case .measure(let name): measure(name, point)?.figure ?? SampleMoments()
    }
  }

  private func measure(_ name: String, _ point: Point) -> MeasureStatistics? {
    findings.statistics.groups.first { $0.number == point.configuration }?.measures[name]
  }

  /// What the model or a law predicts at a point; nil without a prediction.
  private func prediction(_ subject: Subject, _ point: Point) -> Double? {
    switch subject.source {
    case .machine(let column): point.machine.prediction(of: column)
    case .measure(let name): measure(name, point)?.predicted
    case .snapshots: nil
    }
  }

  /// Nil when no run has the figure, and for a snapshot figure over machines.
  private func chart(
    _ subject: Subject, _ axis: Axis, _ curves: [Curve], hiddenCount: Int
  ) -> Chart? {
    if subject.source.isOfRun && findings.experiment.axes.isEmpty { return nil }
    let xs = curves.flatMap { $0.points.map(\.x) }
    guard let first = xs.min(), let last = xs.max() else { return nil }
    let isCategorical = axis.kind != .linear
    var axis = axis
    if !isCategorical && last > first {
      let margin = (last - first) * 0.04
      axis.bounds = (first - margin)...(last + margin)
    }
    // Offset sideways, so that no interval hides another.
    let step = (isCategorical ? 0.5 : (last - first) * 0.03) / Double(max(4, curves.count))
    var measured: [Series] = []
    var predicted: [Series] = []
    for (number, curve) in curves.enumerated() {
      let offset = (Double(number) - Double(curves.count - 1) / 2) * step
      let sorted = curve.points.sorted { $0.x < $1.x }
      let estimates = sorted.compactMap { point in
        let figure = moments(subject, point)
        return figure.mean.map {
          Series.Estimate(
            point.x + offset, $0 * subject.factor,
            interval: figure.interval.map {
              ($0.lowerBound * subject.factor)...($0.upperBound * subject.factor)
            }?.clamped(to: subject.possible))
        }
      }
      if estimates.isEmpty { continue }
      measured.append(
        Series(curve.name, .points(estimates, joined: !isCategorical), .numbered(number)))
      let forecast = forecast(subject, sorted, offset, dash: isCategorical ? step * 0.45 : nil)
      if !forecast.isEmpty { predicted.append(Series("", .line(forecast), .predicted(number))) }
    }
    guard !measured.isEmpty else { return nil }
    return Chart(
      title: subject.title, subtitle: subtitle, summary: summary(subject, curves),
      horizontal: axis,
      vertical: subject.vertical, series: predicted + measured,
      note: subject.explanation + " Means over repetitions; the bars are 95 % intervals."
        + (predicted.isEmpty
          ? "" : " Dotted: what \(findings.hasMeasures ? "its law" : "the fluid model") predicts.")
        + (hasSeveralAxes && !subject.source.isOfRun ? " Of the slowest machine." : "")
        + (hiddenCount > 0 ? " \(hiddenCount) more combinations are in runs.csv." : ""))
  }

  /// The model's prediction: a line, or over categories a dash each.
  private func forecast(
    _ subject: Subject, _ points: [Point], _ offset: Double, dash: Double?
  ) -> [Series.Point] {
    points.flatMap { point -> [Series.Point] in
      guard let value = prediction(subject, point) else { return [] }
      let x = point.x + offset
      guard let dash else { return [Series.Point(x, value)] }
      return [
        Series.Point(x - dash, value), Series.Point(x + dash, value), Series.Point(x, .nan),
      ]
    }
  }

  private var hasSeveralAxes: Bool {
    findings.experiment.axes.count { $0.settings.count > 1 } > 1
  }

  private var subtitle: String {
    let counts = findings.statistics.groups.map(\.runCount)
    guard let least = counts.min(), let most = counts.max() else { return "" }
    return (least == most ? "\(least)" : "\(least) to \(most)")
      + (most == 1 ? " run" : " runs") + " of each configuration"
  }

  private func summary(_ subject: Subject, _ curves: [Curve]) -> String {
    let ends = curves.compactMap { curve -> String? in
      guard let last = curve.points.max(by: { $0.x < $1.x }) else { return nil }
      let figure = moments(subject, last)
      if subject.source.isOfRun, figure.count == 0 { return nil }
      let text = RoundedText.estimate(figure, scaledBy: subject.factor)
      return
        "\(curve.name): \(text)\(subject.vertical.unit == .seconds ? " s" : "") at the right end"
    }
    return subject.explanation + " " + ends.joined(separator: "; ") + "."
  }
}
