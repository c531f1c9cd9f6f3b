import TextFormats

/// The columns of a table: a case per column, in the table's order.
package protocol TableColumn: CaseIterable, Hashable, Sendable where AllCases == [Self] {
  /// The column's name in the header and in JSON.
  var name: String { get }
  /// Whether a table shows it whose machines have names, or have none.
  func isShown(named: Bool) -> Bool
}

extension TableColumn {
  /// Shows the column in every table.
  package func isShown(named: Bool) -> Bool { true }

  /// The columns of a table whose machines have names, or have none.
  package static func columns(named: Bool) -> [Self] {
    allCases.filter { $0.isShown(named: named) }
  }
}

extension TableColumn where Self: RawRepresentable<String> {
  /// The case's name in snake case: `jump_p50` for `jumpP50`.
  package var name: String {
    rawValue.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
  }
}

/// A row of a table: a figure for every column.
package struct TableRow<Column: TableColumn>: Hashable, Sendable {
  /// One per case of `Column`, in order.
  private let cells: [Cell]

  /// Makes a row from the figure of each column.
  init(_ cell: (Column) -> Cell) { cells = Column.allCases.map(cell) }

  /// The figure of a column.
  package subscript(column: Column) -> Cell {
    // Every column is a case, so the index always exists.
    Column.allCases.firstIndex(of: column).map { cells[$0] } ?? .none
  }

  /// Every column with its figure, in order.
  var figures: Zip2Sequence<[Column], [Cell]> { zip(Column.allCases, cells) }

  /// Whether the row has a machine's name.
  private var isNamed: Bool {
    figures.contains { $1 != .none && $0.isShown(named: true) && !$0.isShown(named: false) }
  }

  /// A table of rows as CSV.
  ///
  /// - Parameters:
  ///   - rows: The rows.
  ///   - window: The time window of the rows; unless it is the whole run, two more columns tell it.
  ///   - hasHeader: Whether the table begins with its header.
  ///   - named: Whether it has the columns that only some tables show; nil when the rows tell.
  /// - Returns: The text.
  package static func csv(
    _ rows: [Self], of window: TimeWindow = TimeWindow(), hasHeader: Bool = true,
    named: Bool? = nil
  ) -> String {
    let named = named ?? rows.contains(where: \.isNamed)
    let added = window.cells
    var text = CSVText()
    if hasHeader { text.append(header: Column.columns(named: named).map(\.name) + window.columns) }
    for row in rows {
      text.append(row, named: named)
      for cell in added { text.append(cell) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}

extension TableRow: Encodable {
  /// Writes an object with a key per column.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    let named = isNamed
    for (column, cell) in figures where column.isShown(named: named) {
      try container.encode(cell, forKey: AnyKey(stringValue: column.name))
    }
  }
}
