import TextFormats

/// A row of a table that is also printed as JSON.
package protocol TableRow: Encodable {
  /// The columns of the table, in order.
  static var columns: [String] { get }
  /// The figures, in the order of ``columns``.
  var cells: [Cell] { get }
}

extension TableRow {
  /// Writes an object with a key per column.
  package func encode(to encoder: any Encoder) throws {
    try Self.encode(zip(Self.columns, cells), to: encoder)
  }

  /// Writes an object of columns and their cells.
  static func encode(
    _ cells: some Sequence<(String, Cell)>, to encoder: any Encoder
  ) throws {
    var container = encoder.container(keyedBy: AnyKey.self)
    for (column, cell) in cells { try container.encode(cell, forKey: AnyKey(stringValue: column)) }
  }

  /// A table of rows as CSV, with its header.
  ///
  /// - Parameters:
  ///   - rows: The rows.
  ///   - window: The stretch of every run that they are of; one that is not the whole run is told
  ///     in two more columns.
  /// - Returns: The text.
  package static func csv(_ rows: [Self], of window: TimeWindow = TimeWindow()) -> String {
    let added = window.cells
    var text = CSVText(header: (columns + window.columns).joined(separator: ","))
    for row in rows {
      for cell in row.cells + added { text.append(cell) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }

  /// The figure of a column.
  ///
  /// - Precondition: There is such a column.
  package subscript(column column: String) -> Cell {
    guard let index = Self.columns.firstIndex(of: column) else {
      preconditionFailure("The table has no column \(column)")
    }
    return cells[index]
  }
}
