import Analysis
import CommandLineKit
import LogicalTime
import Pictures

/// The machine table for a terminal: the most important columns, aligned, within a width.
struct TerminalTable {
  /// The table, with a line about the columns left out.
  let text: String

  /// A column of the table.
  private struct Column {
    let figure: MachineColumn
    let heading: String
    /// Columns that do not fit go by this rank, the largest first; nil for those that always stay.
    let sacrifice: Int?
  }

  private static let columns = [
    Column(figure: .run, heading: "run", sacrifice: nil),
    Column(figure: .machine, heading: "machine", sacrifice: nil),
    Column(figure: .rateHz, heading: "rate/s", sacrifice: 1),
    Column(figure: .events, heading: "events", sacrifice: 4),
    Column(figure: .receives, heading: "receives", sacrifice: 8),
    Column(figure: .finalClock, heading: "clock", sacrifice: nil),
    Column(figure: .jumpMean, heading: "mean jump", sacrifice: 2),
    Column(figure: .jumpMax, heading: "max jump", sacrifice: 7),
    Column(figure: .driftFinal, heading: "drift", sacrifice: 0),
    Column(figure: .queueMax, heading: "max queue", sacrifice: 6),
    Column(figure: .queueFinal, heading: "queue", sacrifice: nil),
    Column(figure: .predictedQueueFinal, heading: "predicted", sacrifice: 3),
    Column(figure: .tickRateErrorPpm, heading: "ppm", sacrifice: 5),
  ]
  /// The columns of `machines.csv`.
  private static let all = MachineColumn.columns(named: false)
  /// The most machines shown.
  private static let rowCountMax = 100
  /// The most characters of a run's name shown.
  private static let runWidthMax = 26

  /// Lays the table out.
  ///
  /// - Parameters:
  ///   - rows: The rows of all runs, in order.
  ///   - width: The most characters of a line.
  init(_ rows: [MachineRow], width: Int = 80) {
    let hiddenCount = rows.count - Self.rowCountMax
    let rows = Array(rows.prefix(Self.rowCountMax))
    let namesRuns = rows.contains { $0[.run] != rows[0][.run] }
    var shown = Self.columns.filter { column in
      (namesRuns || column.figure != .run)
        && rows.contains { $0[column.figure] != Cell.none }
    }
    var table = Self.table(of: rows, shown)
    while table.width > width, let least = shown.compactMap(\.sacrifice).max() {
      shown.removeAll { $0.sacrifice == least }
      table = Self.table(of: rows, shown)
    }
    let leftOut = Self.all.filter { figure in
      figure != .run && !shown.contains { $0.figure == figure }
    }
    text =
      table.text + (hiddenCount > 0 ? "… and \(hiddenCount) machines more\n" : "") + "\n"
      + Self.note(leftOut, shown.count, width)
  }

  private static func table(of rows: [MachineRow], _ columns: [Column]) -> TextTable {
    let cells = rows.map { row in columns.map { Self.words(row, $0) } }
    return TextTable(
      rows: [columns.map(\.heading)] + cells,
      alignments: columns.map { $0.figure == .run ? .left : .right })
  }

  private static func words(_ row: MachineRow, _ column: Column) -> String {
    switch column.figure == .machine ? row.machineName : row[column.figure] {
    case .text(let text): return shortened(text)
    case .count(let count): return "\(count)"
    case .number(let number): return DecimalText.digits(number)
    case .none: return "–"
    }
  }

  private static func shortened(_ text: String) -> String {
    let shown = ShownText.escaped(text)
    return shown.count > runWidthMax ? "…" + shown.suffix(runWidthMax - 1) : shown
  }

  /// The columns left out, and how to get them, in lines that fit.
  private static func note(_ leftOut: [MachineColumn], _ shownCount: Int, _ width: Int) -> String {
    let words =
      "\(shownCount) of \(all.count) columns. For all, as CSV: analyze RUN | cat, "
      + "or --output DIR. Left out: " + leftOut.map(\.name).joined(separator: ", ")
    return TextLines.wrapped(words, width: width).map { $0 + "\n" }.joined()
  }
}
