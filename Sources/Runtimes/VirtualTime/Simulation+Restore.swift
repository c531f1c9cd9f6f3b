import LogicalTime
import ScaleModel

extension Simulation {
  /// Makes a run that goes on from a snapshot of a run of the same plan.
  ///
  /// Machines begin in their recorded states, and tick k is due as if there had been no cut. A
  /// message in transit enters its channel again when its source ticked last before the cut, with a
  /// new delay; the order on a channel stays. Delays, and chance that the snapshot did not record,
  /// are drawn from new streams, which follow from the plan's seed and the snapshot's id.
  /// With no delay and with recorded chance, it is the run that was never cut.
  ///
  /// It has no faults. Planned snapshots begin when they are due after the
  /// cut is complete.
  package init(
    plan: RunPlan, workload: Work, from point: RestorePoint<Work>,
    snapshots: SnapshotSchedule = SnapshotSchedule(), endsWithFirstDeath: Bool = true,
    journal: Journal, waitingCountMax: Int = Self.waitingCountMax
  ) {
    var newPlan = plan
    newPlan.seed = SplitMix64.mixed(plan.seed ^ SplitMix64.mixed(point.id.word))
    self.init(
      plan: newPlan, workload: workload, snapshots: snapshots,
      endsWithFirstDeath: endsWithFirstDeath, journal: journal, waitingCountMax: waitingCountMax)
    carrier.restore(point, plan: newPlan, ticksOf: plan)
    goOn(
      ticksOf: plan, after: point.states.map(\.tick), at: point.requestedNanoseconds,
      plannedAfter: point.completedNanoseconds)
  }
}
