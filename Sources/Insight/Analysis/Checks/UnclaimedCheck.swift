import LogicalTime
import RunRecord

/// Replaces a check whose claim rests on what the run's channels do not promise.
final class UnclaimedCheck: Check {
  let name: String
  private let reason: String
  /// What the snapshots have wrong, for the check of their cuts; nil for other checks.
  private let wrong: WrongMessages?
  /// What was sent and received, for the check of deliveries; nil for other checks.
  private let traffic: ChannelCounts?
  /// How many messages waited in inboxes at the run's end; nil before it.
  private let waitingCount: Int?

  /// Makes the replacement of a check; nil when the plan supports its claim.
  ///
  /// - Parameters:
  ///   - check: The check.
  ///   - run: The run.
  ///   - wrong: What its snapshots have wrong.
  init?(_ check: any Check, of run: StoredRun, _ wrong: WrongMessages?) {
    name = check.name
    let plan = run.manifest.plan
    let promises = plan.promises
    let isGivenUp =
      switch check {
      case is DeliveryCheck, is ChannelsCheck, is ConservationCheck, is InvariantCheck:
        !promises.isUsual
      // A second marker or message in order does a cut no harm. A machine that misses a marker
      // receives what was sent behind it before it records.
      case is CutCheck: !promises.isOrdered || promises.loss > 0
      default: false
      }
    guard isGivenUp else { return nil }
    self.wrong = check is CutCheck ? wrong : nil
    traffic = check is DeliveryCheck ? ChannelCounts(run.topology) : nil
    let ends = run.manifest.machines
    waitingCount = ends.isEmpty ? nil : ends.reduce(0) { $0 + $1.finalQueueLength }
    reason = "it needs channels that keep order and messages; the plan has \(plan.promiseWords)"
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    traffic?.observer(of: machine) ?? IdleObserver()
  }

  func verdict() -> Verdict {
    .notClaimed(reason + (wrong?.cutWords ?? "") + (traffic?.words(waitingCount) ?? ""))
  }
}

extension ChannelCounts {
  /// How many messages were sent on all channels, how many receipts there are, and how many waited
  /// at the end; the channels have lost the rest, or doubled what is too many.
  fileprivate func words(_ waitingCount: Int?) -> String {
    var (sent, received) = (0, 0)
    forEach {
      sent += $0.sent
      received += $0.received
    }
    return "; the journals have \(sent) messages sent on channels and \(received) receipts"
      + (waitingCount.map { "; \($0) waited in inboxes at the end" } ?? "")
  }
}

extension WrongMessages {
  /// How many cuts are consistent, and what makes the first of the others inconsistent.
  fileprivate var cutWords: String {
    let (complete, consistent) = counts
    if complete == 0 { return "" }
    let words = "; \(consistent) of \(complete) complete snapshots are consistent cuts"
    guard let first = firstOrphan else { return words }
    return words
      + "; in \(first.snapshot) machine \(first.target) received at its tick \(first.receiptTick),"
      + " before its cut, what machine \(first.source) sent"
      + (first.sendTick.map { " at its tick \($0)," } ?? "") + " after its own"
  }
}
