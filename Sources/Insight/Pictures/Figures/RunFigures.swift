import Analysis
import RunRecord

/// The figures of one run, in the order they are shown.
package struct RunFigures {
  /// A figure and its name, which is also that of its file.
  package struct Figure {
    package let name: String
    package let chart: Chart
  }

  package let figures: [Figure]

  /// Those that show a quantity over the seconds of the run.
  static func overTime(_ series: RunSeries) -> [Figure] {
    let figure = SeriesFigure(series)
    let known = [("clock", figure.clock), ("drift", figure.drift), ("queue", figure.queue)]
    return (known + (figure.balance.map { [("balance", $0)] } ?? [])).map {
      Figure(name: $0, chart: $1)
    }
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
  /// How many machines have a curve of their own; of more, the crowd is drawn, and its extremes.
  static let shownMachineCount = 8

  /// What stands beside every title.
  var caption: String {
    let machines =
      machines.count == 1 ? "1 machine" : "\(DecimalText.grouped(self.machines.count)) machines"
    return "\(TextLines.shortened(name, to: 70)) · \(machines)"
      + (lacks.contains(.time) ? "" : " · " + DecimalText.time(seconds: seconds))
  }

  /// A figure that only says why there is nothing in it; nil when the logs tell all that it needs.
  func emptyChart(_ title: String, needing needs: Manifest.Lack...) -> Chart? {
    guard let lack = needs.first(where: lacks.contains) else { return nil }
    let reason = "Nothing to show: \(lack.sentence)."
    return Chart(
      title: title, subtitle: caption, summary: reason, horizontal: Axis(""), vertical: Axis(""),
      series: [], emptyText: reason, height: 140)
  }
}

extension MachineSeries {
  /// The machine with its rate.
  var label: String {
    "machine \(name?.inOneLine ?? "\(machine)")"
      + (rate.map { " (\(DecimalText.short($0, decimals: 3))/s)" } ?? "")
  }
}
