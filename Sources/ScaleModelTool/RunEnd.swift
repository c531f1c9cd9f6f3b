import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// Turns what a run came to into what its manifest says.
struct RunEnd {
  let outcome: WallRunOutcome
  let plan: RunPlan
  let directory: RunDirectory

  /// Fills in the end of a run: status, reason, and how far each machine came.
  func describe(in manifest: inout Manifest) {
    manifest.startTimeNs = outcome.startTime
    manifest.snapshots = outcome.snapshots.map { "\($0)" }
    manifest.machines = plan.topology.machineIDs.map { end(of: $0) }
    switch outcome.ending {
    case .finished:
      manifest.status = .finished
      if !outcome.deaths.isEmpty {
        manifest.reason = outcome.deaths.map { "\($0)" }.joined(separator: "; ")
      }
    case .interrupted:
      manifest.status = .interrupted
      manifest.reason = "ended early by Ctrl-C"
    case .failed(let failure):
      manifest.status = .failed
      manifest.reason = "\(failure)"
    }
  }

  /// How far a machine came, by its last word; for one that died without any its journal speaks.
  private func end(of id: MachineID) -> Manifest.MachineEnd {
    let rate = plan.rates[id.index]
    if let progress = outcome.progress[id.index] {
      return Manifest.MachineEnd(
        id: id, rateHz: rate, ticks: progress.ticks, finalClock: progress.clock,
        finalQueueLength: progress.queueLength)
    }
    // Zeros when there is no journal to count: the machine died before its first line, or keeps
    // none.
    let counted = try? Manifest.MachineEnd(
      id: id, rateHz: rate, countedFrom: directory.journalPath(of: id))
    return counted
      ?? Manifest.MachineEnd(id: id, rateHz: rate, ticks: 0, finalClock: 0, finalQueueLength: 0)
  }
}
