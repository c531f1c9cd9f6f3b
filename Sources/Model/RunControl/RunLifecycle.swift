import LogicalTime
import ScaleModel
import Snapshots

/// The life of a run, as its supervisor decides it: a value without a clock, a socket or a process.
///
/// Inputs say what happened and when; effects say what to do, in order. The machines link up, begin
/// together, carry out their ticks and stop; only the first reason to stop counts. In a run on
/// several hosts each host has its own value, which knows all machines.
package struct RunLifecycle {
  /// Where the run is in its life.
  package enum Phase: Hashable, Sendable {
    /// Machines make their links.
    case linking
    /// Machines carry out their ticks.
    case running
    /// A machine has died, and all end, to be started anew; the run has failed at the deadline.
    case recovering(deadline: MonotonicInstant)
    /// Machines were told to stop; the run is over at the deadline.
    case stopping(deadline: MonotonicInstant)
  }

  /// A machine as its supervisor sees it.
  struct Member {
    /// Whether the machine runs on this host.
    let isHere: Bool
    /// Whether the machine failed or ended: it takes no further part in the run.
    var isDead = false
    var port: UInt16?
    var isLinked = false
    var progress: MachineProgress?
    var isFinished = false
    var failure: MachineFailure?
    /// Whether its thread or process has ended, or its host is unreachable.
    var isGone = false
  }

  /// A link that a machine reported lost; the report of a death that explains it may still come.
  struct LostLink {
    let machine: MachineID
    let peer: MachineID
    let reason: String
    let deadline: MonotonicInstant
  }

  let plan: RunPlan
  let continuesOnFailure: Bool
  /// How long machines have to end after a stop.
  let stopTimeout: TimeSpan
  var members: [Member] = []
  /// Where the run is now.
  package internal(set) var phase = Phase.linking
  /// The instant of tick 0; nil until it is fixed.
  package internal(set) var start: Moment?
  /// Whether the run is over, even if threads have not ended.
  package internal(set) var isOver = false
  var ending: WallRunEnding?
  var deaths: [MachineDeath] = []
  var lostLinks: [LostLink] = []
  var interruptCount = 0
  var linkDeadline = MonotonicInstant.never
  var tracker: SnapshotTracker
  /// What the run goes on from; nil for a run from the start.
  let resumption: RunResumption?
  /// How often all machines were started; messages of another epoch are rejected.
  package internal(set) var epoch: UInt32 = 0
  /// What every machine goes back to, in id order; nil for the start.
  package internal(set) var restorePoint: [RecordedPart]?
  /// A machine that holds answers until a complete snapshot covers them; nil for none.
  var machineWithAnswers: MachineID?
  /// The snapshot under way that was begun for answers: planned ones wait for it; nil for none.
  var answering: SnapshotID?
  /// The restart under way; nil when there is none.
  var restart: RunRestart?
  /// Whether the run ends before the machines of a restart have begun: what they were started with
  /// is not their end then, for nothing is undone.
  var endsInRecovery = false
  var refusals = SnapshotRefusals()
  /// The plan's snapshots that have not begun, the next one last.
  var scheduled: [SnapshotSchedule.Entry]
  /// The snapshots that go on until a stable predicate holds; nil for none, and before the start.
  var chain: SnapshotChainProgress<MonotonicInstant>?
  /// What is known of the other hosts; nil when all machines are on this one.
  var hosts: PeerHosts?
  var effects: [Effect] = []
  /// The time of the current input; its system time is by the run's own clock: that of the start,
  /// plus the monotonic time since.
  var now = Moment(
    monotonic: MonotonicInstant(nanoseconds: 0), system: SystemInstant(nanoseconds: 0))

  /// How long machines may take until all are linked; each machine gives up earlier by itself.
  package static let linkTimeout = TimeSpan.seconds(60)
  /// How much longer than its machine a supervisor waits for links in a run on several hosts.
  static let linkSpare = TimeSpan.seconds(2)
  /// How long after the run's end machines may finish; then the run has failed.
  static let lateMax = TimeSpan.seconds(8)
  /// How long processes have to end after a stop; then they are killed.
  package static let stopTimeoutOfProcesses = TimeSpan.milliseconds(900)
  /// How long threads have to end; only the end of the supervisor's process ends them by force.
  package static let stopTimeoutOfThreads = TimeSpan.milliseconds(1900)
  /// How long threads have after a second interrupt.
  static let hurry = TimeSpan.milliseconds(250)
  /// How long a run may take beyond its duration until it has ended.
  package static let grace = TimeSpan.seconds(10)
  /// How long a lost link waits for the death that explains it.
  static let lostLinkPatience = TimeSpan.milliseconds(300)

  /// Makes the life of a run before any machine is started.
  ///
  /// - Parameters:
  ///   - plan: What the machines do.
  ///   - continuesOnFailure: Whether the others go on when a machine dies.
  ///   - stopTimeout: How long machines have to end after a stop.
  ///   - role: The part of this host in a run on several; nil when all machines run here.
  ///   - resumption: What the run goes on from; nil for a run from the start.
  package init(
    plan: RunPlan, continuesOnFailure: Bool, stopTimeout: TimeSpan, role: ClusterRole?,
    from resumption: RunResumption? = nil
  ) {
    self.plan = plan
    self.resumption = resumption
    self.continuesOnFailure = continuesOnFailure
    self.stopTimeout = stopTimeout
    hosts = role.map { PeerHosts(role: $0, machines: Array(plan.topology.machineIDs)) }
    tracker = SnapshotTracker(channels: TopologyChannels(plan.topology), plan: plan)
    scheduled = plan.snapshots.resolved(
      duration: plan.duration, machineCount: plan.machineCount
    ).reversed()
    if let resumption {
      restorePoint = resumption.parts.isEmpty ? nil : resumption.parts
      epoch = resumption.epoch + (hosts == nil ? 1 : 0)
      tracker.goOn(after: resumption.begunCounts)
      scheduled.removeAll { $0.time <= resumption.elapsed }
    }
  }

  /// Applies an input.
  ///
  /// - Parameters:
  ///   - input: What happened; reports and messages of a machine that has ended change nothing.
  ///   - now: The time of the input.
  /// - Returns: What to do, in order.
  package mutating func handle(_ input: Input, at now: Moment) -> [Effect] {
    setTime(now)
    switch input {
    case .starting:
      linkDeadline =
        hosts.map { self.now.monotonic + $0.role.startTimeout + Self.linkSpare }
        ?? self.now.monotonic + Self.linkTimeout
      if let resumption { goOn(from: resumption) }
    case .startingAgain: startAgain()
    case .started(let isHere): members.append(Member(isHere: isHere))
    case .reported(let report, let id): if !isGone(id) { receive(report, from: id) }
    case .heard(let message, let id): if !isGone(id) { receive(message, from: id) }
    case .ended(let id, let cause): end(id, cause)
    case .killed(let id): members[id.index].isGone = true
    case .commandsNotTaken(let id, let byteCount): giveUp(id, waitingByteCount: byteCount)
    case .failed(let failure): stop(.failed(failure))
    case .held(let id): stop(.held(in: id))
    case .interrupted(let signal): interrupt(signal)
    case .timePassed: handleTime()
    }
    return takeEffects()
  }

  mutating func takeEffects() -> [Effect] {
    defer { effects = [] }
    return effects
  }

  // MARK: State

  /// Whether the machines carry out their ticks.
  package var isRunning: Bool { phase == .running }

  /// Whether all machines here have ended for good, or their time to end is over.
  package var hasEnded: Bool {
    if case .recovering = phase { return isOver }
    return isOver || members.allSatisfy { $0.isGone || !$0.isHere }
  }

  /// Whether a machine's thread or process has ended, or was never started.
  package func isGone(_ id: MachineID) -> Bool {
    !members.indices.contains(id.index) || members[id.index].isGone
  }

  /// Whether the start of a machine was tried, here or on its own host.
  package func hasStarted(_ id: MachineID) -> Bool { members.indices.contains(id.index) }

  /// Whether a machine takes no further part in the run.
  package func isDead(_ id: MachineID) -> Bool { members[id.index].isDead }

  /// Whether a machine runs on another host.
  package func isElsewhere(_ id: MachineID) -> Bool { !members[id.index].isHere }

  /// The last reported progress of the machines that run here, in id order.
  package var progress: [MachineProgress] {
    members.filter(\.isHere).map { $0.progress ?? MachineProgress() }
  }

  /// The instant by the run's own clock: its system time is that of the start, plus the monotonic
  /// time since.
  package func runMoment(_ now: Moment) -> Moment {
    guard let start else { return now }
    let system = start.system.nanoseconds + now.monotonic.nanoseconds - start.monotonic.nanoseconds
    return Moment(monotonic: now.monotonic, system: SystemInstant(nanoseconds: system))
  }

  mutating func setTime(_ now: Moment) { self.now = runMoment(now) }

  /// When ``Input/timePassed`` is due next.
  package var nextDeadline: MonotonicInstant {
    switch phase {
    case .linking: return min(tracker.nextDeadline, linkDeadline)
    case .running:
      // Lost links are looked at only while the run is running.
      let lostLink = lostLinks.map(\.deadline).min() ?? .never
      return min(tracker.nextDeadline, endDeadline, nextSnapshot, lostLink, chainDue)
    case .recovering(let deadline), .stopping(let deadline):
      return min(tracker.nextDeadline, deadline)
    }
  }

  /// How the run ended, and how far each machine came.
  package var outcome: WallRunOutcome {
    WallRunOutcome(
      ending: ending ?? .finished, startTime: start?.system,
      elapsed: start.map { now.monotonic.since($0.monotonic) } ?? .seconds(0),
      progress: plan.topology.machineIDs.map { id in
        // A machine that never started or never reported its end has no progress.
        members.indices.contains(id.index) && members[id.index].isFinished && !endsInRecovery
          ? members[id.index].progress : nil
      }, deaths: deaths, snapshots: tracker.ids, remarks: refusals.remarks)
  }

  // MARK: From phase to phase

  /// Tells every machine the ports of the others, once all machines listen.
  private mutating func linkIfAllListen() {
    let ports = members.compactMap(\.port)
    if hosts != nil || ports.count == plan.machineCount {
      effects.append(.link(ports: ports))
    }
  }

  /// Starts all machines at one instant, once all are linked.
  private mutating func startIfAllLinked() {
    guard phase == .linking, members.allSatisfy(\.isLinked) else { return }
    if hosts != nil { return agreeOnStart() }
    let instant = now + TimeSpan(nanoseconds: 5_000_000 + 200_000 * Int64(members.count))
    if epoch == 0 { begin(at: instant) } else { resume(at: instant) }
  }

  /// Starts the machines of this host at an instant.
  mutating func begin(at instant: Moment) {
    start = instant
    phase = .running
    chain = plan.snapshots.chain.map {
      SnapshotChainProgress($0, machineCount: plan.machineCount, start: instant.monotonic)
    }
    let command = Effect.sendToAll(.start(at: instant))
    // Where hosts may go back, the start is on disk first.
    let told = Effect.started(at: instant)
    effects += onlyInitiator == nil ? [command, told] : [told, command]
  }

  mutating func stopIfAllFinished() {
    if members.allSatisfy({ $0.isFinished || $0.isDead }) { stop(.finished) }
  }

  /// Stops the machines; only the first reason counts.
  mutating func stop(_ reason: WallRunEnding) {
    if ending == nil { ending = reason }
    if case .stopping = phase { return }
    deaths = (restart?.deaths ?? []) + deaths
    (endsInRecovery, restart) = (restart != nil, nil)
    answering = nil
    refuseDueSnapshots()
    tellOtherHosts(of: reason)
    phase = .stopping(deadline: now.monotonic + stopTimeout)
    carryOut(tracker.endRun(at: now))
    effects.append(.sendToAll(.stop))
  }

  private mutating func interrupt(_ signal: Int32) {
    interruptCount += 1
    if interruptCount == 1 {
      effects.append(.interrupted)
      stop(.interrupted(signal: signal))
    } else {
      effects.append(.endAtOnce)
      phase = .stopping(deadline: now.monotonic + Self.hurry)
    }
  }

  private mutating func receive(_ report: MachineReport, from id: MachineID) {
    if case .recovering = phase { return receiveLast(report, from: id) }
    switch report {
    case .listening(let port):
      members[id.index].port = port
      linkIfAllListen()
    case .linked:
      members[id.index].isLinked = true
      if isElsewhere(id) { hosts?.linked(with: id) } else { tellStanding() }
      startIfAllLinked()
    case .progress(let progress):
      members[id.index].progress = progress
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
      stopIfAllFinished()
    case .failed(let failure):
      members[id.index].failure = failure
      // A machine here reports this once, at its end; one elsewhere dies when its link is lost.
      if !isElsewhere(id) { die(id, .failed(failure)) }
    case .recorded(let part):
      tracker.recorded(part, at: now)
    case .finishedPart(let snapshot, let part):
      carryOut(tracker.finished(snapshot, part, by: id, at: now))
    case .caught(let snapshot, let message):
      carryOut(tracker.caught(message, for: snapshot, by: id, at: now))
    case .awaitsSnapshot:
      machineWithAnswers = id
      coverAnswers()
    case .lostLink(let peer, let reason) where hosts != nil:
      lose(peer, reason: reason)
    case .lostLink(let peer, let reason):
      lostLinks.append(
        LostLink(
          machine: id, peer: peer, reason: reason,
          deadline: now.monotonic + Self.lostLinkPatience))
    case .refused(let origin, let reason):
      warnOfStranger(from: origin, refusedBy: id, because: reason)
    case .rejected(let peer, let origin, let refusal):
      // Both machines keep trying until the timeout.
      if hosts?.rejected(by: peer, reason: "\(refusal)") == true {
        warn("machine \(peer) at \(origin) rejects us: \(refusal)")
      }
    }
  }

  mutating func warn(_ words: String) { effects.append(.warn(words)) }
}
