import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import WallTime

/// Carries a plan out in wall time: in threads or in processes.
struct WallExecution {
  let display: RunDisplay
  let options: RunOptions
  let directory: RunDirectory
  /// Yields a byte for each Ctrl-C.
  let interrupts: Descriptor
  /// What the run directory says until the end: a run that dies leaves it so, its start included.
  let manifest: Manifest

  /// Runs the machines to their end.
  func run() -> RunOutcome {
    let snapshots = SnapshotTeller(display: display, totalMoney: options.plan.totalMoney)
    let transfers = options.isVerbose ? TransferTeller(display: display) : nil
    let progress = RunProgress(
      display: display, duration: options.plan.duration, snapshots: snapshots, transfers: transfers
    ) { start in
      var manifest = manifest
      manifest.startTimeNs = start
      try? manifest.write(to: directory)
    }
    defer { display.wipe() }
    do throws(WallRunFailure) {
      var wallOptions = WallRunOptions(
        runtime: options.runtime == .threads ? .threads : .processes, directory: directory,
        hasJournals: options.hasJournals, continuesOnFailure: options.continuesOnFailure,
        firstPort: options.firstPort, executablePath: ThisProcess.executablePath)
      wallOptions.readsCommands = true
      wallOptions.tellsTransfers = options.isVerbose
      wallOptions.makeGuest = GuestChoice.makeGuest
      wallOptions.firstGuestEndpoint = options.firstServed
      let supervisor = try Supervisor(
        plan: options.plan, options: wallOptions, interrupts: interrupts,
        observer: progress)
      let wall = supervisor.run()
      transfers?.finish()
      var outcome = outcome(wall)
      if let remark = snapshots.remark { outcome.remarks.append(remark) }
      return outcome
    } catch {
      return outcome(.neverStarted(error, machineCount: options.plan.machineCount))
    }
  }

  private func outcome(_ wall: WallRunOutcome) -> RunOutcome {
    let elapsed = wall.startTime.map { SystemClock.epochNanoseconds - $0 } ?? 0
    var outcome = RunOutcome(
      status: .finished, startTime: wall.startTime,
      reachedNanoseconds: max(0, min(elapsed, options.plan.duration.nanoseconds)),
      machines: options.plan.topology.machineIDs.map { end(of: $0, wall) },
      kinds: wall.progress.map { progress in
        progress.map { .init(sends: $0.sends, receives: $0.receives) }
      }, snapshots: wall.snapshots)
    switch wall.ending {
    case .finished:
      if !wall.deaths.isEmpty {
        outcome.reason = wall.deaths.map { "\($0)" }.joined(separator: "; ")
      }
    case .interrupted(let signal):
      outcome.interrupt(by: signal)
    case .failed(let failure):
      outcome.status = .failed
      outcome.reason = "\(failure)"
      outcome.failure = ToolFailure(exitCode(of: failure), "\(failure)")
    }
    return outcome
  }

  /// How far a machine came, by its last word; for one that died without any its journal speaks.
  private func end(of id: MachineID, _ wall: WallRunOutcome) -> Manifest.MachineEnd {
    let rate = options.plan.rates[id.index]
    if let progress = wall.progress[id.index] {
      return Manifest.MachineEnd(
        id: id, rateHz: rate, ticks: progress.ticks, finalClock: progress.clock,
        finalQueueLength: progress.queueLength, finalBalance: progress.balance,
        moneyByHand: progress.moneyByHand)
    }
    // Zeros when there is no journal to count: it died before its first line, or keeps none.
    let balance = options.plan.workload.startBalance
    let counted = try? Manifest.MachineEnd(
      id: id, rateHz: rate, startBalance: balance, countedFrom: directory.journalPath(of: id))
    return counted
      ?? Manifest.MachineEnd(
        id: id, rateHz: rate, ticks: 0, finalClock: 0, finalQueueLength: 0, finalBalance: balance)
  }

  private func exitCode(of failure: WallRunFailure) -> ExitCode {
    guard case .machineDied(let death) = failure, case .failed(let cause) = death.cause else {
      if case .snapshotNotWritten = failure { return .inputOutput }
      return .failed
    }
    switch cause {
    case .portInUse, .unreachable: return .unavailable
    case .journalNotCreated: return .cannotCreate
    case .journalNotWritten: return .inputOutput
    case .peerTooSlow, .inboxFull, .system: return .failed
    }
  }
}
