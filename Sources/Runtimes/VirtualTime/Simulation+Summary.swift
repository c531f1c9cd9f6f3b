import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

extension Simulation {
  /// The machines' journal entries.
  package var journal: Journal { carrier.journal }

  /// The ids of the snapshots begun so far, in that order.
  package var snapshotIDs: [SnapshotID] { carrier.snapshots.ids }

  /// The snapshots under way.
  package var snapshotIDsUnderWay: [SnapshotID] { carrier.snapshots.idsUnderWay }

  /// The snapshots that were not begun, in that order.
  package var refusedSnapshots: [RefusedSnapshot] { carrier.snapshots.refused }

  /// Removes and returns the snapshots that have ended, complete or partial, since the last call.
  package mutating func takeSettledSnapshots() -> [SnapshotFile] {
    carrier.snapshots.takeSettled()
  }

  /// Makes a machine begin a snapshot now.
  package mutating func beginSnapshot(at machine: MachineID) {
    guard ending == nil else { return }
    gather()
    carrier.now = max(carrier.now, reached)
    carrier.beginSnapshot(at: machine)
    carrier.deliver(through: carrier.now)
  }

  /// The machine `id` as it is now.
  package subscript(id: MachineID) -> Machine<Work> {
    precondition(id.index < plan.machineCount, "The run has no machine \(id)")
    return carrier.machines[id.index]
  }

  /// How many messages wait, in inboxes or in flight.
  package var waitingCount: Int { carrier.waitingCount }

  /// The run's counts so far.
  package var summary: SimulationSummary {
    var summary = SimulationSummary(
      reached: reached, sentCount: carrier.sentCount,
      lostCount: carrier.lostCount,
      machineByteCount: plan.machineCount * MemoryLayout<Machine<Work>>.stride + schedule.byteCount,
      messageByteCount: carrier.channels.byteCount)
    summary.machines.reserveCapacity(plan.machineCount)
    for index in 0..<plan.machineCount {
      summary.add(carrier.machines + index, fields: carrier.fields)
    }
    summary.faults = zip(carrier.channels.faultCounts, carrier.standstill.faultCounts).map {
      $0 + $1
    }
    summary.lostOnChannels = carrier.channels.lostCount
    summary.doubledOnChannels = carrier.channels.doubledCount
    summary.waitingOnChannels = carrier.waitingCount - summary.waitingInInboxes
    return summary
  }
}

extension SimulationSummary {
  /// Adds a machine by reference: a copy would cost retain and release.
  mutating func add<Work>(
    _ machine: UnsafePointer<Machine<Work>>, fields: WorkloadFields<Work>
  ) {
    let values = fields.state.map { $0.value(in: machine.pointee.workload) }
    machines.append(
      MachineEnd(
        tickCount: machine.pointee.tickCount, clock: machine.pointee.clock.reading,
        queueLength: machine.pointee.inbox.count,
        queueLengthAtLastEvent: machine.pointee.queueLengthAtLastEvent, values: values))
    tickCount += machine.pointee.tickCount
    waitingInInboxes += machine.pointee.inbox.count
    messageByteCount += machine.pointee.inbox.byteCount
    mix(machine.pointee.tickCount)
    mix(machine.pointee.clock.reading)
    mix(fields.journaledState.map { $0.value(in: machine.pointee.workload) })
    for message in machine.pointee.inbox.messages {
      mix(UInt64(message.source.number))
      mix(message.reading)
      mix(fields.values(of: message.payload))
    }
  }

  private mutating func mix(_ word: UInt64) {
    digest = SplitMix64.mixed(digest ^ word)
  }

  /// Mixes in the values of fields; of none, a zero.
  private mutating func mix(_ values: [FieldValue]) {
    if values.isEmpty { mix(0) }
    for value in values {
      switch value {
      case .nothing: mix(0)
      case .integer(let number): mix(UInt64(bitPattern: number))
      case .boolean(let truth): mix(truth ? 1 : 0)
      case .text(let text): for byte in text.utf8 { mix(UInt64(byte) + 1) }
      }
    }
  }
}
