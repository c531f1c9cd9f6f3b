import LogicalTime
import RunRecord
import ScaleModel

/// What follows a death: the end of the machine, or all go back to the last complete snapshot, at
/// the same instant.
extension Simulation {
  /// Ends a machine whose workload has failed.
  @inline(never)
  mutating func goesOn(without id: MachineID) -> Bool {
    guard let failure = carrier.machines[id.index].failure,
      carrier.standstill.fail(id, machineCount: plan.machineCount)
    else { return ending == nil }
    let death = WorkloadDeath(machine: id, time: carrier.now, cause: "\(failure)")
    carrier.prepareForDeaths()
    if goBack(after: death) { return false }
    failures.append(death)
    carrier.end(id)
    if endsWithFirstDeath { finish(.failed(reason: "machine \(id): \(failure)")) }
    return ending == nil
  }

  mutating func kill(_ machine: MachineID, by fault: Int) {
    guard carrier.standstill.kill(machine, by: fault) else { return }
    let death = WorkloadDeath(
      machine: machine, time: carrier.now,
      cause: "killed by \(plan.faults[fault].option)")
    if goBack(after: death) { return }
    carrier.end(machine)
    if endsWithFirstDeath {
      let time = carrier.now
      finish(.failed(reason: "machine \(machine) was killed at \(time)"))
    }
  }

  /// Takes all machines back, if the plan has them go back; ends the run when they may not again.
  ///
  /// - Returns: Whether the death is dealt with.
  mutating func goBack(after death: WorkloadDeath) -> Bool {
    guard let most = plan.restartCountMax else { return false }
    guard restarts.count < most else {
      finish(
        .failed(
          reason: "machine \(death.machine) died at \(carrier.now) "
            + "(\(death.cause)), after \(counted(restarts.count, "restart")); "
            + "give a higher --restarts"))
      return false
    }
    let parts = carrier.snapshots.restorePoint
    let keptCounts = plan.topology.machineIDs.map { id in
      parts.map { $0[id.index].state.journalLineCount + 1 } ?? 0
    }
    let lineCounts = carrier.journal.lineCounts
    restarts.append(
      Manifest.Restart(
        timeNs: carrier.now.nanoseconds, machines: [death.machine], cause: death.cause,
        snapshot: parts?.first?.id, recoveryNs: 0,
        undone: lineCounts.isEmpty ? [] : undoneLines.undo(after: keptCounts, of: lineCounts),
        epoch: restarts.count + 1))
    let before = tickCount
    let epoch = UInt32(truncatingIfNeeded: restarts.count)
    carrier.journal.begin(epoch: epoch)
    if !carrier.goBack(to: parts, plan, workload, epoch: epoch) {
      finish(.failed(reason: carrier.cannotGoBack))
    }
    undoneTickCount += before - tickCount
    beginEpoch()
    return true
  }

  /// Counts ticks from now on: the machines have gone back.
  mutating func beginEpoch() {
    schedule = TickSchedule(of: plan, from: carrier.now)
    (instantIndex, begunMember, hasGoneBack) = (0, nil, true)
    reached = max(reached, carrier.now)
  }
}

extension SimulationSink {
  /// Why a machine cannot go back to the state of its snapshot.
  var cannotGoBack: String {
    let deed = "cannot go back to the state of its snapshot"
    for id in topology.machineIDs {
      if let failure = machines[id.index].failure { return "machine \(id) \(deed): \(failure)" }
    }
    return "a machine \(deed)"
  }

  /// Makes all machines anew, in the states of these parts or as at the start.
  ///
  /// What was in transit enters its channel again now, with a new delay.
  ///
  /// - Returns: Whether all machines could go back.
  mutating func goBack(
    to parts: [RecordedPart]?, _ plan: RunPlan, _ workload: Work, epoch: UInt32
  ) -> Bool {
    deliverBatch()
    snapshots.giveUp(snapshots.idsUnderWay, because: .rolledBack, now: now)
    standstill.revive()
    channels.goBack(seed: SplitMix64.mixed(plan.seed ^ UInt64(epoch)))
    let map = TopologyChannels(topology)
    sentCount &-= UInt64(waitingCount)
    for id in topology.machineIDs {
      let begunCount = machines[id.index].begunSnapshotCount
      machines[id.index] = Machine(
        id: id, neighbours: topology.neighbourhood(of: id), workload: workload, seed: plan.seed,
        channels: map)
      machines[id.index].recordsChance = true
      machines[id.index].goOn(afterSnapshots: begunCount)
      guard let part = parts?[id.index] else { continue }
      guard let state = part.state.state(fields),
        machines[id.index].restore(state, begunSnapshotCount: begunCount)
      else { return false }
      sentCount &+= UInt64(state.inbox.count)
    }
    for part in parts ?? [] {
      for channel in part.channels {
        for message in channel.messages { putAgain(message, to: part.machine) }
      }
    }
    return true
  }

  private mutating func putAgain(_ recorded: RecordedMessage, to target: MachineID) {
    guard let message = recorded.message(fields),
      let neighbour = topology.neighbour(target, of: message.source)
    else { return }
    sentCount &+= 1
    let isOnItsWay = channels.put(
      message, target: target,
      channelIndex: topology.channelIndex(of: neighbour, from: message.source), now: now)
    if !isOnItsWay { arrive(message, at: target) }
  }
}
