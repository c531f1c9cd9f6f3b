import LogicalTime
import ScaleModel

/// A run on several hosts: what the supervisors tell each other, and what follows from it.
extension RunLifecycle {
  /// Whether a machine is a foreign program, which speaks gRPC.
  package func isForeign(_ id: MachineID) -> Bool {
    hosts?.role.foreign.machines.contains(id) == true
  }

  /// Whether this host gathers the snapshots that a machine begins: it runs here, or it is foreign
  /// and this host leads.
  package func gathersSnapshots(of id: MachineID) -> Bool {
    if let onlyInitiator { return id == onlyInitiator && !isElsewhere(id) }
    return !isElsewhere(id) || isForeign(id) && hosts?.role.leads == true
  }

  /// Tells the other hosts that this one ends the run early, and why.
  mutating func tellOtherHosts(of ending: WallRunEnding) {
    guard let hosts else { return }
    switch ending {
    case .finished, .held: break
    case .interrupted:
      effects.append(.tell(.interrupted(at: hosts.role.machine), hosts.others))
    case .interruptedElsewhere(let machine):
      effects.append(.tell(.interrupted(at: machine), hosts.others))
    case .failed(let failure): effects.append(.tell(.failed(reason: "\(failure)"), hosts.others))
    }
  }

  /// On the leading host, measures how long messages take and then starts all hosts.
  mutating func agreeOnStart() {
    guard let hosts, hosts.role.leads, hosts.agreement == nil else { return }
    var agreement = StartAgreement(with: hosts.others)
    let effects = agreement.begin(now: now.monotonic)
    self.hosts?.agreement = agreement
    carryOut(effects)
  }

  private mutating func carryOut(_ agreementEffects: [StartAgreement.Effect]) {
    for effect in agreementEffects {
      switch effect {
      case .ask(let id, let number): effects.append(.tell(.ask(number), [id]))
      case .begin: beginEverywhere()
      }
    }
  }

  private mutating func beginEverywhere() {
    if goBackEverywhere() { return }
    guard let hosts, let agreement = hosts.agreement else { return }
    let lead = agreement.lead
    let instant = now + lead
    for id in hosts.others {
      let wait = agreement.wait(of: id, lead: lead)
      effects.append(.tell(.begin(after: wait, instant.system), [id]))
    }
    beginHere(at: instant)
  }

  /// Starts the machine of this host, in the first epoch or in another.
  private mutating func beginHere(at instant: Moment) {
    if hosts?.given == nil { begin(at: instant) } else { resume(at: instant) }
  }

  /// Why the run did not begin in time.
  func notAssembled(_ missing: [MachineID]) -> WallRunFailure {
    .notAssembled(
      missing: missing, reasons: hosts?.reasons(of: missing) ?? [],
      timeout: hosts?.role.startTimeout ?? .seconds(0))
  }

  /// Applies a message from the supervisor of another machine.
  ///
  /// Before the start, a message that ends a run is ignored: a host that left may come back.
  mutating func receive(_ message: SupervisorMessage, from id: MachineID) {
    guard let own = hosts?.role.machine else { return }
    switch message {
    case .ask(let number):
      // A machine that ends, to go back, must not be counted among those that are there.
      if plan.restartCountMax != nil, phase != .linking { return }
      effects.append(.tell(.answer(number), [id]))
    case .answer(let number):
      carryOut(hosts?.agreement?.answered(by: id, number: number, now: now.monotonic) ?? [])
    case .begin(let after, let instant):
      // Only the leader starts the run, once, and at most an hour ahead.
      guard phase == .linking, id == hosts?.role.foreign.leader else { return }
      beginHere(
        at: Moment(
          monotonic: now.monotonic + min(after, .seconds(3600)),
          system: SystemInstant(nanoseconds: min(max(instant.nanoseconds, 0), 1 << 62))))
    case .stands(let epoch, let start):
      if phase == .linking { hosts?.told(by: id, HostStanding(epoch: epoch, start: start)) }
    case .goBack(let epoch, let start, let elapsed, let part):
      hearGoBack(epoch: epoch, start: start, elapsed: elapsed, part, from: id)
    case .died(let machine, let reason):
      guard plan.restartCountMax != nil, phase == .running,
        members.indices.contains(machine.index)
      else { return }
      die(machine, .lost(reason: reason))
    case .snapshotOver(let snapshot, let isComplete):
      guard id == onlyInitiator, !isGone(own) else { return }
      effects.append(.send(.endSnapshot(snapshot, isComplete: isComplete), to: own))
    case .requestSnapshot where onlyInitiator == own:
      // One that is under way may be too early for what is asked.
      machineWithAnswers = own
      coverAnswers()
    case .requestSnapshot:
      if phase == .running, case .refused(let reason) = beginSnapshot(by: own) {
        refuse("for machine \(id)'s host", because: reason)
      }
    case .abortSnapshot(let snapshot, let cause):
      if !isGone(own) { effects.append(.send(.abortSnapshot(snapshot, cause), to: own)) }
    // No foreign machine runs here.
    case .beginSnapshot: break
    case .interrupted(let origin):
      guard phase == .running, members.indices.contains(origin.index) else { return }
      stop(.interruptedElsewhere(by: origin))
    case .failed(let reason):
      if phase == .running { die(id, .leftBecause(reason: reason)) }
    }
  }

  /// Applies the loss of the link to a machine on another host.
  ///
  /// Before the start its host may come back; afterwards it may not: what it missed is not kept.
  mutating func lose(_ id: MachineID, reason: String) {
    if isGone(id) { return }
    switch phase {
    // What our machine has gone back to is already in it, and the next epoch may have another.
    case .linking where hosts?.given != nil: die(id, .lost(reason: reason))
    case .linking:
      members[id.index].isLinked = false
      members[id.index].failure = nil
      hosts?.lost(id)
      warn("machine \(id) has left before the start; waiting for it to come back")
    case .running:
      die(id, members[id.index].failure.map { .failed($0) } ?? .lost(reason: reason))
    case .recovering, .stopping:
      members[id.index].isGone = true
      members[id.index].isDead = true
    }
  }

  /// Warns of a connection that a machine has refused, unless it is no stranger's.
  mutating func warnOfStranger(
    from origin: String, refusedBy id: MachineID, because reason: String
  ) {
    // While the run stops, machines that are still linking see their peers leave: no strangers.
    if case .stopping = phase { return }
    if hosts?.refused(origin: origin, reason: reason) == false { return }
    let what = plan.promises.transport == .udp ? "datagram" : "connection"
    warn("machine \(id) refused a \(what) from \(origin): \(reason)")
  }
}
