import RunRecord
import ScaleModel

/// Prints the snapshots of a run as they end, and tracks what they find of what it conserves.
final class SnapshotPrinter {
  private let display: RunDisplay
  /// What the run conserves, and how much every snapshot must find, apart from what came by hand;
  /// nil when the workload names nothing.
  private let conserved: (quantity: ConservedQuantity, total: Int64)?
  /// Whether the plan's channels keep what is conserved; if not, a wrong total is no surprise.
  private let isClaimed: Bool
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

  init(display: RunDisplay, plan: RunPlan) {
    self.display = display
    isClaimed = plan.snapshotClaims.exactChannels
    conserved = plan.workload.conserved.flatMap { quantity in
      plan.startTotal(of: quantity).map { (quantity, $0) }
    }
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
    if let conserved, snapshot.status == .complete {
      compare(snapshot, with: conserved.total, of: conserved.quantity)
    }
    let table = SnapshotTable(
      snapshot, conserved: conserved?.quantity, startTotal: conserved?.total)
    if isTyped { return display.tell(table.text) }
    toldCount += 1
    if toldCount > Self.toldCountMax { return }
    if conserved != nil {
      display.tell(table.details)
      if toldCount == Self.toldCountMax { display.tell("further snapshots are not printed\n") }
    } else if snapshot.status == .complete {
      display.note(table.headline)
    }
  }

  private func compare(
    _ snapshot: SnapshotFile, with total: Int64, of quantity: ConservedQuantity
  ) {
    let sums = ConservedSums(snapshot, of: quantity)
    if let sums, sums.total &- sums.byHand == total {
      rightCount += 1
    } else {
      wrongCount += 1
      if isClaimed { warn(of: snapshot, finding: sums, of: quantity, against: total) }
    }
    if let sums, sums.onChannels > 0 { onChannelsCount += 1 }
    if let sums, sums.byHand != 0 { byHandCount += 1 }
  }

  private func warn(
    of snapshot: SnapshotFile, finding sums: ConservedSums?, of quantity: ConservedQuantity,
    against total: Int64
  ) {
    let found = sums.map { quantity.shown($0.total) } ?? "no countable \(quantity.words.name)"
    let byHand = sums?.byHand ?? 0
    display.warn(
      "snapshot \(snapshot.id) finds \(found); the \(quantity.words.holder)s began with "
        + quantity.shown(total)
        + (byHand == 0 ? "" : ", and \(quantity.shown(byHand)) came by hand"))
  }

  /// The totals of all complete snapshots, for the summary; nil when there is nothing to report.
  var remark: String? {
    guard let (quantity, total) = conserved, rightCount + wrongCount > 0 else { return nil }
    return "\(rightCount) of \(rightCount + wrongCount) complete snapshots find the total "
      + quantity.shown(total) + (byHandCount > 0 ? " and what came by hand" : "")
      + "; \(onChannelsCount) find \(quantity.words.name) on its way"
  }
}
