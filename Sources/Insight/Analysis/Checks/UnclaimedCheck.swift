import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// Replaces a check of something that the run's channels or its snapshot algorithm do not promise.
final class UnclaimedCheck: Check {
  let name: String
  private let reason: String
  /// What the snapshots have wrong, for the check of their cuts; nil for other checks.
  private let wrong: WrongMessages?
  /// Compares recorded states with their lines, for the check of cuts; nil for other checks.
  private let states: CutCheck?
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
    let claims = run.manifest.snapshotClaims
    let isClaimed =
      switch check {
      case is DeliveryCheck, is InvariantCheck: claims.promises.isUsual
      case is ConservationCheck: claims.promises.isUsual && claims.exactChannels
      case is ChannelsCheck: claims.exactChannels
      case is CutCheck: claims.consistentCuts
      default: true
      }
    if isClaimed { return nil }
    states = check as? CutCheck
    self.wrong = states == nil ? nil : wrong
    traffic = check is DeliveryCheck ? ChannelCounts(run.topology) : nil
    let ends = run.manifest.machines
    waitingCount = ends.isEmpty ? nil : ends.reduce(0) { $0 + $1.finalQueueLength }
    let isOfRun = check is DeliveryCheck || check is InvariantCheck
    reason =
      !isOfRun && claims.algorithm.asksForRecords
      ? Self.reason(claims.algorithm, ofCut: check is CutCheck)
      : "it needs channels that keep order and messages; the plan has \(plan.claimWords)"
  }

  private static func reason(_ algorithm: SnapshotAlgorithm, ofCut: Bool) -> String {
    algorithm == .synchronised && ofCut
      ? "synchronised snapshots promise it where clocks differ by less than the least delay"
      : "\(algorithm.rawValue) snapshots do not promise it"
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    traffic?.observer(of: machine) ?? states?.observer(of: machine) ?? IdleObserver()
  }

  func verdict() -> Verdict {
    if case .failed(let violation)? = states?.verdict() { return .failed(violation) }
    return .notClaimed(reason + (wrong?.cutWords ?? "") + (traffic?.words(waitingCount) ?? ""))
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

/// Replaces the checks of cuts and channels in runs whose algorithm is not Chandy and Lamport's.
///
/// There no marker delimits what a channel holds, and messages of one channel may overtake each
/// other. So it compares message by message, in any order.
final class CountedCheck: Check {
  let name: String
  private let wrong: WrongMessages
  /// Compares recorded states with their lines, for the check of cuts; nil for that of channels.
  private let states: CutCheck?

  /// Makes the replacement of a check; nil for other checks, and for usual snapshots.
  init?(_ check: any Check, of run: StoredRun, _ wrong: WrongMessages?) {
    guard let wrong, check is CutCheck || check is ChannelsCheck,
      run.manifest.plan.algorithm != .chandyLamport
    else { return nil }
    (name, self.wrong, states) = (check.name, wrong, check as? CutCheck)
  }

  func observer(of machine: MachineID) -> any JournalObserver {
    states?.observer(of: machine) ?? IdleObserver()
  }

  func verdict() -> Verdict {
    if case .failed(let violation)? = states?.verdict() { return .failed(violation) }
    let isOfCuts = states != nil
    if wrong.counts.complete == 0 { return .vacuous }
    guard let (path, figures) = wrong.first(where: isOfCuts ? \.cutIsWrong : \.channelsAreWrong)
    else { return .ok }
    let problem =
      isOfCuts
      ? "\(figures.orphans) messages were received before the cut and sent after it"
        + wrong.cutWords
      : "\(figures.missed ?? 0) messages that cross the cut are missing, and "
        + "\(figures.doubled) are there that do not cross it"
    return .failed(Verdict.Violation(path: path, line: nil, problem: problem))
  }
}

extension WrongMessages.Figures {
  /// Whether a message was received before the cut and sent after it.
  var cutIsWrong: Bool { orphans > 0 }
  /// Whether inboxes and channels hold something other than what crosses the cut.
  var channelsAreWrong: Bool { doubled > 0 || (missed ?? 0) != 0 }
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
