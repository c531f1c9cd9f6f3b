import LogicalTime
import ScaleModel

/// How machines die, links break and deadlines pass.
extension RunLifecycle {
  /// Kills a machine that does not read its commands.
  mutating func giveUp(_ id: MachineID, waitingByteCount: Int) {
    if members[id.index].isDead { return }
    let failure = MachineFailure.commandsNotTaken(byteCount: waitingByteCount)
    members[id.index].failure = failure
    effects.append(.kill(id))
    die(id, .failed(failure))
  }

  /// Notes that a machine's control link has ended, and with it the machine.
  mutating func end(_ id: MachineID, _ cause: MachineDeath.Cause?) {
    members[id.index].isGone = true
    die(id, members[id.index].failure.map { .failed($0) } ?? cause ?? .vanished)
  }

  /// Notes the death of a machine that failed or ended, on any host; only the first cause counts.
  mutating func die(_ id: MachineID, _ cause: MachineDeath.Cause) {
    if members[id.index].isDead { return }
    members[id.index].isDead = true
    if isElsewhere(id) { members[id.index].isGone = true }
    effects.append(.died(id))
    if case .stopping = phase { return }
    if members[id.index].isFinished { return }
    if phase == .linking, case .failed(.unreachable(let peers)) = cause, hosts != nil {
      return stop(.failed(notAssembled(peers)))
    }
    let death = MachineDeath(machine: id, cause: cause, systemTime: now.system)
    if goesBack(after: death) { return }
    deaths.append(death)
    guard continuesOnFailure, id != hosts?.role.machine, phase == .running else {
      return stop(.failed(.machineDied(death)))
    }
    warn("\(death); the others go on")
    carryOut(tracker.died(id, at: now))
    if members.allSatisfy(\.isDead) {
      stop(.failed(.machineDied(death)))
    } else {
      stopIfAllFinished()
    }
  }

  // MARK: Time

  /// When the run fails unless all machines have finished.
  var endDeadline: MonotonicInstant {
    start.map { $0.monotonic + plan.duration + Self.lateMax } ?? .never
  }

  mutating func handleTime() {
    if case .stopping(let deadline) = phase, now.monotonic >= deadline {
      effects.append(.killAll)
      isOver = true
    }
    if case .recovering(let deadline) = phase, now.monotonic >= deadline {
      let left = plan.topology.machineIDs.filter { !isGone($0) && !isElsewhere($0) }
      stop(.failed(.notStopped(left)))
    }
    if phase == .linking, now.monotonic >= linkDeadline {
      let missing = plan.topology.machineIDs.prefix(members.count)
        .filter { !members[$0.index].isLinked }
      stop(.failed(hosts == nil ? .notLinked(missing) : notAssembled(missing)))
    }
    if phase == .running, now.monotonic >= endDeadline {
      let late = plan.topology.machineIDs.filter {
        !members[$0.index].isFinished && !members[$0.index].isDead
      }
      stop(.failed(.notEnded(late, after: Self.lateMax)))
    }
    if phase == .running { explainLostLinks() }
    if phase == .running { beginDueSnapshots() }
    if now.monotonic >= tracker.nextDeadline {
      carryOut(tracker.handleTime(at: now))
    }
  }

  /// Reports a lost link that no death has explained in time.
  private mutating func explainLostLinks() {
    let unexplained = lostLinks.filter { !isDead($0.machine) && !isDead($0.peer) }
    lostLinks = unexplained.filter { [now] in $0.deadline > now.monotonic }
    guard let lost = unexplained.first(where: { [now] in $0.deadline <= now.monotonic }) else {
      return
    }
    if continuesOnFailure {
      warn("the link between machines \(lost.machine) and \(lost.peer) broke: \(lost.reason)")
    } else {
      stop(.failed(.linkBroke(lost.machine, lost.peer, reason: lost.reason)))
    }
  }
}
