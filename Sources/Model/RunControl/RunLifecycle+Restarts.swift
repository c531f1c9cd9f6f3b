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
    if case .recovering = phase { members.allSatisfy(\.isGone) } else { false }
  }

  /// What a machine is started with; nil in the first epoch.
  package func restored(_ id: MachineID) -> RestoredMachine? {
    guard epoch > 0, let start else { return nil }
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
    guard let most = plan.restartCountMax, hosts == nil, phase == .running || epoch > 0 else {
      return false
    }
    if case .failed(let failure) = death.cause, failure.isLasting { return false }
    let count = Int(epoch) - (resumption.map { Int($0.epoch) + 1 } ?? 0)
    guard count < most else {
      deaths.append(death)
      stop(.failed(.diedAgain(death, restartCount: count)))
      return true
    }
    let target = restorePoint?.first.map { "snapshot \($0.id)" } ?? "the start"
    warn("\(death); all machines go back to \(target)")
    (lostLinks, machineWithAnswers) = ([], nil)
    phase = .recovering(deadline: now.monotonic + stopTimeout)
    carryOut(tracker.rollBack(at: now))
    restart =
      restart
      ?? RunRestart(
        deaths: [], systemTime: now.system, snapshot: restorePoint?.first?.id)
    restart?.deaths.append(death)
    effects += [.undone, .orderAll(.stop), .killAll]
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
    start = Moment(monotonic: now.monotonic - resumption.elapsed, system: resumption.startTime)
    restart = RunRestart(
      deaths: [], systemTime: resumption.startTime + resumption.elapsed,
      snapshot: resumption.parts.first?.id)
  }

  /// Begins another epoch.
  mutating func startAgain() {
    epoch += 1
    members = []
    phase = .linking
    linkDeadline = now.monotonic + Self.linkTimeout
  }

  /// Lets the machines of another epoch begin.
  mutating func resume(at instant: Moment) {
    phase = .running
    let instant = runMoment(instant)
    effects.append(.orderAll(.start(at: instant)))
    guard var restart else { return }
    restart.recovery = instant.system.since(restart.systemTime)
    restart.epoch = epoch
    self.restart = nil
    if restart.deaths.isEmpty, let start { effects.append(.started(at: start)) }
    effects.append(.resumed(restart))
  }
}
