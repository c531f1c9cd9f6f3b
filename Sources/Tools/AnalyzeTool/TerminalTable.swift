import Analysis
import CommandLineKit
import LogicalTime
import Pictures

/// The machine table as a terminal shows it: the columns that matter most, aligned, within a width.
struct TerminalTable {
  /// The table and a line about the columns that are left out.
  let text: String

  /// A column of the table.
  private struct Column {
    /// The column of `machines.csv`.
    let name: String
    let heading: String
    /// Columns that do not fit go by this, the largest first; nil for those that always stay.
    let sacrifice: Int?
  }

  private static let columns = [
    Column(name: "run", heading: "run", sacrifice: nil),
    Column(name: "machine", heading: "machine", sacrifice: nil),
    Column(name: "rate_hz", heading: "rate/s", sacrifice: 1),
    Column(name: "events", heading: "events", sacrifice: 4),
    Column(name: "receives", heading: "receives", sacrifice: 8),
    Column(name: "final_clock", heading: "clock", sacrifice: nil),
    Column(name: "jump_mean", heading: "mean jump", sacrifice: 2),
    Column(name: "jump_max", heading: "max jump", sacrifice: 7),
    Column(name: "drift_final", heading: "drift", sacrifice: 0),
    Column(name: "queue_max", heading: "max queue", sacrifice: 6),
    Column(name: "queue_final", heading: "queue", sacrifice: nil),
    Column(name: "predicted_queue_final", heading: "predicted", sacrifice: 3),
    Column(name: "tick_rate_error_ppm", heading: "ppm", sacrifice: 5),
  ]
  /// How many machines are shown.
  private static let rowCountMax = 100
  /// How much of a run's name is shown.
  private static let runWidthMax = 26

  /// Lays the table out.
  ///
  /// - Parameters:
  ///   - rows: Of all runs, one after the other.
  ///   - width: How many columns of characters a line may have.
  init(_ rows: [MachineRow], width: Int = 80) {
    let hiddenCount = rows.count - Self.rowCountMax
    let rows = Array(rows.prefix(Self.rowCountMax))
    let namesRuns = rows.contains { $0[column: "run"] != rows[0][column: "run"] }
    var shown = Self.columns.filter { column in
      (namesRuns || column.name != "run")
        && rows.contains { $0[column: column.name] != Cell.none }
    }
    var table = Self.table(of: rows, shown)
    while table.width > width, let least = shown.compactMap(\.sacrifice).max() {
      shown.removeAll { $0.sacrifice == least }
      table = Self.table(of: rows, shown)
    }
    let leftOut = MachineRow.columns.filter { name in
      name != "run" && !shown.contains { $0.name == name }
    }
    text =
      table.text + (hiddenCount > 0 ? "… and \(hiddenCount) machines more\n" : "") + "\n"
      + Self.note(leftOut, shown.count, width)
  }

  private static func table(of rows: [MachineRow], _ columns: [Column]) -> TextTable {
    let cells = rows.map { row in columns.map { Self.words(row, $0) } }
    return TextTable(
      rows: [columns.map(\.heading)] + cells,
      alignments: columns.map { $0.name == "run" ? .left : .right })
  }

  private static func words(_ row: MachineRow, _ column: Column) -> String {
    if column.name == "machine", let name = row.name { return shortened(name) }
    switch row[column: column.name] {
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

  /// Which columns are left out, and how to get them, in lines that fit.
  private static func note(_ leftOut: [String], _ shownCount: Int, _ width: Int) -> String {
    let words =
      "\(shownCount) of \(MachineRow.columns.count) columns. For all, as CSV: analyze RUN | cat, "
      + "or --output DIR. Left out: " + leftOut.joined(separator: ", ")
    return TextLines.wrapped(words, width: width).map { $0 + "\n" }.joined()
  }
}
