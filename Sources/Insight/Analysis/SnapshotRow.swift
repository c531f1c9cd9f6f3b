import RunRecord

/// The columns of `snapshots.csv`.
///
/// Where a run's snapshots are not Chandy and Lamport's, or its plan gives up order or that each
/// message arrives once, there are also the algorithm and its costs, and what a snapshot has wrong
/// (`missed`, `doubled`, `orphans`, and their sum `wrong_messages`), whether its cut is consistent,
/// its channels are exact and the workload's invariant holds, and what laws predict. `missed` and
/// the sum are empty, and channels `not claimed`, when channels lose or double messages.
package enum SnapshotColumn: String, TableColumn {
  case run, id, initiator, status, latencyUs, machines, inboxMessages, channelMessages
  case algorithm, cut, channels, invariant, wrongMessages, missed, doubled, orphans
  case controlMessages, historyBytes
  case predictedWrongMessages, predictedLatencyUs, predictedControlMessages

  /// Whether a table shows the column.
  ///
  /// What a snapshot has wrong is only shown (`named`) where a run's plan gives something up.
  package func isShown(named: Bool) -> Bool {
    switch self {
    case .run, .id, .initiator, .status, .latencyUs, .machines, .inboxMessages, .channelMessages:
      true
    default: named
    }
  }
}

/// A row of `snapshots.csv`: what one snapshot found, and how long it took.
package typealias SnapshotRow = TableRow<SnapshotColumn>

extension SnapshotRow {
  /// Makes the row of a snapshot's file.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - run: Its run.
  ///   - invariants: Judges the workload's invariants in it.
  ///   - isJudged: Whether the row has what only judged snapshots have.
  init(
    of file: SnapshotFile, in run: StoredRun, _ invariants: SnapshotInvariants, isJudged: Bool
  ) {
    let plan = run.manifest.plan
    self.init { column in
      switch column {
      case .run: .text(run.name)
      case .algorithm where isJudged: .text(plan.algorithm.rawValue)
      case .invariant where isJudged: .text(invariants.word(for: file))
      case .controlMessages where isJudged:
        // Chandy and Lamport's put a marker on each channel.
        Cell(
          file.controlMessages
            ?? (file.status == .complete ? run.topology.channelCount : nil))
      case .historyBytes: Cell(file.historyBytes)
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
  ///   - laws: What is predicted; nil without a law.
  /// - Returns: The row, with the columns of runs whose plan gives something up.
  func judged(_ figures: WrongMessages.Figures?, _ laws: SnapshotLaws?) -> SnapshotRow {
    // A partial snapshot has nothing to hold against a law.
    let laws = figures == nil ? nil : laws
    return SnapshotRow { column in
      switch column {
      case .cut: .text(Self.cutWord(figures))
      case .channels: .text(Self.channelsWord(figures))
      case .wrongMessages: Cell(figures?.wrong)
      case .missed: Cell(figures?.missed)
      case .doubled: Cell(figures?.doubled)
      case .orphans: Cell(figures?.orphans)
      case .predictedWrongMessages: Cell(laws?.wrongMessages)
      case .predictedLatencyUs: Cell(laws?.latencySeconds.map { $0 * 1e6 })
      case .predictedControlMessages: Cell(laws?.controlMessages)
      default: self[column]
      }
    }
  }

  private static func cutWord(_ figures: WrongMessages.Figures?) -> String {
    guard let figures else { return Verdict.vacuousWord }
    return !figures.cutIsWrong ? Verdict.okWord : Verdict.failedWord
  }

  private static func channelsWord(_ figures: WrongMessages.Figures?) -> String {
    guard let figures else { return Verdict.vacuousWord }
    if figures.channelsAreWrong { return Verdict.failedWord }
    return figures.missed == nil ? Verdict.notClaimedWord : Verdict.okWord
  }

  /// Whether the snapshot is complete.
  package var isComplete: Bool { self[.status] == .text(SnapshotFile.Status.complete.rawValue) }
}
