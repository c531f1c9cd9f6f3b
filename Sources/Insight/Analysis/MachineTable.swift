/// The machine table of one or several runs, as text.
package enum MachineTable {
  /// The table as CSV, with its header; machines of imported runs have a column for their names.
  ///
  /// - Parameters:
  ///   - rows: The machines' rows.
  ///   - window: The stretch of every run that they are of.
  /// - Returns: The text.
  package static func csv(_ rows: [MachineRow], of window: TimeWindow = TimeWindow()) -> String {
    let areNamed = rows.contains { $0.name != nil }
    let added = window.cells
    let columns = MachineRow.columns(named: areNamed) + window.columns
    var text = CSVText(header: columns.joined(separator: ","))
    for row in rows {
      for cell in row.cells(named: areNamed) + added { text.append(cell) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
