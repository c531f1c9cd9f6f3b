import RunRecord

/// A row of `snapshots.csv`: what one snapshot found, and how long it took.
package struct SnapshotRow: TableRow, Hashable, Sendable {
  /// The figures, in the order of ``columns``.
  package let cells: [Cell]

  /// The columns of the snapshot table, in order.
  package static let columns = [
    "run", "id", "initiator", "status", "latency_us", "machines", "inbox_messages",
    "channel_messages",
  ]

  /// Counts what is in a snapshot's file.
  init(of file: SnapshotFile, in run: String) {
    cells = [
      .text(run), .text("\(file.id)"), Cell(file.initiator.index), .text(file.status.rawValue),
      Cell(file.latencyMicroseconds), Cell(file.machines.count), Cell(file.inboxMessageCount),
      Cell(file.channelMessageCount),
    ]
  }
}
