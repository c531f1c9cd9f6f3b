import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import WallTime

/// Carries out a plan in wall time: in threads or in processes.
struct WallExecution {
  let display: RunDisplay
  let plan: RunPlan
  let options: WallRunOptions
  /// Yields a byte for each Ctrl-C.
  let interrupts: Descriptor
  /// The run that this one goes on from; nil for a run from the start.
  var ancestor: RunAncestor?
  /// The snapshots that this host had taken before it came back to its run.
  var earlier: [SnapshotID] = []
  /// Called when the machines begin, and when they have gone back.
  let onStart: RunBeginning

  /// Runs the machines to their end.
  func run() -> RunOutcome {
    let snapshots = SnapshotPrinter(display: display, plan: plan)
    let events = options.tellsEvents ? EventTeller(display: display, plan: plan) : nil
    let progress = RunProgress(
      display: display, duration: plan.duration, snapshots: snapshots, events: events,
      restarts: ancestor?.restarts ?? options.earlierRestarts, onStart: onStart)
    defer { display.wipe() }
    do throws(WallRunFailure) {
      let supervisor = try Supervisor(
        plan: plan, options: options, interrupts: interrupts, observer: progress)
      let wall = supervisor.run()
      events?.finish()
      for remark in wall.remarks { display.conclude(remark) }
      var outcome = outcome(wall, after: progress.restarts)
      if let remark = snapshots.remark { outcome.remarks.append(remark) }
      return outcome
    } catch {
      return outcome(.neverStarted(error, machineCount: plan.machineCount))
    }
  }

  /// Runs the machines to their end, once a viewer says that they begin.
  func run(startedBy viewers: FollowedRun) -> RunOutcome {
    guard !viewers.waitForStart(or: interrupts) else { return run() }
    let nothing = WallRunOutcome.neverStarted(
      .notStarted(reason: "no viewer began it"), machineCount: plan.machineCount)
    var outcome = outcome(nothing)
    (outcome.status, outcome.failure) = (.finished, nil)
    outcome.interrupt(by: ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT)
    return outcome
  }

  /// The machines that the outcome covers: those that ran here.
  private var machines: [MachineID] {
    options.cluster.map { [$0.machine] } ?? Array(plan.topology.machineIDs)
  }

  private func outcome(
    _ wall: WallRunOutcome, after restarts: [Manifest.Restart] = []
  ) -> RunOutcome {
    var outcome = RunOutcome(
      status: .finished, startTime: wall.startTime?.nanoseconds,
      reached: RunTime(min(wall.elapsed, plan.duration)),
      machines: machines.map { end(of: $0, wall, without: restarts) },
      kinds: machines.map { id in
        // A machine counts only what it has done since it was started.
        restarts.isEmpty
          ? wall.progress[id.index].map { .init(sends: $0.sends, receives: $0.receives) } : nil
      },
      snapshots: (ancestor.map { $0.earlier + [$0.snapshot.id] } ?? earlier) + wall.snapshots)
    outcome.interventions =
      wall.acts.isEmpty
      ? nil
      : wall.acts.map { act in
        "at \(act.time) \(act.words)"
      }
    outcome.takeRestarts(restarts)
    outcome.deaths = (wall.startTime == nil ? [] : wall.deaths).compactMap { death in
      death.systemTime.map {
        Manifest.Death(machine: death.machine, timeNs: $0.nanoseconds, cause: "\(death.cause)")
      }
    }
    switch wall.ending {
    case .finished:
      if !wall.deaths.isEmpty {
        outcome.reason = wall.deaths.map { "\($0)" }.joined(separator: "; ")
      }
      outcome.missed(options.condition)
    case .held(let id): outcome.held(options.condition, in: id)
    case .interrupted(let signal):
      outcome.interrupt(by: signal)
    case .interruptedElsewhere(let machine):
      outcome.status = .interrupted
      outcome.reason = "ended early by Ctrl-C on machine \(machine)'s host"
    case .failed(let failure):
      outcome.status = .failed
      outcome.reason = "\(failure)"
      outcome.failure = ToolFailure(exitCode(of: failure), "\(failure)")
    }
    return outcome
  }

  /// A machine's end, from its last report; from its journal when it died without any, or when
  /// machines have gone back: one that has had no event since does not know its last queue length.
  private func end(
    of id: MachineID, _ wall: WallRunOutcome, without restarts: [Manifest.Restart]
  ) -> Manifest.MachineEnd {
    let rate = plan.rates[id.index]
    let (start, names) = (plan.startValues(of: id), plan.workload.fields)
    let progress = wall.progress[id.index]
    if restarts.isEmpty, let progress { return end(of: id, progress) }
    let counted = try? Manifest.MachineEnd(
      id: id, rateHz: rate, start: start, names: names,
      countedFrom: options.directory.journalPath(of: id),
      without: restarts.compactMap { $0.undoneLines(of: id) })
    // Zeros when there is no journal to count: it died before its first line, or keeps none.
    return counted ?? progress.map { end(of: id, $0) }
      ?? Manifest.MachineEnd(
        id: id, rateHz: rate, ticks: 0, finalClock: 0, finalQueueLength: 0,
        fields: NamedValues(finals: start, of: names))
  }

  private func end(of id: MachineID, _ progress: MachineProgress) -> Manifest.MachineEnd {
    Manifest.MachineEnd(
      id: id, rateHz: plan.rates[id.index], ticks: progress.ticks, finalClock: progress.clock,
      finalQueueLength: progress.queueLength,
      fields: NamedValues(finals: progress.values, of: plan.workload.fields))
  }

  private func exitCode(of failure: WallRunFailure) -> ExitCode {
    let death: MachineDeath? =
      switch failure {
      case .machineDied(let death), .diedAgain(let death, _): death
      default: nil
      }
    guard case .failed(let cause)? = death?.cause else {
      switch failure {
      case .fileNotWritten, .directoryGone: return .inputOutput
      case .notAssembled: return .unavailable
      default: return .failed
      }
    }
    switch cause {
    case .portInUse, .addressTaken, .addressElsewhere, .unreachable: return .unavailable
    case .journalNotCreated: return .cannotCreate
    case .journalNotWritten: return .inputOutput
    case .peerTooSlow, .messageTooLong, .reportsNotTaken, .commandsNotTaken, .tooManyWaiting,
      .workload, .system:
      return .failed
    }
  }
}
