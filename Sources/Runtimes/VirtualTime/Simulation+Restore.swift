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
    let isRestored = carrier.restore(point, plan: newPlan, ticksOf: plan)
    goOn(
      ticksOf: plan, after: point.states.map(\.tick), at: point.requested,
      plannedAfter: point.completed)
    if !isRestored { finish(.failed(reason: carrier.cannotGoBack)) }
  }
}

extension SimulationSink {
  /// Puts machines and channels into the states of a snapshot, before anything has happened.
  ///
  /// Ticks are due by `schedule`, whose seed may differ from that of other random choices.
  ///
  /// - Returns: Whether all machines could go back: a program may fail that could a moment before.
  mutating func restore(
    _ point: RestorePoint<Work>, plan: RunPlan, ticksOf schedule: RunPlan
  ) -> Bool {
    for (id, state) in zip(topology.machineIDs, point.states) {
      guard
        machines[id.index].restore(state, begunSnapshotCount: point.begunCounts[id.index])
      else { return false }
      sentCount &+= UInt64(state.inbox.count)
    }
    channels = Channels(plan: plan, isRestored: true)
    for (message, target) in point.inTransit.map({ ($0.message, $0.target) }) {
      guard let neighbour = topology.neighbour(target, of: message.source) else { continue }
      let source = message.source.index
      // A source has sent nothing after its last tick before the cut.
      let sent = schedule.due(tick: point.states[source].tick, of: message.source)
      sentCount &+= 1
      let isOnItsWay = channels.put(
        message, target: target,
        channelIndex: topology.channelIndex(of: neighbour, from: message.source), now: sent)
      if !isOnItsWay { machines[target.index].arrive(message) }
    }
    return true
  }
}
