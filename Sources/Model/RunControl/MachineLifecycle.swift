import LogicalTime
import ScaleModel
import Snapshots

/// The life of one machine in wall time: a value without a clock, a poller or a descriptor.
///
/// Its owner passes in what happened and when, and asks for the next step. Effects of ticks and
/// arrivals go straight into the sink, without an allocation; rare effects are returned.
@usableFromInline
package struct MachineLifecycle<Sink: MachineLifeSink> {
  /// The phase that the machine is in.
  @usableFromInline
  package enum Phase {
    /// It makes its links; the supervisor has not said when to start.
    case linking
    /// It carries out ticks as the pacer says.
    case running(Pacer)
    /// It is paused: it carries out no tick, and those that come due are carried out afterwards.
    case held(Pacer)
    /// All ticks are done; the machine reports that once the journal's last lines are written.
    case finishing
    /// All is reported; the machine answers markers until the supervisor says stop.
    case resting
    /// Its life is over.
    case ended
  }

  /// What arrives on a link and may be held back by the delay.
  @usableFromInline
  enum Arrival {
    case message(Message<Sink.Payload>)
    /// A message in a run whose messages carry rounds; nil before the sender's first.
    indirect case roundMessage(Message<Sink.Payload>, Round?)
    case marker(SnapshotID)
    /// The end of the channel: nothing follows.
    case end
  }

  let plan: RunPlan
  /// How many machines the plan has; stored, because every marker asks.
  @usableFromInline let machineCount: Int
  /// The part of this host in a run on several; nil when all machines run here.
  let role: ClusterRole?
  let linkDeadline: MonotonicInstant
  /// The machine itself: what it has done and recorded.
  @usableFromInline package internal(set) var machine: Machine<Sink.Work>
  /// Where it is in its life now.
  @usableFromInline package internal(set) var phase = Phase.linking
  /// The peers without a link, ascending.
  package internal(set) var missingPeers: [MachineID]
  /// The start of the run, in an epoch that is not its first.
  var runStart: Moment?
  /// Nanoseconds of the system clock less those of the monotonic clock; fixed at the start.
  @usableFromInline var systemTimeOffset: Int64 = 0
  @usableFromInline var delayLine: DelayLine<Arrival>
  @usableFromInline var instructions = InstructionQueue()
  @usableFromInline var alertness: BusyPollPolicy
  /// How many more due ticks are carried out before arrivals get their turn.
  @usableFromInline var ticksLeft = tickBatchMax
  var refusedCount = 0
  /// Whether a viewer watches the run, and wants to hear of markers.
  @usableFromInline var isWatched = false
  /// The effects of earlier steps and arrivals that the owner has not taken yet, in order.
  var effects: [Effect] = [] { didSet { hasEffects = !effects.isEmpty } }
  /// Whether ``takeEffects()`` has any; stored, because every tick asks.
  @usableFromInline package internal(set) var hasEffects = false

  @usableFromInline static var tickBatchMax: Int { 128 }
  /// How long the machines of one host may take to link up.
  package static var linkTimeout: TimeSpan { .seconds(30) }
  /// How many refusals are reported one by one; later ones are not reported.
  package static var refusedReportMax: Int { 100 }
  /// The most messages that may wait at a machine: 16 million, some hundreds of megabytes.
  @usableFromInline package static var waitingCountMax: Int { 1 << 24 }

  /// Makes the life of a machine without links.
  ///
  /// - Parameters:
  ///   - id: Which machine of the plan it is.
  ///   - plan: What the machines do.
  ///   - workload: The machine's workload.
  ///   - role: The part of this host in a run on several; nil when all machines run here.
  ///   - processorCount: How many processors the machines of this host share.
  ///   - now: The time; the deadline for its links counts from it.
  package init(
    id: MachineID, plan: RunPlan, workload: Sink.Work, role: ClusterRole?, processorCount: Int,
    at now: MonotonicInstant
  ) {
    self.plan = plan
    machineCount = plan.machineCount
    self.role = role
    let channels = TopologyChannels(plan.topology)
    let sources = channels.sources(of: id)
    missingPeers = Set(plan.topology.neighbours(of: id) + sources).sorted()
    delayLine = DelayLine(plan: plan, target: id, sources: sources)
    machine = Machine(
      id: id, neighbours: plan.topology.neighbourhood(of: id), workload: workload,
      seed: plan.seed, channels: channels, algorithm: plan.snapshotAlgorithm,
      markerHandling: plan.markerHandling)
    if plan.restartCountMax != nil { machine.recordsChance = true }
    linkDeadline = now + (role?.startTimeout ?? Self.linkTimeout)
    alertness = BusyPollPolicy(machineCount: plan.machineCount, processorCount: processorCount)
  }

  // MARK: State

  /// Whether the machine's life is over.
  @inlinable package var hasEnded: Bool { if case .ended = phase { true } else { false } }

  /// Whether the machine makes its links.
  @inlinable package var isLinking: Bool { if case .linking = phase { true } else { false } }

  /// Whether the run has no more ticks for this machine.
  var hasCarriedOutAllTicks: Bool {
    switch phase {
    case .linking, .running, .held: false
    case .finishing, .resting, .ended: true
    }
  }

  /// Whether arrivals are held back, so that ``arrive(_:at:into:)`` needs the time.
  @inlinable package var delaysArrivals: Bool { delayLine.holdsBack }

  /// Whether messages carry rounds.
  @inlinable package var usesRounds: Bool { machine.usesRounds }

  /// Whether to poll again without sleeping.
  @inlinable
  package func isAlert(at now: MonotonicInstant) -> Bool {
    alertness.isAlert(at: now, whileWaiting: machine.isRecording && !usesRounds)
  }

  /// The system time by the run's own clock: that of the start, plus the monotonic time since.
  @inlinable package func systemTime(at now: MonotonicInstant) -> SystemInstant {
    SystemInstant(nanoseconds: now.nanoseconds + systemTimeOffset)
  }

  // MARK: The next step

  /// What the owner does next.
  @usableFromInline
  package enum Step: Hashable {
    /// Read the clock and ask again: the next tick may be due already.
    case again
    /// Flush, watch the clock until this instant, then ask again.
    case spin(until: MonotonicInstant)
    /// Flush, wait for arrivals until this instant at the latest, then ask again.
    case wait(until: MonotonicInstant)
    /// Flush, and end the machine's loop.
    case leave
  }

  /// Carries out what is due, at most one tick.
  ///
  /// - Returns: What the owner does next, once it has carried out the effects.
  @inlinable
  package mutating func advance(at now: MonotonicInstant, into sink: inout Sink) -> Step {
    switch phase {
    case .running(var pacer):
      if ticksLeft == Self.tickBatchMax { instructions.refuseLate(now: now, into: &sink) }
      releaseDelayed(at: now, into: &sink)
      let advice = pacer.advise(now: now)
      guard case .tick = advice, ticksLeft > 0 else {
        phase = .running(pacer)
        return step(for: advice, at: now, into: &sink)
      }
      tick(at: now, into: &sink)
      pacer.ticked()
      ticksLeft -= 1
      phase = .running(pacer)
      return .again
    case .linking:
      return link(at: now)
    case .held(let pacer):
      return hold(until: pacer.end, at: now, into: &sink)
    case .finishing:
      finish(sink)
      return rest(at: now, into: &sink)
    case .resting:
      return rest(at: now, into: &sink)
    case .ended:
      return .leave
    }
  }

  /// Decides how to spend the time until the next tick.
  @inlinable
  mutating func step(for advice: Pacer.Advice, at now: MonotonicInstant, into sink: inout Sink)
    -> Step
  {
    switch advice {
    case .spin(let until) where ticksLeft == Self.tickBatchMax: return .spin(until: until)
    // Before the next tick, the owner flushes what was sent, and arrivals get their turn.
    case .tick, .spin: return wait(until: now, into: &sink)
    case .rest(let until) where until <= now:
      endTicks(into: &sink)
      return .spin(until: now)
    case .sleep(let until), .rest(let until): return wait(until: until, into: &sink)
    }
  }

  /// Waits for the end of a pause; at the run's end the machine's ticks are over.
  @usableFromInline
  mutating func hold(until end: MonotonicInstant, at now: MonotonicInstant, into sink: inout Sink)
    -> Step
  {
    releaseDelayed(at: now, into: &sink)
    instructions.refuseLate(now: now, into: &sink)
    guard end <= now else { return wait(until: end, into: &sink) }
    endTicks(into: &sink)
    return .spin(until: now)
  }

  @usableFromInline
  mutating func endTicks(into sink: inout Sink) {
    phase = .finishing
    machine.endTicks(into: &sink)
    instructions.endRun(into: &sink)
  }

  /// Waits for the next tick, or for anything that is due before it.
  @inlinable
  mutating func wait(until time: MonotonicInstant, into sink: inout Sink) -> Step {
    ticksLeft = Self.tickBatchMax
    return .wait(
      until: min(time, delayLine.nextDue, nextFlushTime(of: sink), instructions.nextDeadline))
  }

  @usableFromInline
  mutating func link(at now: MonotonicInstant) -> Step {
    if missingPeers.isEmpty { return .wait(until: .never) }
    if now <= linkDeadline { return .wait(until: linkDeadline) }
    fail(.unreachable(peers: missingPeers))
    return .leave
  }

  @usableFromInline
  mutating func rest(at now: MonotonicInstant, into sink: inout Sink) -> Step {
    releaseDelayed(at: now, into: &sink)
    return .wait(until: min(delayLine.nextDue, nextFlushTime(of: sink)))
  }

  /// When the sink next waits to be flushed.
  @inlinable
  func nextFlushTime(of sink: Sink) -> MonotonicInstant {
    let time = sink.nextFlushTime
    return time == .never
      ? .never : MonotonicInstant(nanoseconds: time.nanoseconds - systemTimeOffset)
  }

  @inlinable
  mutating func tick(at now: MonotonicInstant, into sink: inout Sink) {
    sink.systemTime = systemTime(at: now)
    if !instructions.isEmpty, !machine.owesInstruction,
      instructions.tick(&machine, into: &sink, now: now)
    {
      return
    }
    machine.tick(into: &sink)
  }

  // MARK: Arrivals

  /// Delivers a message from a peer: now, or when its delay is over.
  ///
  /// Without ``delaysArrivals`` the time does not matter.
  @inlinable
  package mutating func arrive(
    _ message: Message<Sink.Payload>, at now: MonotonicInstant, into sink: inout Sink
  ) {
    guard waitingCount < Self.waitingCountMax else { return failFull() }
    hold(.message(message), from: message.source, isMessage: true, at: now, into: &sink)
  }

  /// Delivers a message in a run whose messages carry rounds.
  package mutating func arrive(
    _ message: Message<Sink.Payload>, of round: Round?, at now: MonotonicInstant,
    into sink: inout Sink
  ) {
    guard waitingCount < Self.waitingCountMax else { return failFull() }
    hold(
      .roundMessage(message, round), from: message.source, isMessage: true, at: now, into: &sink)
  }

  /// How many messages wait in the inbox, and how many arrivals for their delay.
  @inlinable var waitingCount: Int { machine.inbox.count + delayLine.count }

  @usableFromInline
  mutating func failFull() { fail(.tooManyWaiting(count: waitingCount)) }

  /// Delivers a marker from a peer, in order with its messages; ignores an unknown initiator's.
  @inlinable
  package mutating func arriveMarker(
    _ id: SnapshotID, from peer: MachineID, at now: MonotonicInstant, into sink: inout Sink
  ) {
    guard id.initiator.index < machineCount else { return }
    hold(.marker(id), from: peer, isMessage: false, at: now, into: &sink)
  }

  @inlinable
  mutating func hold(
    _ arrival: Arrival, from peer: MachineID, isMessage: Bool, at now: MonotonicInstant,
    into sink: inout Sink
  ) {
    if !delayLine.hold(arrival, from: peer, isMessage: isMessage, now: now) {
      take(arrival, from: peer, at: now, into: &sink)
    }
  }

  @inlinable
  mutating func releaseDelayed(at now: MonotonicInstant, into sink: inout Sink) {
    while let (source, arrival) = delayLine.popDue(now: now) {
      take(arrival, from: source, at: now, into: &sink)
    }
  }

  /// Delivers an arrival at `now`; its journal line, if any, has that time, so that the tick that
  /// follows has no earlier one.
  @inlinable
  mutating func take(
    _ arrival: Arrival, from peer: MachineID, at now: MonotonicInstant, into sink: inout Sink
  ) {
    switch arrival {
    case .message(let message):
      guard sink.admit(message, besides: machine.workload) else {
        return loseMalformed(peer, at: now, into: &sink)
      }
      machine.arrive(message)
    case .roundMessage(let message, let round):
      guard sink.admit(message, besides: machine.workload) else {
        return loseMalformed(peer, at: now, into: &sink)
      }
      sink.systemTime = systemTime(at: now)
      machine.arrive(message, of: round, into: &sink)
    case .marker(let id):
      sink.systemTime = systemTime(at: now)
      machine.arriveMarker(id, from: peer, into: &sink)
      alertness.stir(at: now)
      if isWatched { reportMarker(id, from: peer) }
    case .end:
      machine.closeChannel(from: peer, into: &sink)
    }
  }
}
