import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// A run in virtual time: the machines of a plan, and a clock that the simulation sets.
///
/// Time advances from tick to tick without waiting, and everything derives from the plan, its seed
/// and its faults. At one instant the order is: deliveries in the order they were sent, then
/// faults, then ticks in the order of machine ids.
///
/// It is not copyable, because it owns the memory of its machines: while one machine ticks, its
/// messages go straight into the inboxes of others.
package struct Simulation<Work: Workload, Journal: SimulationJournal>: ~Copyable {
  /// The most messages that may wait, in inboxes and in flight; more end the run as failed.
  package static var waitingCountMax: Int { 1 << 26 }

  /// The most overdue ticks carried out in one call.
  private static var overdueBatchCountMax: UInt64 { 1 << 17 }

  /// What the run does.
  package let plan: RunPlan
  /// How the run ended; nil while it goes on.
  package private(set) var ending: SimulationEnding?
  /// How far it has come.
  package internal(set) var reached = RunTime.start

  /// The machines whose workload has failed, in the order of their deaths.
  package internal(set) var failures: [WorkloadDeath] = []
  /// Each time that all machines went back to a snapshot.
  package internal(set) var restarts: [Manifest.Restart] = []
  /// Whether they have just done so, and the schedule begins anew.
  var hasGoneBack = false
  /// How many ticks restarts have undone.
  var undoneTickCount: UInt64 = 0
  var undoneLines: UndoneLines
  /// The workload of every machine in its initial state.
  let workload: Work

  /// What machines were told and refused, in order, each in a sentence.
  package internal(set) var refusedInstructions: [String] = []

  var carrier: SimulationSink<Work, Journal>
  var schedule: TickSchedule
  /// The index in the schedule's block of the next instant.
  var instantIndex = 0
  /// The index in the schedule's members of the machine that ticks next at an instant that
  /// ``advanceByOneTick()`` has begun; nil between two instants.
  var begunMember: Int?
  var interventions: Interventions
  let endsWithFirstDeath: Bool
  let waitingCountMax: Int
  /// With so many waiting messages, no instant exceeds the most that may.
  let calmWaitingCountMax: Int
  /// The threads that carry out windows, with their machines; nil for one thread.
  var team: BlockTeam<Work, Journal>?
  /// The ticks that a machine must catch up on before anything else happens.
  private var overdue: (machine: MachineID, tickCount: UInt64)?

  /// Makes the run; nothing has happened yet.
  ///
  /// - Parameters:
  ///   - plan: What the run does.
  ///   - workload: The workload of every machine, in its initial state.
  ///   - snapshots: When snapshots begin, and at which machines of the plan.
  ///   - condition: What ends the run when a snapshot finds it; nil for nothing.
  ///   - endsWithFirstDeath: Whether a killed machine ends the run for all.
  ///   - journal: Receives the machines' journal entries.
  ///   - waitingCountMax: The most messages that may wait.
  ///   - batchedMachineCountMin: The fewest machines for which arrivals are batched; batching
  ///     changes only the speed.
  package init(
    plan: RunPlan, workload: Work,
    snapshots: SnapshotSchedule = SnapshotSchedule(), until condition: StableCondition? = nil,
    endsWithFirstDeath: Bool = true,
    journal: Journal, waitingCountMax: Int = Self.waitingCountMax,
    batchesFrom batchedMachineCountMin: Int = ArrivalBatch<Work.Payload>.machineCountMin
  ) {
    self.plan = plan
    self.workload = workload
    undoneLines = UndoneLines(machineCount: plan.restartCountMax == nil ? 0 : plan.machineCount)
    self.endsWithFirstDeath = endsWithFirstDeath
    self.waitingCountMax = waitingCountMax
    calmWaitingCountMax = waitingCountMax - plan.topology.channelCount
    let map = TopologyChannels(plan.topology)
    // Aligned with the processor's cache lines, so that most inboxes fit in one line.
    let byteCount = plan.machineCount * MemoryLayout<Machine<Work>>.stride
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
    ThisProcess.preferLargePages(UnsafeMutableRawBufferPointer(start: memory, count: byteCount))
    let machines = memory.bindMemory(to: Machine<Work>.self, capacity: plan.machineCount)
    for index in 0..<plan.machineCount {
      let id = MachineID(index)
      (machines + index).initialize(
        to: Machine(
          id: id, neighbours: plan.topology.neighbourhood(of: id), workload: workload,
          seed: plan.seed, channels: map, algorithm: plan.snapshotAlgorithm,
          markerHandling: plan.markerHandling))
      if plan.restartCountMax != nil { machines[index].recordsChance = true }
    }
    let fields = WorkloadFields(workload)
    interventions = Interventions(
      faults: plan.faults,
      snapshots: snapshots.resolved(
        duration: plan.duration, machineCount: plan.machineCount,
        eachAlone: plan.snapshotAlgorithm.recordsAlone))
    carrier = SimulationSink(
      machines: machines, topology: plan.topology, fields: fields,
      channels: Channels(plan: plan),
      journal: journal,
      standstill: Availability(faultCount: plan.faults.count, machineCount: plan.machineCount),
      snapshots: SnapshotCollector(
        channels: map, plan: plan, names: FieldNames(fields),
        chain: snapshots.chain.map {
          SnapshotChainProgress($0, machineCount: plan.machineCount, start: .start)
        }, until: condition),
      snapshotCost: plan.snapshotCost,
      batchesFrom: batchedMachineCountMin)
    schedule = TickSchedule(of: plan)
    if Work.canFail {
      for id in plan.topology.machineIDs { _ = goesOn(without: id) }
    }
  }

  deinit {
    carrier.machines.deinitialize(count: plan.machineCount)
    carrier.machines.deallocate()
  }

  /// Goes on after these ticks, one count per machine in id order, from a time of the run.
  ///
  /// Ticks are due by `plan`, whose seed may differ from that of the run's other random choices.
  /// What is planned up to `plannedTime` is behind it.
  mutating func goOn(
    ticksOf plan: RunPlan, after tickCounts: [UInt64], at time: RunTime,
    plannedAfter plannedTime: RunTime
  ) {
    let seconds = zip(tickCounts, plan.rates).map { $0 / UInt64($1) }.min() ?? 0
    schedule = TickSchedule(of: plan, firstSecond: Int64(seconds))
    carrier.standstill.skip(zip(tickCounts, plan.rates).map { $0 - seconds * UInt64($1) })
    while interventions.nextDue <= plannedTime { _ = interventions.popFirst() }
    reached = time
  }

  /// Carries out everything due by `time`, but nothing after the run's duration.
  ///
  /// At the end of the duration the run is finished. It stops early when a machine has very many
  /// ticks to catch up on, when ended snapshots take much memory, or when all machines have gone
  /// back: take the snapshots, and call it again.
  package mutating func advance(to time: RunTime) {
    hasGoneBack = false
    catchUp()
    while begunMember != nil, canGoOn { tickAtBegunInstant() }
    let end = min(time, plan.end)
    if let team {
      advanceInWindows(of: team, to: end)
    } else {
      advanceAlone(to: end)
    }
    guard canGoOn else { return }
    reached = end
    if end == plan.end { finish(.finished) }
  }

  /// Does so on one thread.
  mutating func advanceAlone(to end: RunTime) {
    while canGoOn, carryOutBlock(through: end) { schedule.advance() }
    if canGoOn { happen(through: end) }
  }

  /// Whether the run can go on before the caller acts.
  var canGoOn: Bool {
    ending == nil && overdue == nil && !carrier.snapshots.isFull && !hasGoneBack
  }

  /// Ends the run here, unless it has ended.
  package mutating func interrupt() {
    finish(.interrupted)
  }

  mutating func finish(_ how: SimulationEnding) {
    guard ending == nil else { return }
    if gather() { carrier.deliver(through: reached) }
    ending = how
    carrier.now = max(carrier.now, reached)
    reached = carrier.now
    carrier.giveUpSnapshots()
  }

  /// Carries out a tick of a machine.
  ///
  /// - Returns: Whether the run goes on: not when the machine's workload has failed and its death
  ///   ends the run.
  @inline(__always)
  mutating func tick(_ id: MachineID) -> Bool {
    carrier.current = id
    if carrier.machines[id.index].tick(into: &carrier) { return true }
    return goesOn(without: id)
  }

  /// Whether the machine has no ordinary tick; out of line, because few runs have machines that are
  /// dead, paused or told something.
  @inline(never)
  mutating func holds(_ id: MachineID) -> Bool {
    carrier.standstill.holds(id, now: carrier.now) || carryOutTold(id)
  }

  var isWithinLimits: Bool {
    carrier.waitingCount <= waitingCountMax && !carrier.journal.hasFailed
  }

  /// Carries out the deliveries and interventions that are due by `time`.
  mutating func happen(through time: RunTime) {
    while canGoOn {
      let isOfChain = carrier.snapshots.nextDue < interventions.nextDue
      let due = min(interventions.nextDue, carrier.snapshots.nextDue)
      guard due <= time else { break }
      if endIfProved() { return }
      carrier.deliver(through: due)
      carrier.now = due
      reached = carrier.now
      if isOfChain {
        // What was delivered can have proved the condition.
        if endIfProved() { return }
        carrier.goOnWithSnapshots()
      } else {
        guard let intervention = interventions.popFirst() else { break }
        carryOut(intervention)
      }
    }
    if canGoOn { carrier.deliver(through: time) }
    endIfProved()
  }

  /// Ends the run when a snapshot has found the condition that it goes on until.
  ///
  /// - Returns: Whether it has.
  @discardableResult
  private mutating func endIfProved() -> Bool {
    guard let proof = carrier.snapshots.proof else { return false }
    finish(.held(in: proof))
    return true
  }

  private mutating func carryOut(_ intervention: Intervention) {
    let machine = intervention.machine
    guard let fault = intervention.fault else { return carrier.beginSnapshot(at: machine) }
    switch intervention.action {
    case .kill: kill(machine, by: fault)
    case .pause: carrier.standstill.pause(machine, by: fault)
    case .resume:
      overdue = (machine, carrier.standstill.resume(machine, from: fault))
      catchUp()
    case .lose, .tell: carryOutByHand(plan.faults[fault], fault)
    case .snapshot: break
    }
  }

  /// Carries out overdue ticks, bounded per call so that the caller can interrupt the run.
  mutating func catchUp() {
    guard let (id, tickCount) = overdue else { return }
    var restCount = tickCount
    let endCount = tickCount - min(tickCount, Self.overdueBatchCountMax)
    while restCount > endCount, ending == nil, !carrier.standstill.isDead(id) {
      if !tick(id) || !isWithinLimits { fail() }
      restCount -= 1
    }
    // A machine that has died on the way catches up on nothing more.
    overdue = restCount > 0 && !carrier.standstill.isDead(id) ? (id, restCount) : nil
  }

  mutating func fail() {
    if carrier.journal.hasFailed {
      finish(.failed(reason: "the journals cannot be written"))
    } else {
      finish(
        .failed(
          reason: "more than \(waitingCountMax) messages waited at "
            + "\(carrier.now); "
            + "give the slow machines higher rates, or the run a shorter duration"))
    }
  }
}
