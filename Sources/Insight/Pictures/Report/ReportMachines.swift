import Analysis
import LogicalTime
import RunRecord
import ScaleModel

/// The report's machine table: measurements beside predictions.
struct ReportMachines {
  private let found: RunFindings
  private let series: RunSeries
  /// The fields of a state that journals have.
  private let fields: [FieldDeclaration]
  private static let rowCountMax = 2000

  /// - Parameters:
  ///   - found: The measurements.
  ///   - series: The data of the figures: which machines died.
  ///   - fields: The fields of the run's workload.
  init(_ found: RunFindings, _ series: RunSeries, _ fields: FieldNames) {
    (self.found, self.series, self.fields) = (found, series, fields.journaledState)
  }

  private var hasPredictions: Bool { !found.predictions.isEmpty }
  private var hasDeaths: Bool { series.machines.contains { $0.deathTime != nil } }

  func write(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "machines"], text: "Machines")
    pen.element("p", ["class": "quiet"], text: introduction)
    pen.element(
      "p", ["class": "quiet scroll-hint"], text: "Scroll right for more columns.")
    pen.element(
      "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Machines"]
    ) { pen in
      pen.element("table") { pen in
        pen.element("thead") { head(&$0) }
        pen.element("tbody") { pen in
          for (machine, row) in found.machines.prefix(Self.rowCountMax).enumerated() {
            write(row, of: machine, &pen)
          }
        }
      }
    }
    let hiddenCount = found.machines.count - Self.rowCountMax
    if hiddenCount > 0 {
      pen.element("p", text: "And \(DecimalText.grouped(hiddenCount)) machines more.")
    }
    if !found.measures.isEmpty { writeMeasures(&pen) }
  }

  /// What the workload measures of the whole run, beside what its laws predict.
  private func writeMeasures(_ pen: inout MarkupPen) {
    pen.element("h2", ["id": "measures"], text: "Measures")
    pen.element(
      "p", ["class": "quiet"],
      text: "What the workload measures of the whole run, and what its law predicts where one "
        + "applies. The manifest says how each is measured.")
    pen.element("div", ["class": "scroll"]) { pen in
      pen.element("table") { pen in
        pen.element("thead") { pen in
          pen.element("tr") { pen in
            pen.element("th", ["class": "words"], text: "measure")
            pen.element("th", text: "value")
            pen.element("th", ["class": "predicted"], text: "predicted")
          }
        }
        pen.element("tbody") { pen in
          for row in found.measures {
            let numbers = [row[.value], row[.predicted]].map { DecimalText.digits($0.value, 4) }
            pen.element("tr") { pen in
              pen.element("td", ["class": "words"], text: row[.measure].text)
              pen.element("td", text: numbers[0])
              pen.element("td", ["class": "predicted"], text: numbers[1])
            }
          }
        }
      }
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
        : found.measures.isEmpty
          ? "What was measured; there is no prediction for this workload."
          : "What was measured of each machine; what the workload costs is below."
    }
    return
      "Measured, and beside it what the fluid model predicts from the rates and the die alone: "
      + "messages as a stream, every machine receiving first and sending in the ticks left over."
  }

  /// The figures that have their prediction beside them, with the heading over both.
  private static let groups: [(figure: MachineColumn, name: String)] = [
    (.receiveShare, "ticks receiving"), (.jumpMean, "mean jump"), (.driftFinal, "final drift"),
    (.queueFinal, "final queue"),
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
      for field in fields { pen.element("th", ["rowspan": "2"], text: "final \(field.name)") }
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

  private func write(_ row: MachineRow, of machine: Int, _ pen: inout MarkupPen) {
    let prediction = hasPredictions ? found.predictions[machine] : nil
    let own = series.machines.indices.contains(machine) ? series.machines[machine] : nil
    pen.element("tr") { pen in
      let hasDied = own?.deathTime != nil
      pen.element(
        "th", ["scope": "row", "class": "words"],
        text: row.machineName.text + (hasDied ? " (died)" : ""))
      for column: MachineColumn in [.rateHz, .events, .finalClock] {
        pen.element("td", text: whole(row[column]))
      }
      for (column, _) in Self.groups {
        pen.element("td", text: measured(row, column))
        guard hasPredictions else { continue }
        let text = prediction?[column].map {
          column == .receiveShare ? percent($0) : DecimalText.digits($0)
        }
        pen.element("td", ["class": "predicted"], text: text ?? "")
      }
      let finals = found.finalFields.indices.contains(machine) ? found.finalFields[machine] : nil
      for field in fields {
        pen.element("td", text: finals.map { FieldText.of($0[field.finalName]) } ?? "")
      }
      pen.element("td", text: whole(row[.jumpMax]))
      pen.element("td", text: whole(row[.queueMax]))
      let error = row[.tickRateErrorPpm].value.map { "\(DecimalText.digits($0)) ppm" }
      pen.element("td", text: error ?? "")
      for column: MachineColumn in [.latenessP50Us, .latenessP99Us] {
        let late = row[column].value.map { DecimalText.time(seconds: $0 / 1e6) }
        pen.element("td", text: late ?? "")
      }
    }
  }

  private func measured(_ row: MachineRow, _ column: MachineColumn) -> String {
    switch column {
    case .receiveShare: row[column].value.map(percent) ?? ""
    case .jumpMean: row[column].value.map { DecimalText.digits($0) } ?? ""
    default: whole(row[column])
    }
  }

  private func whole(_ cell: Cell) -> String {
    switch cell {
    case .count(let count): DecimalText.grouped(count)
    case .number(let number): DecimalText.short(number)
    case .text(let text): text
    case .none: ""
    }
  }

  private func percent(_ share: Double) -> String { DecimalText.digits(share * 100) + " %" }
}
