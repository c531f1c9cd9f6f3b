import RunRecord

/// The columns of `snapshots.csv`.
///
/// Where the plan of a run gives up order, or that each message arrives once, there are also what a
/// snapshot has wrong (`missed`, `doubled`, `orphans`, and their sum `wrong_messages`), whether its
/// cut is consistent and its channels are exact, and what the law predicts. `missed` and the sum
/// are empty, and channels `not claimed`, when channels lose or double messages.
package enum SnapshotColumn: String, TableColumn {
  case run, id, initiator, status, latencyUs, machines, inboxMessages, channelMessages
  case cut, channels, wrongMessages, missed, doubled, orphans, predictedWrongMessages

  /// Whether a table shows the column.
  ///
  /// What a snapshot has wrong is only shown (`named`) where a run's plan gives something up.
  package func isShown(named: Bool) -> Bool {
    switch self {
    case .cut, .channels, .wrongMessages, .missed, .doubled, .orphans, .predictedWrongMessages:
      named
    default: true
    }
  }
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
      default: .none
      }
    }
  }

  /// The same row with what the snapshot has wrong.
  ///
  /// - Parameters:
  ///   - figures: What was counted; nil when the snapshot is not complete.
  ///   - law: How many wrong messages are predicted; nil without a law.
  /// - Returns: The row, with the columns of runs whose plan gives something up.
  func judged(_ figures: WrongMessages.Figures?, _ law: WrongMessageLaw?) -> SnapshotRow {
    SnapshotRow { column in
      switch column {
      case .cut: .text(Self.cutWord(figures))
      case .channels: .text(Self.channelsWord(figures))
      case .wrongMessages: Cell(figures?.wrong)
      case .missed: Cell(figures?.missed)
      case .doubled: Cell(figures?.doubled)
      case .orphans: Cell(figures?.orphans)
      case .predictedWrongMessages: Cell(figures.flatMap { _ in law?.mean })
      default: self[column]
      }
    }
  }

  private static func cutWord(_ figures: WrongMessages.Figures?) -> String {
    guard let figures else { return Verdict.vacuousWord }
    return figures.orphans == 0 ? Verdict.okWord : Verdict.failedWord
  }

  private static func channelsWord(_ figures: WrongMessages.Figures?) -> String {
    guard let figures else { return Verdict.vacuousWord }
    if figures.doubled > 0 || figures.missed ?? 0 != 0 { return Verdict.failedWord }
    return figures.missed == nil ? Verdict.notClaimedWord : Verdict.okWord
  }

  /// Whether the snapshot is complete.
  package var isComplete: Bool { self[.status] == .text(SnapshotFile.Status.complete.rawValue) }
}
