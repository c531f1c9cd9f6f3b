import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import WallTime

/// The result of a run in either time, for its manifest and its summary.
struct RunOutcome {
  var status: Manifest.Status
  /// Why it failed, what ended it, or which machines died while the others went on.
  var reason: String?
  /// The system time of tick 0; nil when it did not get that far.
  var startTime: Int64?
  /// The time reached.
  var reached: RunTime
  /// One per machine, in id order.
  var machines: [Manifest.MachineEnd]
  /// One per machine, in id order; nil for one that did not report.
  var kinds: [TickKinds?]
  var snapshots: [SnapshotID]
  /// The counts of each planned fault, in order; empty without any.
  var faultEffects: [Manifest.FaultEffect] = []
  /// A digest that equal runs in virtual time share.
  var digest: UInt64?
  /// Summary lines that only this kind of run has.
  var remarks: [String] = []
  /// The machines that died during the run, in order.
  var deaths: [Manifest.Death] = []
  /// Each time that all machines went back, in order.
  private(set) var restarts: [Manifest.Restart] = []
  /// The lines of the schedule that the run carried out; nil for a run without one.
  var interventions: [String]?
  /// The plan with what viewers added to it; nil where it is that of the start.
  var plan: Manifest.Plan?
  /// The failure with which the tool ends.
  var failure: ToolFailure?

  /// Whether the run ended early because what it was to go on until holds.
  var hasHeld = false

  /// Records that a snapshot found the condition that the run went on until.
  mutating func held(_ condition: StableCondition?, in snapshot: SnapshotID) {
    guard let condition else { return }
    (status, hasHeld) = (.interrupted, true)
    reason = Manifest.reason(thatHeld: condition.name, in: snapshot)
    remarks.append("\(condition.name) holds in snapshot \(snapshot)")
  }

  /// Records that the run went on to its end without finding the condition.
  mutating func missed(_ condition: StableCondition?) {
    guard let condition else { return }
    failure = ToolFailure(
      .failed,
      "\(condition.name) did not hold in any of \(counted(snapshots.count, "snapshot")); "
        + "take a longer --duration")
  }

  /// Records that all machines went back, and remarks on it.
  mutating func takeRestarts(_ restarts: [Manifest.Restart]) {
    self.restarts = restarts
    guard let longest = restarts.map({ TimeSpan(nanoseconds: max(0, $0.recoveryNs)) }).max()
    else { return }
    let lineCount = restarts.flatMap(\.undone).reduce(0) {
      $0 + ($1.isEmpty ? 0 : $1[1] - $1[0] + 1)
    }
    remarks.append(
      counted(restarts.count, "restart")
        + (longest > .seconds(0) ? ", each within \(SnapshotOutlook.text(longest))" : "")
        + "; \(counted(lineCount, "line")) undone")
  }

  /// Records that a signal ended the run.
  mutating func interrupt(by signal: Int32) {
    status = .interrupted
    reason = "ended early by \(signal == SIGINT ? "Ctrl-C" : SignalName.of(signal))"
  }

  /// Records the end of the run.
  func describe(in manifest: inout Manifest) {
    manifest.status = status
    manifest.reason = reason
    manifest.startTimeNs = startTime
    manifest.machines = machines
    manifest.interventions = interventions
    if let plan { manifest.plan = plan }
    manifest.deaths = deaths.isEmpty ? nil : deaths
    manifest.restarts = restarts.isEmpty ? nil : restarts
    manifest.snapshots = snapshots.map { "\($0)" }
    manifest.faultEffects = faultEffects.isEmpty ? nil : faultEffects
    manifest.digest = digest.map { String($0, radix: 16) }
  }
}
