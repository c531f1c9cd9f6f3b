import Analysis
import LogicalTime
import RunRecord

/// The part of a report that has the machine table: what was measured beside what was predicted.
struct ReportMachines {
  private let found: RunFindings
  private let series: RunSeries
  private static let rowCountMax = 2000

  /// - Parameters:
  ///   - found: What was measured.
  ///   - series: What the figures show: balances and deaths.
  init(_ found: RunFindings, _ series: RunSeries) {
    (self.found, self.series) = (found, series)
  }

  private var hasPredictions: Bool { !found.predictions.isEmpty }
  private var hasDeaths: Bool { series.machines.contains { $0.deathTime != nil } }

  func write(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "machines"], text: "Machines")
    pen.element("p", ["class": "quiet"], text: introduction)
    pen.element(
      "p", ["class": "quiet scroll-hint"], text: "The table goes on to the right.")
    pen.element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Machines"]
    ) { pen in
      pen.element("table") { pen in
        pen.element("thead") { head(&$0) }
        pen.element("tbody") { pen in
          for row in found.machines.prefix(Self.rowCountMax) { write(row, &pen) }
        }
      }
    }
    let hiddenCount = found.machines.count - Self.rowCountMax
    if hiddenCount > 0 {
      pen.element("p", text: "And \(DecimalText.grouped(hiddenCount)) machines more.")
    }
  }

  private var introduction: String {
    guard !found.predictions.isEmpty else {
      if !series.lacks.isEmpty {
        let words = series.lacks.map(\.words).joined(separator: ", ")
        return "What was measured; empty is what the logs do not tell: \(words)."
      }
      return hasDeaths
        ? "What was measured; there is no prediction, for the model is of machines that live."
        : "What was measured; there is no prediction for this workload."
    }
    return
      "Measured, and beside it what the fluid model predicts from the rates and the die alone: "
      + "messages as a stream, every machine receiving first and sending in the ticks left over."
  }

  /// The columns: a heading over one or two, and the two names.
  private static let groups: [(name: String, hasPrediction: Bool)] = [
    ("ticks receiving", true), ("mean jump", true), ("final drift", true), ("final queue", true),
  ]

  private func head(_ pen: inout MarkupPen) {
    pen.element("tr") { pen in
      pen.element("th", ["rowspan": "2", "class": "words"], text: "machine")
      for name in ["rate/s", "events", "final clock"] {
        pen.element("th", ["rowspan": "2"], text: name)
      }
      for group in Self.groups {
        pen.element(
          "th",
          hasPredictions ? ["colspan": "2", "class": "group"] : ["rowspan": "2"], text: group.name)
      }
      if series.hasMoney { pen.element("th", ["rowspan": "2"], text: "final balance") }
      for name in [
        "largest jump", "longest queue", "rate error", "late (median)", "late (99\u{A0}%)",
      ] {
        pen.element("th", ["rowspan": "2"], text: name)
      }
    }
    pen.element("tr") { pen in
      for _ in Self.groups where hasPredictions {
        pen.element("th", text: "measured")
        pen.element("th", ["class": "predicted"], text: "predicted")
      }
    }
  }

  private func write(_ row: MachineRow, _ pen: inout MarkupPen) {
    let prediction = prediction(of: row.machine)
    let index = row.machine.index
    let own = series.machines.indices.contains(index) ? series.machines[index] : nil
    let receives = number(row, "receives")
    let events = number(row, "events")
    let share = events > 0 ? receives / events : .nan
    pen.element("tr") { pen in
      let hasDied = own?.deathTime != nil
      pen.element(
        "th", ["scope": "row", "class": "words"],
        text: (row.name ?? "\(row.machine)") + (hasDied ? " (died)" : ""))
      for column in ["rate_hz", "events", "final_clock"] {
        pen.element("td", text: whole(row, column))
      }
      let pairs: [(String, Double?)] = [
        (percent(share), prediction?.receiveShare),
        (digits(row, "jump_mean"), prediction?.jumpMean),
        (whole(row, "drift_final"), prediction?.driftFinal),
        (whole(row, "queue_final"), prediction?.queueFinal),
      ]
      for (place, (measured, predicted)) in pairs.enumerated() {
        pen.element("td", text: measured)
        guard hasPredictions else { continue }
        let text = predicted.map { place == 0 ? percent($0) : DecimalText.digits($0) }
        pen.element("td", ["class": "predicted"], text: text ?? "")
      }
      if series.hasMoney {
        let balance = own?.samples.last?.balance.last
        pen.element("td", text: balance.map { "$\(DecimalText.grouped($0))" } ?? "")
      }
      pen.element("td", text: whole(row, "jump_max"))
      pen.element("td", text: whole(row, "queue_max"))
      let hasRate = row[column: "tick_rate_error_ppm"] != .none
      pen.element("td", text: hasRate ? "\(digits(row, "tick_rate_error_ppm")) ppm" : "")
      for column in ["lateness_p50_us", "lateness_p99_us"] {
        let seconds = number(row, column) / 1e6
        pen.element("td", text: seconds.isNaN ? "" : DecimalText.time(seconds: seconds))
      }
    }
  }

  private func prediction(of machine: MachineID) -> FluidPrediction? {
    found.predictions.indices.contains(machine.index) ? found.predictions[machine.index] : nil
  }

  private func number(_ row: MachineRow, _ column: String) -> Double {
    switch row[column: column] {
    case .count(let count): Double(count)
    case .number(let number): number
    case .text, .none: .nan
    }
  }

  private func whole(_ row: MachineRow, _ column: String) -> String {
    switch row[column: column] {
    case .count(let count): DecimalText.grouped(count)
    case .number(let number): DecimalText.short(number)
    case .text(let text): text
    case .none: ""
    }
  }

  private func digits(_ row: MachineRow, _ column: String) -> String {
    let number = number(row, column)
    return number.isNaN ? "" : DecimalText.digits(number)
  }

  private func percent(_ share: Double) -> String {
    share.isNaN ? "" : DecimalText.digits(share * 100) + " %"
  }
}
