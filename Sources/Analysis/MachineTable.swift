/// The machine table of one or several runs, as text.
package enum MachineTable {
  /// The table as CSV, with its header; machines of imported runs have a column for their names.
  package static func csv(_ rows: [MachineRow]) -> String {
    let areNamed = rows.contains { $0.name != nil }
    var text = CSVText(header: MachineRow.columns(named: areNamed).joined(separator: ","))
    for row in rows {
      for cell in row.cells(named: areNamed) { text.append(cell.text) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
