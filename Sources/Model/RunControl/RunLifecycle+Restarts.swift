import LogicalTime
import ScaleModel
import Snapshots

/// How a run goes back to the last complete snapshot after a death.
///
/// Every machine ends, the living as well, and all are started anew in another epoch. So nothing is
/// left of the old one that could reach the new one: no message, no timer, and no machine that was
/// only paused.
extension RunLifecycle {
  /// Whether all machines have ended, so that they can be started anew.
  package var canStartAgain: Bool {
    if case .recovering = phase {
      members.allSatisfy { $0.isGone || !$0.isHere }
    } else {
      false
    }
  }

  /// What a machine is started with; nil in the first epoch.
  package func restored(_ id: MachineID) -> RestoredMachine? {
    // The leader of several hosts says it once all are linked.
    guard hosts == nil, epoch > 0, let start else { return nil }
    return RestoredMachine(
      epoch: epoch, start: start, begunCount: tracker.begunCount(of: id),
      part: restorePoint?[id.index])
  }

  /// Makes all machines end so that they can go back, if the run's plan and the death allow it.
  ///
  /// - Returns: Whether the death is dealt with.
  mutating func goesBack(after death: MachineDeath) -> Bool {
    if case .recovering = phase {
      restart?.deaths.append(death)
      return true
    }
    guard let most = plan.restartCountMax,
      phase == .running || (hosts == nil ? epoch > 0 : hosts?.given != nil)
    else { return false }
    switch death.cause {
    case .failed(let failure) where failure.isLasting: return false
    case .leftBecause: return false
    default: break
    }
    let count = Int(epoch) - (hosts == nil ? resumption.map { Int($0.epoch) + 1 } ?? 0 : 0)
    guard count < most else {
      deaths.append(death)
      stop(.failed(.diedAgain(death, restartCount: count)))
      return true
    }
    let target = restorePoint?.first.map { "snapshot \($0.id)" } ?? "the start"
    if let hosts {
      let wait = hosts.role.startTimeout
      warn("\(death); all machines go back once all are there again, \(wait) at most")
      effects.append(.tell(.died(death.machine, reason: "\(death.cause)"), hosts.others))
    } else {
      warn("\(death); all machines go back to \(target)")
    }
    (lostLinks, machineWithAnswers) = ([], nil)
    phase = .recovering(deadline: now.monotonic + stopTimeout)
    carryOut(tracker.rollBack(at: now))
    restart =
      restart
      ?? RunRestart(
        deaths: [], systemTime: now.system, snapshot: restorePoint?.first?.id)
    restart?.deaths.append(death)
    effects += [.undone, .sendToAll(.stop), .killAll]
    return true
  }

  /// Applies a report of a machine that was told to end.
  mutating func receiveLast(_ report: MachineReport, from id: MachineID) {
    switch report {
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
    case .failed(let failure):
      members[id.index].failure = failure
      die(id, .failed(failure))
    default: break
    }
  }

  /// Begins an epoch that goes on from an earlier run: the run's clock shows the time of the cut.
  mutating func goOn(from resumption: RunResumption) {
    if hosts != nil {
      // The host has come back to a run that goes on: the system clock tells for how long.
      let elapsed = now.system.since(resumption.startTime)
      start = Moment(monotonic: now.monotonic - elapsed, system: resumption.startTime)
      return
    }
    start = Moment(monotonic: now.monotonic - resumption.elapsed, system: resumption.startTime)
    restart = RunRestart(
      deaths: [], systemTime: resumption.startTime + resumption.elapsed,
      snapshot: resumption.parts.first?.id)
  }

  /// Begins another epoch.
  mutating func startAgain() {
    members = []
    phase = .linking
    if let hosts {
      self.hosts?.startAgain()
      linkDeadline = now.monotonic + hosts.role.startTimeout + Self.linkSpare
    } else {
      epoch += 1
      linkDeadline = now.monotonic + Self.linkTimeout
    }
  }

  /// Lets the machines of another epoch begin.
  mutating func resume(at instant: Moment) {
    phase = .running
    let instant = hosts == nil ? runMoment(instant) : instant
    let command = Effect.sendToAll(.start(at: instant))
    let reports = endRestart(at: instant)
    // The restart of several hosts must be on disk first: the file is all that a host knows which
    // is started anew.
    effects += hosts == nil ? [command] + reports : reports + [command]
  }

  /// Ends the restart under way; returns what is reported of it.
  private mutating func endRestart(at instant: Moment) -> [Effect] {
    guard var restart else { return [] }
    restart.systemTime = min(restart.systemTime, instant.system)
    restart.recovery = instant.system.since(restart.systemTime)
    restart.epoch = epoch
    self.restart = nil
    let isTold = restart.deaths.isEmpty || hosts != nil
    return (isTold ? start.map { [.started(at: $0)] } ?? [] : []) + [.resumed(restart)]
  }

  // MARK: Several hosts

  /// Tells the leader how far this host's machine had come, before it may answer its questions.
  mutating func tellStanding() {
    guard plan.restartCountMax != nil, let hosts, !hosts.role.leads, let start else { return }
    effects.append(
      .tell(.stands(epoch: epoch, start: start.system), [hosts.role.foreign.leader]))
  }

  /// On the leading host, makes all go back if any machine had begun.
  ///
  /// - Returns: Whether the hosts must agree again: when all have answered, all have gone back.
  mutating func goBackEverywhere() -> Bool {
    guard plan.restartCountMax != nil, let hosts, hosts.given == nil else { return false }
    let begun = zip(plan.topology.machineIDs, hosts.standings).filter { $0.1 != nil }
    guard start != nil || !begun.isEmpty else { return false }
    if let other = begun.first(where: { $0.1?.start != start?.system }) {
      stop(.failed(.anotherRun(other.0)))
      return true
    }
    guard let start else { return true }
    let last = max(epoch, begun.compactMap { $0.1?.epoch }.max() ?? 0)
    let next = last == .max ? last : last + 1
    for id in hosts.others {
      let part = restorePoint?[id.index]
      effects.append(
        .tell(
          .goBack(
            epoch: next, start: start.system, elapsed: now.monotonic.since(start.monotonic), part),
          [id]))
    }
    let own = hosts.role.machine
    goBack(
      RestoredMachine(
        epoch: next, start: start, begunCount: tracker.begunCount(of: own),
        part: restorePoint?[own.index]))
    self.hosts?.agreement = nil
    agreeOnStart()
    return true
  }

  /// Takes what the leader of the hosts has chosen for the machine that runs here.
  mutating func goBack(_ restored: RestoredMachine) {
    hosts?.given = restored
    (start, epoch) = (restored.start, restored.epoch)
    setTime(now)
    if restart == nil { restart = RunRestart(deaths: [], systemTime: now.system, snapshot: nil) }
    restart?.snapshot = restored.part?.id
    effects.append(.restore(restored))
  }

  /// Applies the leader's message that our machine goes back.
  mutating func hearGoBack(
    epoch: UInt32, start told: SystemInstant, elapsed: TimeSpan, _ part: RecordedPart?,
    from id: MachineID
  ) {
    guard plan.restartCountMax != nil, phase == .linking, let hosts, hosts.given == nil,
      id == hosts.role.foreign.leader, part.map({ $0.machine == hosts.role.machine }) ?? true
    else { return }
    if let start, start.system != told { return stop(.failed(.anotherRun(id))) }
    // A host that was started anew knows only by its system clock for how long the run goes on.
    let started =
      restart == nil
      ? Moment(monotonic: now.monotonic - elapsed, system: told) : start ?? now
    goBack(RestoredMachine(epoch: epoch, start: started, begunCount: 0, part: part))
  }
}
