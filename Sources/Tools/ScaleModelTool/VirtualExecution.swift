import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import VirtualTime

/// Carries out a plan in virtual time.
struct VirtualExecution {
  let display: RunDisplay
  var options: RunOptions
  let hold: RunHold
  /// Yields a byte for each Ctrl-C.
  let interrupts: Descriptor
  /// Called when the machines have gone back; nil when nothing is written down.
  var onStart: RunBeginning?

  private var directory: RunDirectory { hold.directory }

  /// Runs the simulation to its end, twice to check determinism.
  func run() throws -> RunOutcome {
    defer { display.wipe() }
    if let schedule = options.schedule { return try carryOut(schedule) }
    let snapshots = SnapshotPrinter(display: display, plan: options.plan)
    let events = options.isVerbose ? EventTeller(display: display, plan: options.plan) : nil
    try options.ancestor?.copySnapshots(to: directory)
    let first = try carryOut(
      in: directory, interrupts: interrupts, snapshots: snapshots, events: events)
    events?.finish()
    tellOfFewerThreads(first)
    for refusal in first.refusedInstructions { display.warn(refusal) }
    for entry in first.refusedSnapshots {
      display.warn("no snapshot at \(entry.time): \(entry.reason)")
    }
    var outcome = outcome(first)
    outcome.interventions = options.interventions
    if let remark = snapshots.remark { outcome.remarks.append(remark) }
    if options.checksDeterminism, first.reachedItsEnd {
      if try hasCompared(first, interrupts: interrupts) {
        outcome.remarks.append("a second run was the same to the byte")
      } else if outcome.failure == nil {
        outcome.failure = ToolFailure(
          .interrupted, "the second run was ended early, so nothing was compared")
      }
    }
    return outcome
  }

  func carryOut(
    in directory: RunDirectory, interrupts: Descriptor, snapshots: SnapshotPrinter? = nil,
    events: EventTeller? = nil, player: VirtualPlayer? = nil
  ) throws -> VirtualRun.Outcome {
    let progress = VirtualProgress(display: display, duration: options.plan.duration)
    var run = try options.virtualRun
    run.isWatched = player != nil
    var snapshotFailure: SystemError?
    if let onStart, options.plan.restartCountMax != nil, options.hasJournals {
      run.restartRecord = RestartRecord { restarts throws(SystemError) in
        // The manifest names no snapshot without a file, nor in a directory that is another's.
        if let snapshotFailure { throw snapshotFailure }
        if hold.isInPlace { try onStart(0, restarts) }
      }
    }
    do throws(SystemError) {
      let outcome = try run.carryOut(
        journalsIn: options.hasJournals ? directory : nil,
        step: { reached in
          progress.reached(reached.reached, waitingCount: reached.waitingCount)
          guard snapshotFailure == nil, hold.isInPlace else { return .end }
          if let player { return player.next(reached) }
          return interrupts.waitUntilReadable(milliseconds: 0) ? .end : .goOn
        },
        takeSnapshot: { snapshot in
          snapshots?.took(snapshot)
          player?.took(snapshot)
          // Nothing is written into a directory that has replaced the run's.
          guard hold.isInPlace else { return }
          do throws(SystemError) {
            try snapshot.write(to: directory)
          } catch {
            snapshotFailure = error
          }
        }, tell: events.map { events in { events.tell($0) } })
      if let snapshotFailure { throw snapshotFailure }
      return outcome
    } catch {
      throw ToolFailure(
        ExitCode(ofRefusedOutput: error),
        "cannot write '\(error.subject)': \(error.reason); make room, choose another "
          + "directory with --output, or leave the journals out with --journal off")
    }
  }

  func outcome(_ virtual: VirtualRun.Outcome) -> RunOutcome {
    let summary = virtual.summary
    var outcome = RunOutcome(
      status: .finished, startTime: 0, reached: summary.reached,
      machines: zip(options.plan.topology.machineIDs, summary.machines).map { id, end in
        Manifest.MachineEnd(
          id: id, rateHz: options.plan.rates[id.index], ticks: end.tickCount, finalClock: end.clock,
          finalQueueLength: finalQueueLength(of: id, end, virtual.restarts),
          fields: NamedValues(finals: end.values, of: options.plan.workload.fields))
      }, kinds: virtual.kinds ?? summary.machines.map { _ in nil },
      snapshots: (options.origin?.allIDs ?? []) + virtual.snapshotIDs,
      digest: summary.digest)
    outcome.remarks = remarks(on: summary)
    outcome.takeRestarts(virtual.restarts)
    outcome.deaths =
      deaths(after: virtual.restarts, upTo: summary.reached)
      + virtual.failures.map {
        Manifest.Death(machine: $0.machine, timeNs: $0.time.nanoseconds, cause: $0.cause)
      }
    outcome.faultEffects = zip(summary.faults, zip(options.plan.faults, options.faultWords)).map {
      counts, planned in counts.effect(of: planned.0, words: planned.1)
    }
    outcome.remarks += Self.remarks(on: outcome.faultEffects)
    switch virtual.ending {
    case .finished:
      warnOfIdlePartitions(outcome.faultEffects)
      outcome.missed(options.condition)
    case .held(let id): outcome.held(options.condition, in: id)
    case .interrupted:
      outcome.interrupt(by: ThisProcess.nextInterrupt(from: interrupts) ?? SIGINT)
    case .failed(let reason):
      outcome.status = .failed
      outcome.reason = reason
      outcome.failure = ToolFailure(.failed, reason)
    }
    return outcome
  }

  /// What the run's counts say, each in a clause.
  private func remarks(on summary: SimulationSummary) -> [String] {
    let ticks = counted(summary.tickCount, "tick")
    var remarks = [
      options.origin.map { "\(ticks); from snapshot \($0.snapshot.id)" }
        ?? "\(ticks), \(counted(summary.sentCount, "message"))"
    ]
    if !options.plan.promises.isExactlyOnce {
      remarks.append(
        "channels lost \(counted(summary.lostOnChannels, "message")) and doubled "
          + "\(summary.doubledOnChannels)")
    }
    if summary.machineByteCount + summary.messageByteCount >= Self.notableByteCount {
      remarks.append(
        "memory: \(Self.size(summary.machineByteCount)) of machines, "
          + "\(Self.size(summary.messageByteCount)) of waiting messages")
    }
    return remarks
  }

  /// Reports why the run took fewer threads than it should.
  private func tellOfFewerThreads(_ outcome: VirtualRun.Outcome) {
    guard outcome.threadCount < options.jobCount else { return }
    let reason = outcome.reasonForOneThread ?? "the system has no more"
    let line = "\(counted(outcome.threadCount, "thread")) instead of \(options.jobCount): \(reason)"
    if options.asksForJobs { display.warn(line) } else { display.note(line) }
  }

  /// The queue length after a machine's last event.
  ///
  /// A machine that has gone back and has had no event since does not know it; its journal does.
  private func finalQueueLength(
    of id: MachineID, _ end: SimulationSummary.MachineEnd, _ restarts: [Manifest.Restart]
  ) -> Int {
    guard !restarts.isEmpty, options.hasJournals,
      let counted = try? Manifest.MachineEnd(
        id: id, rateHz: options.plan.rates[id.index], names: options.plan.workload.fields,
        countedFrom: directory.journalPath(of: id),
        without: restarts.compactMap { $0.undoneLines(of: id) })
    else { return end.queueLengthAtLastEvent }
    return counted.finalQueueLength
  }

  /// From this size on, the summary reports a run's memory.
  private static let notableByteCount = 10_000_000

  /// The machines that the plan has killed by then, each once, besides those that went back.
  private func deaths(
    after restarts: [Manifest.Restart], upTo end: RunTime
  ) -> [Manifest.Death] {
    var deaths: [Manifest.Death] = []
    let causes = Set(restarts.map(\.cause))
    for fault in options.plan.faults.sorted(by: { $0.start < $1.start })
    where !causes.contains("killed by \(fault.option)") {
      guard case .kill(let machine, let time) = fault, RunTime(time) <= end,
        !deaths.contains(where: { $0.machine == machine })
      else { continue }
      deaths.append(
        Manifest.Death(
          machine: machine, timeNs: time.nanoseconds, cause: "killed by --kill \(time)@\(machine)"))
    }
    return deaths
  }

  /// The most faults in the summary; a line counts the others.
  private static let faultCountMax = 20

  private static func remarks(on effects: [Manifest.FaultEffect]) -> [String] {
    let hidden = effects.count - faultCountMax
    return effects.prefix(faultCountMax).map { "\($0)" }
      + (hidden > 0 ? ["… and \(counted(hidden, "fault")) more: see run.json"] : [])
  }

  /// Warns of partitions that held nothing although they could have.
  ///
  /// The tool warned about those that cannot before the run.
  private func warnOfIdlePartitions(_ effects: [Manifest.FaultEffect]) {
    for (index, effect) in effects.enumerated() where effect.isNothing {
      guard case .partition = options.plan.faults[index],
        options.plan.reasonForNoEffect(
          ofFault: index, continuesOnFailure: options.continuesOnFailure) == nil
      else { continue }
      display.warn("\(effect.fault) had no effect: no message was to arrive across it")
    }
  }

  private static func size(_ byteCount: Int) -> String {
    switch byteCount {
    case ..<10_000: "\(byteCount) bytes"
    case ..<10_000_000: "\(byteCount / 1000) kB"
    default: "\(byteCount / 1_000_000) MB"
    }
  }

  // MARK: Determinism

  /// Runs the plan again beside the first run, and compares states, journals and snapshots.
  ///
  /// - Returns: False when the second run was ended early, so that nothing was compared.
  /// - Throws: `ToolFailure` with what differs.
  private func hasCompared(_ first: VirtualRun.Outcome, interrupts: Descriptor) throws -> Bool {
    let path = directory.path + "/again.partial"
    defer { try? FileSystem.removeTree(path) }
    try FileSystem.removeTree(path)
    try FileSystem.makeSubdirectory(path)
    let again = RunDirectory(path: path)
    var repetition = self
    repetition.onStart = nil
    let second = try repetition.carryOut(in: again, interrupts: interrupts)
    if second.ending == .interrupted { return false }
    var difference = first.summary == second.summary ? nil : "the final states differ"
    if case .failed(let reason) = second.ending { difference = "the second failed: \(reason)" }
    if options.hasJournals {
      for id in options.plan.topology.machineIDs where difference == nil {
        difference = try compare(directory.journalPath(of: id), again.journalPath(of: id))
      }
    }
    for id in first.snapshotIDs where difference == nil {
      difference = try compare(directory.snapshotPath(of: id), again.snapshotPath(of: id))
    }
    if let difference {
      throw ToolFailure(.failed, "two runs of the same plan and seed differ: \(difference)")
    }
    return true
  }

  private func compare(_ one: String, _ other: String) throws -> String? {
    let (first, second) = (try MappedFile(one), try MappedFile(other))
    let isSame = first.bytes.count == second.bytes.count && first.bytes.elementsEqual(second.bytes)
    return isSame ? nil : "'\(one)' is not the same twice"
  }
}

extension VirtualRun.Outcome {
  /// Whether the run went on to its planned end, or until its condition held.
  fileprivate var reachedItsEnd: Bool {
    switch ending {
    case .finished, .held: true
    case .interrupted, .failed: false
    }
  }
}

extension RunOptions {
  /// The simulation that they ask for.
  fileprivate var virtualRun: VirtualRun {
    get throws {
      var run = VirtualRun(
        plan: plan, snapshots: plan.snapshots, endsWithFirstDeath: !continuesOnFailure)
      (run.condition, run.origin, run.threadCount) = (condition, origin, jobCount)
      run.workload = try WorkloadOptions.workload(of: plan)
      if let memory { run.waitingCountMax = memory.waitingCountMax(run.waitingCountMax) }
      return run
    }
  }
}
