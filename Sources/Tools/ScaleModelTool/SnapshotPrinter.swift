import RunRecord

/// Prints the snapshots of a run as they end, and tracks the money they find in a bank.
final class SnapshotPrinter {
  private let display: RunDisplay
  /// The money every snapshot of a bank must find, apart from net deposits; nil in a run without
  /// money.
  private let totalMoney: Int64?
  /// How many snapshots have ended.
  private(set) var count = 0
  /// How many snapshots that were not typed have been printed.
  private var toldCount = 0
  private var rightCount = 0
  private var onChannelsCount = 0
  private var wrongCount = 0
  private var byHandCount = 0

  /// The most snapshots printed one by one.
  private static let toldCountMax = 20

  init(display: RunDisplay, totalMoney: Int64?) {
    self.display = display
    self.totalMoney = totalMoney
  }

  /// Prints a snapshot that has ended, complete or partial.
  ///
  /// - Parameters:
  ///   - snapshot: The snapshot.
  ///   - isTyped: Whether it was typed at this terminal, which then shows all of it.
  func took(_ snapshot: SnapshotFile, isTyped: Bool = false) {
    count += 1
    if snapshot.status == .partial {
      display.warn("snapshot \(snapshot.id) is partial: \(snapshot.reason ?? "")")
    }
    if let totalMoney, snapshot.status == .complete { compare(snapshot, with: totalMoney) }
    let table = SnapshotTable(snapshot, startMoney: totalMoney)
    if isTyped { return display.tell(table.text) }
    toldCount += 1
    if toldCount > Self.toldCountMax { return }
    if totalMoney != nil {
      display.tell(table.account)
      if toldCount == Self.toldCountMax { display.tell("further snapshots are not printed\n") }
    } else if snapshot.status == .complete {
      display.note(table.headline)
    }
  }

  private func compare(_ snapshot: SnapshotFile, with totalMoney: Int64) {
    let money = SnapshotMoney(snapshot)
    if let money, money.total &- money.byHand == totalMoney {
      rightCount += 1
    } else {
      wrongCount += 1
      display.warn(
        "snapshot \(snapshot.id) finds \(money.map { "$\($0.total)" } ?? "no countable money"); "
          + "the accounts began with $\(totalMoney)"
          + (money.map { $0.byHand == 0 ? "" : ", and $\($0.byHand) came by hand" } ?? ""))
    }
    if let money, money.onChannels > 0 { onChannelsCount += 1 }
    if let money, money.byHand != 0 { byHandCount += 1 }
  }

  /// The totals of all complete snapshots, for the summary; nil when there is nothing to report.
  var remark: String? {
    guard let totalMoney, rightCount + wrongCount > 0 else { return nil }
    return "\(rightCount) of \(rightCount + wrongCount) complete snapshots find the total "
      + "$\(totalMoney)" + (byHandCount > 0 ? " and what came by hand" : "")
      + "; \(onChannelsCount) find money on its way"
  }
}
