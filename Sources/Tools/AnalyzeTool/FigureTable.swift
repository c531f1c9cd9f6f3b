import Analysis
import CommandLineKit
import Pictures

/// Rows of a table of figures for a terminal: all columns that have a figure, aligned.
struct FigureTable<Column: TableColumn> {
  /// The table; empty without rows.
  let text: String

  /// The most rows shown.
  private let rowCountMax = 100

  /// Lays the table out.
  ///
  /// - Parameters:
  ///   - rows: The rows of all runs, in order.
  ///   - names: The columns with text, of which the first, the run, is shown where it differs.
  init(_ rows: [TableRow<Column>], names: [Column]) {
    guard let first = rows.first, let run = names.first else {
      text = ""
      return
    }
    let namesRuns = rows.contains { $0[run] != first[run] }
    let columns = Column.allCases.filter { column in
      column == run ? namesRuns : rows.contains { $0[column] != .none }
    }
    let cells = rows.prefix(rowCountMax).map { row in
      columns.map { column in
        let cell = row[column]
        return cell.value.map { DecimalText.digits($0, 4) } ?? (cell == .none ? "–" : cell.text)
      }
    }
    let hiddenCount = rows.count - rowCountMax
    text =
      TextTable(
        rows: [columns.map(\.name)] + cells,
        alignments: columns.map { names.contains($0) ? .left : .right }
      ).text + (hiddenCount > 0 ? "… and \(hiddenCount) rows more\n" : "")
  }
}
