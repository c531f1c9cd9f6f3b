import LogicalTime
import RunRecord

/// Replaces a check whose claim rests on what the run's channels do not promise.
final class UnclaimedCheck: Check {
  let name: String
  private let reason: String

  /// Makes the replacement of a check; nil when the plan supports its claim.
  ///
  /// - Parameters:
  ///   - check: The check.
  ///   - run: The run.
  init?(_ check: any Check, of run: StoredRun) {
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
    reason = "it needs channels that keep order and messages; the plan has \(plan.promiseWords)"
  }

  func observer(of machine: MachineID) -> any JournalObserver { IdleObserver() }

  func verdict() -> Verdict { .notClaimed(reason) }
}
