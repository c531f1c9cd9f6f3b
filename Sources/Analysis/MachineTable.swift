/// The machine table of one or several runs, as text.
package enum MachineTable {
  /// The table as CSV, with its header.
  package static func csv(_ rows: [MachineRow]) -> String {
    MachineRow.csv(rows)
  }
}
