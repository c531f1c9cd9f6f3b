import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import WallTime

/// What a run came to, in whichever time it ran: what its manifest and its summary say.
struct RunOutcome {
  var status: Manifest.Status
  /// Why it failed, who ended it, or who died while the others went on.
  var reason: String?
  /// The system time of tick 0; nil when it never came to it.
  var startTime: Int64?
  /// How far it came, in nanoseconds since the start.
  var reachedNanoseconds: Int64
  /// One per machine, in id order.
  var machines: [Manifest.MachineEnd]
  /// One per machine, in id order; nil for one that did not say.
  var kinds: [TickKinds?]
  var snapshots: [SnapshotID]
  /// What each planned fault did, in their order; empty without any.
  var faultEffects: [Manifest.FaultEffect] = []
  /// A number that equal runs in virtual time share.
  var digest: UInt64?
  /// Lines for the summary: what this time's runs alone can tell.
  var remarks: [String] = []
  /// The machines that died while the run went on, in that order.
  var deaths: [Manifest.Death] = []
  /// Why the tool is to end with an error.
  var failure: ToolFailure?

  /// Notes that somebody has ended the run, and how.
  mutating func interrupt(by signal: Int32) {
    status = .interrupted
    reason = "ended early by \(signal == SIGINT ? "Ctrl-C" : SignalName.of(signal))"
  }

  /// Fills in the end of a run.
  func describe(in manifest: inout Manifest) {
    manifest.status = status
    manifest.reason = reason
    manifest.startTimeNs = startTime
    manifest.machines = machines
    manifest.deaths = deaths.isEmpty ? nil : deaths
    manifest.snapshots = snapshots.map { "\($0)" }
    manifest.faultEffects = faultEffects.isEmpty ? nil : faultEffects
    manifest.digest = digest.map { String($0, radix: 16) }
  }
}
