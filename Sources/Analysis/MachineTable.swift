/// The machine table of one or several runs, as text.
package enum MachineTable {
  /// The table as CSV, with its header.
  package static func csv(_ rows: [MachineRow]) -> String {
    var text = CSVText(header: MachineRow.columns.joined(separator: ","))
    for row in rows {
      for cell in row.cells { text.append(cell.text) }
      text.endRow()
    }
    return String(decoding: text.bytes, as: UTF8.self)
  }
}
