import Analysis
import RunRecord

/// The figures of one run, in display order.
package struct RunFigures {
  /// A figure and its name, which also names its file.
  package struct Figure {
    /// The figure's name.
    package let name: String
    /// The figure as a chart.
    package let chart: Chart
  }

  /// The figures, in display order.
  package let figures: [Figure]

  /// The figures of quantities over the run's time.
  static func overTime(_ series: RunSeries) -> [Figure] {
    let figure = SeriesFigure(series)
    let known = [("clock", figure.clock), ("drift", figure.drift), ("queue", figure.queue)]
    let field = series.chartedField.flatMap { declared in figure.field.map { (declared.name, $0) } }
    return (known + (field.map { [$0] } ?? [])).map { Figure(name: $0, chart: $1) }
  }

  /// Makes the figures over time and of distributions; the space–time diagram has its own drawing.
  package init(of series: RunSeries) {
    figures =
      Self.overTime(series) + [
        Figure(name: "jumps", chart: DistributionFigure(series).jumps),
        Figure(name: "lateness", chart: DistributionFigure(series).lateness),
      ]
  }
}

extension RunSeries {
  /// The most machines with their own curves; with more, quantiles and extremes are drawn.
  static let shownMachineCount = 8

  /// The caption beside every title.
  var caption: String {
    let machines =
      machines.count == 1 ? "1 machine" : "\(DecimalText.grouped(self.machines.count)) machines"
    return "\(TextLines.shortened(name, to: 70)) · \(machines)"
      + (lacks.contains(.time) ? "" : " · " + DecimalText.time(seconds: seconds))
  }

  /// An empty figure that names the missing data; nil when the logs have all it needs.
  func emptyChart(_ title: String, needing needs: Manifest.Lack...) -> Chart? {
    guard let lack = needs.first(where: lacks.contains) else { return nil }
    let reason = "Nothing to show: \(lack.sentence)."
    return Chart(
      title: title, subtitle: caption, summary: reason, horizontal: Axis(""), vertical: Axis(""),
      series: [], emptyText: reason, height: 140)
  }
}

extension MachineSeries {
  /// The machine's label, with its rate.
  var label: String {
    "machine \(name?.inOneLine ?? "\(machine)")"
      + (rate.map { " (\(DecimalText.short($0, decimals: 3))/s)" } ?? "")
  }
}
