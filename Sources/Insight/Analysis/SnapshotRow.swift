import RunRecord

/// The columns of `snapshots.csv`.
package enum SnapshotColumn: String, TableColumn {
  case run, id, initiator, status, latencyUs, machines, inboxMessages, channelMessages
}

/// A row of `snapshots.csv`: what one snapshot found, and how long it took.
package typealias SnapshotRow = TableRow<SnapshotColumn>

extension SnapshotRow {
  /// Makes the row of a snapshot's file.
  init(of file: SnapshotFile, in run: String) {
    self.init { column in
      switch column {
      case .run: .text(run)
      case .id: .text("\(file.id)")
      case .initiator: Cell(file.initiator.index)
      case .status: .text(file.status.rawValue)
      case .latencyUs: Cell(file.latencyMicroseconds)
      case .machines: Cell(file.machines.count)
      case .inboxMessages: Cell(file.inboxMessageCount)
      case .channelMessages: Cell(file.channelMessageCount)
      }
    }
  }

  /// Whether the snapshot is complete.
  package var isComplete: Bool { self[.status] == .text(SnapshotFile.Status.complete.rawValue) }
}
