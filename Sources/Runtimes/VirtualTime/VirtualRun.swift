import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import SystemCalls

/// A run in virtual time from its first tick to its end.
///
/// It names the types that a simulation is generic over, so the compiler can specialise one
/// straight loop over machines, channels and journal.
package struct VirtualRun {
  /// The most channels that may have a random delay; each takes 16 bytes.
  package static let randomDelayChannelCountMax = 1 << 27

  /// What the run does.
  package var plan: RunPlan
  /// When snapshots begin, and at which machines.
  package var snapshots: SnapshotSchedule
  /// What ends the run when a snapshot finds it; nil for nothing.
  package var condition: StableCondition?
  /// Whether a killed machine ends the run for all.
  package var endsWithFirstDeath: Bool
  /// The most messages that may wait, in inboxes and in flight; more end the run as failed.
  package var waitingCountMax = Simulation<Chatter, NoJournal>.waitingCountMax
  /// About how many ticks are carried out between two reports of progress.
  package var tickCountPerReport = 1 << 16

  /// How a run ended, and the results of its machines.
  package struct Outcome: Hashable, Sendable {
    /// How the run ended.
    package var ending: SimulationEnding
    /// The snapshots that were begun, in that order.
    package var snapshotIDs: [SnapshotID]
    /// The snapshots that were not begun, in that order.
    package var refusedSnapshots: [RefusedSnapshot]
    /// The final counts of the run and its machines.
    package var summary: SimulationSummary
    /// What each machine spent its ticks on, in id order; nil without journals.
    package var kinds: [TickKinds]?
    /// The machines whose workload has failed, in the order of their deaths.
    package var failures: [WorkloadDeath] = []
    /// What machines were told and refused, in order, each in a sentence.
    package var refusedInstructions: [String] = []
    /// Each time that all machines went back to a snapshot.
    package var restarts: [Manifest.Restart] = []
    /// How many threads carried it out.
    package var threadCount = 1
    /// How many windows they carried out.
    package var windowCount = 0
    /// Why it needed one thread where more were allowed, in one clause; nil when it did not.
    package var reasonForOneThread: String?
  }

  /// How far a run has come.
  package struct Progress: Hashable, Sendable {
    /// The time reached.
    package var reached: RunTime
    /// How many messages wait, in inboxes or in flight.
    package var waitingCount: Int
    /// What a viewer wants to know besides; nil unless ``isWatched``.
    package var view: View?
  }

  /// What a viewer of a run wants to know.
  package struct View: Hashable, Sendable {
    /// How many ticks all machines have carried out, those that restarts have undone included.
    package var tickCount: UInt64
    /// The snapshots under way.
    package var underWay: [SnapshotID]
    /// The machines whose workload has failed.
    package var failed: [MachineID]
    /// What machines were told and refused, in order, each in a sentence.
    package var refusedInstructions: [String]
    /// Whether the run is over.
    package var hasEnded: Bool
  }

  /// What a run does next.
  package enum Step: Hashable, Sendable {
    /// Goes on for about ``tickCountPerReport`` ticks.
    case goOn
    /// Goes on to this time, or less far when there is much to do.
    case advance(to: RunTime)
    /// Carries out so many ticks, or fewer when there is much to do.
    case ticks(UInt64)
    /// Ends early.
    case end
    /// Stays as it is: the caller wants no more of it.
    case abandon
  }

  /// How many threads carry the run out, if its plan allows; the results are the same for any.
  package var threadCount = 1
  /// The fewest ticks of a window for which other threads are woken, if none of them is written
  /// down: fewer cost less than that.
  package var sharedTickCountMin = 5000
  /// How many times as much a tick takes that a journal line is written of.
  private static let journaledTickCost = 5

  /// Whether journals are written out, and a view is made, before each question for a step.
  package var isWatched = false

  /// The workload of every machine when the plan names one of a catalog.
  package var workload: ErasedWorkload?

  /// Where restarts are recorded while the run goes on; nil for nowhere.
  package var restartRecord: RestartRecord?

  /// The snapshot that the run goes on from; nil for a run from the start.
  package var origin: VirtualOrigin?

  /// Makes a run; nothing happens yet.
  package init(
    plan: RunPlan, snapshots: SnapshotSchedule = SnapshotSchedule(),
    endsWithFirstDeath: Bool = true
  ) {
    self.plan = plan
    self.snapshots = snapshots
    self.endsWithFirstDeath = endsWithFirstDeath
  }

  /// Carries the run out.
  ///
  /// - Parameters:
  ///   - directory: An existing directory for the journals; nil for none.
  ///   - step: Asked what to do before the first tick, then now and then, and once more when the
  ///     run has ended.
  ///   - takeSnapshot: Called with each snapshot when it has ended, complete or partial.
  ///   - tell: Called with each event (bank: transfer) in order of time; nil for no listener.
  /// - Returns: How the run ended, and the results of the machines.
  /// - Throws: Why the journals cannot be written; lines before the failure are in the files.
  package func carryOut(
    journalsIn directory: RunDirectory?, step: (Progress) -> Step,
    takeSnapshot: (SnapshotFile) -> Void = { _ in }, tell: ((ToldEvent) -> Void)? = nil
  ) throws(SystemError) -> Outcome {
    switch plan.workload {
    case .chatter:
      let workload = Chatter(dieSides: plan.dieSides)
      if directory == nil && tell == nil {
        return carryOut(workload, NoJournal(), takeSnapshot: takeSnapshot, step: step).outcome
      }
      guard tell == nil, let directory else {
        return try carryOut(
          workload, told: directory, tell, takeSnapshot: takeSnapshot,
          step: step)
      }
      let journals = try makeJournals(in: directory, fields: [])
      let ended = carryOut(workload, journals, takeSnapshot: takeSnapshot, step: step)
      try ended.journal.flush()
      return ended.outcome.with(ended.journal.kinds)
    case .bank(let account):
      return try carryOut(
        account, told: directory, tell, takeSnapshot: takeSnapshot,
        step: step)
    case .named:
      guard let workload else {
        return Outcome(refused: "the run was given no workload")
      }
      if directory == nil && tell == nil {
        return carryOut(workload, NoJournal(), takeSnapshot: takeSnapshot, step: step).outcome
      }
      return try carryOut(
        workload, told: directory, tell, takeSnapshot: takeSnapshot, step: step)
    }
  }

  /// Carries the run out, as long as it is wanted.
  ///
  /// - Parameters:
  ///   - directory: An existing directory for the journals; nil for none.
  ///   - continues: Asked before the first tick, then now and then, and once more when the run has
  ///     ended; false ends it early.
  ///   - takeSnapshot: Called with each snapshot when it has ended, complete or partial.
  ///   - tell: Called with each event (bank: transfer) in order of time; nil for no listener.
  /// - Returns: How the run ended, and the results of the machines.
  /// - Throws: Why the journals cannot be written; lines before the failure are in the files.
  package func carryOut(
    journalsIn directory: RunDirectory?, while continues: (Progress) -> Bool = { _ in true },
    takeSnapshot: (SnapshotFile) -> Void = { _ in }, tell: ((ToldEvent) -> Void)? = nil
  ) throws(SystemError) -> Outcome {
    try carryOut(
      journalsIn: directory, step: { continues($0) ? .goOn : .end }, takeSnapshot: takeSnapshot,
      tell: tell)
  }

  /// Carries the run out, and reports its events.
  private func carryOut(
    _ workload: some Workload, told directory: RunDirectory?, _ tell: ((ToldEvent) -> Void)?,
    takeSnapshot: (SnapshotFile) -> Void,
    step: (Progress) -> Step
  ) throws(SystemError) -> Outcome {
    let journals = try directory.map { directory throws(SystemError) in
      try makeJournals(in: directory, fields: FieldNames(WorkloadFields(workload)).columns)
    }
    let ended = carryOut(
      workload, ToldJournal(journals: journals, topology: plan.topology, tell: tell),
      takeSnapshot: takeSnapshot, step: step)
    try ended.journal.journals?.flush()
    return ended.outcome.with(ended.journal.journals?.kinds)
  }

  private func makeJournals(
    in directory: RunDirectory, fields: [FieldDeclaration]
  ) throws(SystemError) -> JournalSet {
    let journals = try JournalSet(
      plan: plan, fields: fields, directory: directory, after: origin?.history)
    if let restartRecord {
      journals.beforeWriting { () throws(SystemError) in try restartRecord.writeOut() }
    }
    return journals
  }

  private func carryOut<Work: Workload, Journal: SimulationJournal>(
    _ workload: Work, _ journal: Journal, takeSnapshot: (SnapshotFile) -> Void,
    step: (Progress) -> Step
  ) -> (outcome: Outcome, journal: Journal) {
    var simulation: Simulation<Work, Journal>
    do throws(RunRecordError) {
      simulation = try begin(workload, journal)
    } catch {
      return (Outcome(refused: "\(error)"), journal)
    }
    let reason = reasonForOneThread(simulation.journal)
    if reason == nil {
      let tickCost = simulation.journal.lineCounts.isEmpty ? 1 : Self.journaledTickCost
      simulation.useThreads(threadCount, sharedTickCountMin: sharedTickCountMin / tickCost)
    }
    var outcome = finish(&simulation, takeSnapshot: takeSnapshot, step: step)
    if threadCount > 1 { outcome.reasonForOneThread = reason }
    return (outcome, simulation.journal)
  }

  private func begin<Work: Workload, Journal: SimulationJournal>(
    _ workload: Work, _ journal: Journal
  ) throws(RunRecordError) -> Simulation<Work, Journal> {
    guard let origin else {
      return Simulation(
        plan: plan, workload: workload, snapshots: snapshots, until: condition,
        endsWithFirstDeath: endsWithFirstDeath, journal: journal,
        waitingCountMax: waitingCountMax)
    }
    return Simulation(
      plan: plan, workload: workload, from: try origin.point(workload, plan),
      snapshots: snapshots, endsWithFirstDeath: endsWithFirstDeath, journal: journal,
      waitingCountMax: waitingCountMax)
  }

  private func finish<Work, Journal>(
    _ simulation: inout Simulation<Work, Journal>, takeSnapshot: (SnapshotFile) -> Void,
    step: (Progress) -> Step
  ) -> Outcome {
    let slice = slice
    while true {
      var progress = Progress(
        reached: simulation.reached, waitingCount: simulation.waitingCount)
      if let restartRecord, simulation.restarts.count > restartRecord.count {
        for snapshot in simulation.takeSettledSnapshots() { takeSnapshot(snapshot) }
        restartRecord.take(simulation.restarts)
      }
      if isWatched {
        for snapshot in simulation.takeSettledSnapshots() { takeSnapshot(snapshot) }
        simulation.writeOutJournals()
        progress.view = View(
          tickCount: simulation.tickCount + simulation.undoneTickCount,
          underWay: simulation.snapshotIDsUnderWay,
          failed: simulation.failures.map(\.machine),
          refusedInstructions: simulation.refusedInstructions, hasEnded: simulation.ending != nil)
      }
      let next = step(progress)
      if next == .end { simulation.interrupt() }
      for snapshot in simulation.takeSettledSnapshots() { takeSnapshot(snapshot) }
      if simulation.ending != nil || next == .abandon { break }
      let end = Delay.arrival(enteringAt: simulation.reached, after: slice)
      switch next {
      case .ticks(let count):
        var left = min(count, UInt64(tickCountPerReport))
        repeat {
          simulation.advanceByOneTick()
          left -= min(left, 1)
        } while left > 0 && simulation.canGoOn
      case .advance(let time): simulation.advance(to: min(time, end))
      case .goOn, .end, .abandon: simulation.advance(to: end)
      }
    }
    simulation.gather()
    return Outcome(
      ending: simulation.ending ?? .interrupted, snapshotIDs: simulation.snapshotIDs,
      refusedSnapshots: simulation.refusedSnapshots, summary: simulation.summary,
      failures: simulation.failures, refusedInstructions: simulation.refusedInstructions,
      restarts: simulation.restarts, threadCount: simulation.threadCount,
      windowCount: simulation.team?.windowCount ?? 0)
  }

  /// Why the run needs one thread, in one clause; nil when it can have more.
  private func reasonForOneThread(_ journal: some SimulationJournal) -> String? {
    if plan.delay.shortest.nanoseconds == 0 {
      return "a message may arrive at once, because --delay has no least time"
    }
    if restartRecord != nil { return "restarts are recorded before the lines that follow them" }
    if workload?.canFail == true { return "programs are asked one after the other" }
    if journal.part(of: 0..<0) == nil { return "events are told in the order of time" }
    return isWatched ? "the run is shown step by step" : nil
  }

  /// How much virtual time passes between two reports unless one is due earlier.
  private var slice: TimeSpan {
    let ticksPerSecond = Double(plan.rates.reduce(0, +))
    return TimeSpan(
      nanoseconds: max(1, Int64(Double(tickCountPerReport) / ticksPerSecond * 1e9)))
  }
}

extension VirtualRun.Outcome {
  /// The same outcome, with what ticks were spent on.
  fileprivate func with(_ kinds: [TickKinds]?) -> Self {
    var outcome = self
    // What was undone is counted with the rest.
    outcome.kinds = restarts.isEmpty ? kinds : nil
    return outcome
  }
}
