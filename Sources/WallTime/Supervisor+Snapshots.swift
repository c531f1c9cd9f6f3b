import LogicalTime
import ScaleModel
import SystemCalls

/// How a snapshot begins, whoever asks for it.
extension Supervisor {
  /// Tells of the first snapshot that is not begun for a reason, and counts the others.
  func refuse(_ wish: String, because reason: String) {
    if refusals.add(because: reason, isTyped: false) {
      observer.warned("no snapshot \(wish): \(reason)")
    }
  }

  /// Answers whoever typed a snapshot that is not begun.
  func refuseTyped(because reason: String) {
    if refusals.add(because: reason, isTyped: true) { observer.warned("no snapshot: \(reason)") }
  }

  /// What became of the wish for a snapshot.
  enum Beginning {
    case begun(SnapshotOutlook)
    case refused(reason: String)
  }

  /// Asks a machine to begin a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine.
  ///   - timeout: When it is given up, in nanoseconds from now; nil leaves that to the plan.
  /// - Returns: What can be said of it now, or why there is none.
  func beginSnapshot(by initiator: MachineID, timeout: Int64? = nil) -> Beginning {
    let now = SystemClock.monotonicNanoseconds
    let timeout = timeout ?? plan.snapshotTimeout(by: initiator).nanoseconds
    let (beginning, effects) = keeper.begin(
      by: initiator, now: now, systemTime: systemTime, deadline: now + timeout)
    carryOut(effects)
    alertness.stir()
    switch beginning {
    case .refused(let reason):
      return .refused(reason: reason)
    case .begun(let id):
      let end = (start?.monotonic ?? now) + plan.duration.nanoseconds
      return .begun(
        SnapshotOutlook(
          id: id, estimateNanoseconds: plan.snapshotEstimate(by: initiator).nanoseconds,
          timeoutNanoseconds: timeout, remainingNanoseconds: max(0, end - now)))
    }
  }
}
