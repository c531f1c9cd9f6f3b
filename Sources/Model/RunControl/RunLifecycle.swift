import LogicalTime
import ScaleModel
import Snapshots

/// The life of a run, as its supervisor decides it: a value without a clock, a socket or a process.
///
/// Inputs say what happened and when. Effects say what to do, in order. The machines link up, begin
/// together, carry out their ticks and are told to stop. The first reason to stop is the one that
/// counts. Of a run on several hosts each has its own value, which knows of all machines.
package struct RunLifecycle {
  /// Where the run is in its life.
  package enum Phase: Hashable, Sendable {
    /// Machines make their links.
    case linking
    /// Machines carry out their ticks.
    case running
    /// Machines were told to stop; the run is over at the deadline, on the monotonic clock.
    case stopping(deadline: Int64)
  }

  /// A machine as its supervisor sees it.
  struct Member {
    /// Whether it runs on this host.
    let isHere: Bool
    /// Whether it was seen to fail or end: it takes no further part in the run.
    var isDead = false
    var port: UInt16?
    var isLinked = false
    var progress: MachineProgress?
    var isFinished = false
    var failure: MachineFailure?
    /// Whether its thread or process has ended, or its host is out of reach.
    var isGone = false
  }

  /// A link that a machine reported as lost; a death that explains it may still be on its way.
  struct LostLink {
    let machine: MachineID
    let peer: MachineID
    let reason: String
    let deadline: Int64
  }

  let plan: RunPlan
  let continuesOnFailure: Bool
  /// How long machines have to end when they are told to, in nanoseconds.
  let stopNanoseconds: Int64
  var members: [Member] = []
  package internal(set) var phase = Phase.linking
  package internal(set) var start: Moment?
  /// Whether the run is over, even if threads have not ended.
  package internal(set) var isOver = false
  var ending: WallRunEnding?
  var deaths: [MachineDeath] = []
  var lostLinks: [LostLink] = []
  var interruptCount = 0
  var linkDeadline = Int64.max
  var tracker: SnapshotTracker
  var refusals = SnapshotRefusals()
  /// The snapshots the plan asks for and that are not begun, the next one last.
  var scheduled: [SnapshotSchedule.Entry]
  /// What is known of the other hosts; nil when all machines are on this one.
  var hosts: PeerHosts?
  var effects: [Effect] = []
  /// The time of the current input.
  var now = Moment(monotonic: 0, system: 0)

  /// How long machines may take until all are linked; each gives up by itself before that.
  package static let linkNanosecondsMax: Int64 = 60_000_000_000
  /// How much later than a machine of another host its supervisor gives up by itself.
  static let linkNanosecondsSpare: Int64 = 2_000_000_000
  /// How much later than the run's end machines may finish; then the run has failed.
  static let lateNanosecondsMax: Int64 = 8_000_000_000
  /// How long processes have to end when they are told to; then they are killed.
  package static let stopNanosecondsOfProcesses: Int64 = 900_000_000
  /// How long threads have; only the end of the supervisor's process ends them.
  package static let stopNanosecondsOfThreads: Int64 = 1_900_000_000
  /// How long threads have after a second interrupt.
  static let hurryNanoseconds: Int64 = 250_000_000
  /// How long after its duration a run has ended at the latest.
  package static let graceNanoseconds: Int64 = 10_000_000_000
  /// How long a lost link waits for the death that explains it.
  static let lostLinkNanoseconds: Int64 = 300_000_000

  /// Makes the life of a run none of whose machines has been started.
  ///
  /// - Parameters:
  ///   - plan: What the machines do.
  ///   - continuesOnFailure: Whether the others go on when a machine dies.
  ///   - stopNanoseconds: How long machines have to end when they are told to.
  ///   - role: The part of this host in a run on several; nil when all machines run here.
  package init(
    plan: RunPlan, continuesOnFailure: Bool, stopNanoseconds: Int64, role: ClusterRole?
  ) {
    self.plan = plan
    self.continuesOnFailure = continuesOnFailure
    self.stopNanoseconds = stopNanoseconds
    hosts = role.map { PeerHosts(role: $0, machines: Array(plan.topology.machineIDs)) }
    tracker = SnapshotTracker(channels: TopologyChannels(plan.topology), delay: plan.delay)
    scheduled = plan.snapshots.resolved(
      duration: plan.duration, machineCount: plan.machineCount
    ).reversed()
  }

  /// Applies what happened.
  ///
  /// - Parameters:
  ///   - input: What happened; what a machine says after its end changes nothing.
  ///   - now: When.
  /// - Returns: What to do, in order.
  package mutating func handle(_ input: Input, at now: Moment) -> [Effect] {
    self.now = now
    switch input {
    case .starting:
      let patience = hosts?.role.startTimeout.nanoseconds
      linkDeadline =
        now.monotonic + (patience.map { $0 + Self.linkNanosecondsSpare } ?? Self.linkNanosecondsMax)
    case .started(let isHere): members.append(Member(isHere: isHere))
    case .reported(let report, let id): if !isGone(id) { receive(report, from: id) }
    case .heard(let message, let id): if !isGone(id) { receive(message, from: id) }
    case .ended(let id, let cause): end(id, cause)
    case .killed(let id): members[id.index].isGone = true
    case .ordersNotTaken(let id, let byteCount): giveUp(id, waitingByteCount: byteCount)
    case .failed(let failure): stop(.failed(failure))
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

  /// Whether everything has ended that can: all machines here, or the time they had.
  package var hasEnded: Bool { isOver || members.allSatisfy { $0.isGone || !$0.isHere } }

  /// Whether a machine's thread or process has ended, or it was never started.
  package func isGone(_ id: MachineID) -> Bool {
    !members.indices.contains(id.index) || members[id.index].isGone
  }

  /// Whether a machine takes no further part in the run.
  package func isDead(_ id: MachineID) -> Bool { members[id.index].isDead }

  /// Whether a machine runs on another host.
  package func isElsewhere(_ id: MachineID) -> Bool { !members[id.index].isHere }

  /// The last reported progress of the machines that run here, in id order.
  package var progress: [MachineProgress] {
    members.filter(\.isHere).map { $0.progress ?? MachineProgress() }
  }

  /// The system time, by the run's own clock: its start's, and the monotonic time since.
  package func systemTime(at now: Moment) -> Int64 {
    start.map { $0.system + now.monotonic - $0.monotonic } ?? now.system
  }

  /// When ``Input/timePassed`` is due next, on the monotonic clock; `Int64.max` for never.
  package var nextDeadline: Int64 {
    switch phase {
    case .linking: return min(tracker.nextDeadline, linkDeadline)
    case .running:
      // Only a running machine's lost link is looked at again.
      let lostLink = lostLinks.map(\.deadline).min() ?? .max
      return min(tracker.nextDeadline, endDeadline, nextSnapshot, lostLink)
    case .stopping(let deadline): return min(tracker.nextDeadline, deadline)
    }
  }

  /// How the run ended, and how far each machine came.
  package var outcome: WallRunOutcome {
    WallRunOutcome(
      ending: ending ?? .finished, startTime: start?.system,
      progress: plan.topology.machineIDs.map { id in
        // A machine that was never started has no progress.
        members.indices.contains(id.index) && members[id.index].isFinished
          ? members[id.index].progress : nil
      }, deaths: deaths, snapshots: tracker.ids, remarks: refusals.remarks)
  }

  // MARK: From phase to phase

  /// Tells every machine where the others listen, once all do.
  private mutating func linkIfAllListen() {
    let ports = members.compactMap(\.port)
    if hosts != nil || ports.count == plan.machineCount {
      effects.append(.orderAll(.link(ports: ports)))
    }
  }

  /// Lets all machines begin at one instant, once all are linked.
  private mutating func startIfAllLinked() {
    guard phase == .linking, members.allSatisfy(\.isLinked) else { return }
    if hosts != nil { return agreeOnStart() }
    begin(at: now.advanced(by: 5_000_000 + 200_000 * Int64(members.count)))
  }

  /// Lets the machines here begin at an instant.
  mutating func begin(at instant: Moment) {
    start = instant
    phase = .running
    effects += [.orderAll(.start(at: instant)), .started(at: instant)]
  }

  mutating func stopIfAllFinished() {
    if members.allSatisfy({ $0.isFinished || $0.isDead }) { stop(.finished) }
  }

  /// Tells the machines to end; the first reason to do so is the one that counts.
  mutating func stop(_ reason: WallRunEnding) {
    if ending == nil { ending = reason }
    if case .stopping = phase { return }
    refuseDueSnapshots()
    tellOtherHosts(of: reason)
    phase = .stopping(deadline: now.monotonic + stopNanoseconds)
    carryOut(tracker.endRun(systemTime: systemTime(at: now)))
    effects.append(.orderAll(.stop))
  }

  private mutating func interrupt(_ signal: Int32) {
    interruptCount += 1
    if interruptCount == 1 {
      effects.append(.interrupted)
      stop(.interrupted(signal: signal))
    } else {
      effects.append(.endAtOnce)
      phase = .stopping(deadline: now.monotonic + Self.hurryNanoseconds)
    }
  }

  private mutating func receive(_ report: MachineReport, from id: MachineID) {
    switch report {
    case .listening(let port):
      members[id.index].port = port
      linkIfAllListen()
    case .linked:
      members[id.index].isLinked = true
      if isElsewhere(id) { hosts?.linked(with: id) }
      startIfAllLinked()
    case .progress(let progress):
      members[id.index].progress = progress
    case .finished(let progress):
      members[id.index].progress = progress
      members[id.index].isFinished = true
      stopIfAllFinished()
    case .failed(let failure):
      members[id.index].failure = failure
      // A machine here says so once, at its end. Of one elsewhere the loss of its link tells more.
      if !isElsewhere(id) { die(id, .failed(failure)) }
    case .recorded(let part):
      tracker.recorded(part, now: now.monotonic)
    case .finishedPart(let snapshot, let part):
      carryOut(
        tracker.finished(
          snapshot, part, by: id, now: now.monotonic, systemTime: systemTime(at: now)))
    case .lostLink(let peer, let reason) where hosts != nil:
      lose(peer, reason: reason)
    case .lostLink(let peer, let reason):
      lostLinks.append(
        LostLink(
          machine: id, peer: peer, reason: reason,
          deadline: now.monotonic + Self.lostLinkNanoseconds))
    case .refused(let origin, let reason):
      // Machines that leave while others still link up are no strangers.
      if case .stopping = phase { return }
      if hosts?.refused(origin: origin, reason: reason) == false { return }
      warn("machine \(id) refused a connection from \(origin): \(reason)")
    case .rejected(let peer, let origin, let refusal):
      // Both machines try on until the time-out.
      if hosts?.rejected(by: peer, reason: "\(refusal)") == true {
        warn("machine \(peer) at \(origin) turns us away: \(refusal)")
      }
    }
  }

  mutating func warn(_ words: String) { effects.append(.warn(words)) }
}
