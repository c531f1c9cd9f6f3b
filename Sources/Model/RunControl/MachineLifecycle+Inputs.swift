import LogicalTime
import ScaleModel
import Snapshots

extension MachineLifecycle {
  /// What happened, other than ticks and arrivals.
  package enum Input {
    /// The machine begins to dial its peers.
    case connecting
    /// The supervisor's command.
    case command(SupervisorCommand)
    /// A client takes its request back.
    case cancelled(number: UInt64)
    /// The supervisor is gone.
    case abandoned
    /// The machine has a link to a peer.
    case linked(to: MachineID)
    /// The link to a peer has ended.
    case lostLink(to: MachineID, reason: String)
    /// A peer sent a message that does not belong to this run; its link stays.
    case malformed(from: MachineID)
    /// The machine refused a connection from a program that is no peer.
    case refused(origin: String, reason: String)
    /// The journal, a link, the supervisor or a system call failed.
    case failed(MachineFailure)
  }

  /// What the owner does, besides what goes into the sink.
  package enum Effect: Hashable {
    /// Report to the machine's own supervisor.
    case report(MachineReport)
    /// Report to the supervisors of these machines, which run on other hosts.
    case pass(MachineReport, to: [MachineID])
    /// Report the events since the last report.
    case reportEvents
    /// Report that the channel from a peer is closed, because a message on it was malformed.
    case reportMalformed(from: MachineID)
    /// Report that a marker has arrived from a peer; only while a viewer watches.
    case reportMarker(SnapshotID, from: MachineID)
  }

  /// Applies an input; once the machine's life is over, inputs change nothing.
  ///
  /// - Returns: What the owner does, in order.
  package mutating func handle(
    _ input: Input, at now: MonotonicInstant, into sink: inout Sink
  ) -> [Effect] {
    if hasEnded { return takeEffects() }
    switch input {
    case .connecting: reportIfLinked()
    case .command(let command): carryOut(command, at: now, into: &sink)
    case .cancelled(let number): instructions.cancel(number)
    case .abandoned: phase = .ended
    case .linked(let peer):
      missingPeers.removeAll { $0 == peer }
      reportIfLinked()
    case .lostLink(let peer, let reason):
      missingPeers = Set(missingPeers + [peer]).sorted()
      lose(peer, reason: reason, at: now, into: &sink)
    case .malformed(let peer): loseMalformed(peer, at: now, into: &sink)
    case .refused(let origin, let reason):
      refusedCount += 1
      if refusedCount <= Self.refusedReportMax {
        effects.append(.report(.refused(origin: origin, reason: reason)))
      }
    case .failed(let failure): fail(failure)
    }
    return takeEffects()
  }

  private mutating func carryOut(
    _ command: SupervisorCommand, at now: MonotonicInstant, into sink: inout Sink
  ) {
    switch command {
    case .start(let start): begin(at: start, now: now, into: &sink)
    // Whoever has the progress has had the events before it.
    case .report: effects += [.reportEvents, .report(.progress(sink.progress))]
    case .beginSnapshot(let id): beginSnapshot(id, at: now, into: &sink)
    case .recordSnapshot(let id):
      sink.systemTime = systemTime(at: now)
      machine.recordWhenAsked(id, into: &sink)
    case .endSnapshot(let id, let isComplete):
      machine.endSnapshot(id, isComplete: isComplete)
      sink.ended(id, isComplete: isComplete)
    case .abortSnapshot(let id, let cause):
      machine.abortSnapshot(id, because: cause, into: &sink)
    case .request(let request, let number, let deadline):
      instructions.receive(request, number: number, deadline: deadline, on: machine, into: &sink)
      if hasCarriedOutAllTicks { instructions.endRun(into: &sink) }
    case .hold(let isHeld): setHeld(isHeld)
    case .watch(let isWatched): self.isWatched = isWatched
    case .cut(let source, let isCut): delayLine.setCut(isCut, from: source)
    case .stop: stop(into: &sink)
    }
  }

  /// Begins a snapshot; one that the machine has begun before changes nothing.
  ///
  /// It is the command `beginSnapshot` as a call that is inlinable: all peers wait for the markers.
  @inlinable
  package mutating func beginSnapshot(
    _ id: SnapshotID, at now: MonotonicInstant, into sink: inout Sink
  ) {
    guard !hasEnded, id.number > machine.begunSnapshotCount else { return }
    sink.systemTime = systemTime(at: now)
    // Numbers it so even if an earlier command was lost, where markers make snapshots.
    machine.goOn(afterSnapshots: id.number - 1)
    machine.beginSnapshot(into: &sink)
    alertness.stir(at: now)
  }

  private mutating func setHeld(_ isHeld: Bool) {
    switch phase {
    case .running(let pacer) where isHeld: phase = .held(pacer)
    case .held(let pacer) where !isHeld: phase = .running(pacer)
    default: break
    }
  }

  /// Removes and returns the effects of earlier steps and arrivals.
  package mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  /// Reports what the sink kept back until the journal lines it depends on were written.
  ///
  /// - Returns: Which supervisors to report to.
  package mutating func tellWritten(_ report: MachineReport) -> [Effect] {
    tell(report)
    return takeEffects()
  }

  /// Begins in another epoch of the run, before there is any link.
  ///
  /// What was in transit to the machine is ahead of all that its peers will send.
  ///
  /// - Returns: Whether it can; if not, its part is none of a machine of this plan.
  package mutating func restore(
    _ restored: RestoredMachine, _ fields: WorkloadFields<Sink.Work>, at now: MonotonicInstant,
    into sink: inout Sink
  ) -> Bool {
    machine.goOn(afterSnapshots: restored.begunCount)
    runStart = restored.start
    // A marker may come from a machine that has begun, before this one has.
    systemTimeOffset = restored.start.system.nanoseconds - restored.start.monotonic.nanoseconds
    sink.begin(at: restored.start.system)
    delayLine.beginEpoch(restored.epoch, ofRunAt: restored.start.monotonic)
    guard let part = restored.part else { return true }
    var stateThen = part.state
    // Chance that was not recorded goes on from a new stream.
    let seed = SplitMix64.mixed(plan.seed ^ SplitMix64.mixed(part.id.word))
    stateThen.random =
      stateThen.random
      ?? Chance(SplitMix64(seed: seed, purpose: .ticks, index: UInt64(machine.id.number))).state
    let recorded = part.channels.flatMap(\.messages)
    let messages = recorded.compactMap { $0.message(fields) }
    guard messages.count == recorded.count, let state = stateThen.state(fields),
      machine.restore(state, begunSnapshotCount: restored.begunCount)
    else { return false }
    for message in state.inbox { _ = sink.admit(message, besides: machine.workload) }
    sink.restored(machine)
    for message in messages { arrive(message, at: now, into: &sink) }
    return true
  }

  // MARK: From phase to phase

  private mutating func reportIfLinked() {
    if missingPeers.isEmpty { tell(.linked) }
  }

  private mutating func begin(at start: Moment, now: MonotonicInstant, into sink: inout Sink) {
    guard isLinking else { return }
    let runStart = runStart ?? start
    systemTimeOffset = start.system.nanoseconds - start.monotonic.nanoseconds
    delayLine.begin(at: runStart.monotonic)
    sink.begin(at: runStart.system)
    // An epoch's ticks count from its own start, and the run ends when it would have.
    var rest = plan
    rest.duration = (runStart.monotonic + plan.duration).since(start.monotonic)
    phase = .running(Pacer(start: start.monotonic, plan: rest, machine: machine.id))
    for peer in missingPeers {
      lose(peer, reason: "there was no link at the start", at: now, into: &sink)
    }
  }

  /// Reports that all ticks are done.
  @usableFromInline
  mutating func finish(_ sink: Sink) {
    phase = .resting
    effects.append(.reportEvents)
    tell(.finished(sink.progress))
  }

  private mutating func stop(into sink: inout Sink) {
    instructions.endRun(into: &sink)
    sink.endAnswers()
    if case .resting = phase {
    } else {
      effects += [.reportEvents, .report(.finished(sink.progress))]
    }
    phase = .ended
  }

  /// Ends the machine's life; only the first failure is reported.
  mutating func fail(_ failure: MachineFailure) {
    if hasEnded { return }
    tell(.failed(failure))
    phase = .ended
  }

  // MARK: Links

  private mutating func lose(
    _ peer: MachineID, reason: String, at now: MonotonicInstant, into sink: inout Sink
  ) {
    close(peer, at: now, into: &sink)
    effects.append(.report(.lostLink(peer: peer, reason: reason)))
  }

  @usableFromInline
  mutating func reportMarker(_ id: SnapshotID, from peer: MachineID) {
    effects.append(.reportMarker(id, from: peer))
  }

  @usableFromInline
  mutating func loseMalformed(_ peer: MachineID, at now: MonotonicInstant, into sink: inout Sink) {
    close(peer, at: now, into: &sink)
    effects.append(.reportMalformed(from: peer))
  }

  private mutating func close(_ peer: MachineID, at now: MonotonicInstant, into sink: inout Sink) {
    // Before the start, a peer on another host may come back, and its channel with it.
    if isLinking, role != nil { return }
    if let neighbour = sink.neighbour(peer) { machine.closeChannel(to: neighbour) }
    // What the peer sent before still arrives; its channel closes behind it.
    hold(.end, from: peer, isMessage: false, at: now, into: &sink)
  }

  // MARK: Reports

  /// Sends a report to the supervisors that it concerns.
  private mutating func tell(_ report: MachineReport) {
    guard let role else { return effects.append(.report(report)) }
    switch report.audience {
    case .own: effects.append(.report(report))
    case .supervisor(let initiator):
      let gatherer = role.foreign.gatherer(of: initiator)
      effects.append(gatherer == role.machine ? .report(report) : .pass(report, to: [gatherer]))
    case .all:
      let others = plan.topology.machineIDs.filter { $0 != role.machine }
      effects += [.report(report), .pass(report, to: others)]
    }
  }
}
