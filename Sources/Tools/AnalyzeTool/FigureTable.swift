import Analysis
import CommandLineKit
import Pictures

/// What workloads measure, beside what their laws predict, for a terminal.
struct MeasureTable {
  /// The table after an empty line; empty when no workload names a measure.
  let text: String

  /// The most rows shown.
  private static let rowCountMax = 100

  /// Lays the table out.
  ///
  /// - Parameter rows: The rows of all runs, in order.
  init(_ rows: [MeasureRow]) {
    guard let first = rows.first else {
      text = ""
      return
    }
    let namesRuns = rows.contains { $0[.run] != first[.run] }
    let columns = MeasureColumn.allCases.filter { namesRuns || $0 != .run }
    let cells = rows.prefix(Self.rowCountMax).map { row in
      columns.map { column in
        let cell = row[column]
        return cell.value.map { DecimalText.digits($0, 4) } ?? (cell == .none ? "–" : cell.text)
      }
    }
    let hiddenCount = rows.count - Self.rowCountMax
    text =
      "\n"
      + TextTable(
        rows: [columns.map(\.name)] + cells,
        alignments: columns.map { $0 == .run || $0 == .measure ? .left : .right }
      ).text + (hiddenCount > 0 ? "… and \(hiddenCount) measures more\n" : "")
  }
}
