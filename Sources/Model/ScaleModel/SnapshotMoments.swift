import LogicalTime
import Snapshots

/// When the machines of a run are asked to record for a naive snapshot.
package struct SnapshotMoments {
  private let seed: UInt64
  private let spread: TimeSpan

  /// Draws the moments of a plan's snapshots.
  package init(_ plan: RunPlan) {
    (seed, spread) = (plan.seed, plan.snapshotSpread)
  }

  /// How long after its request a snapshot asks a machine: uniform within the plan's spread.
  ///
  /// - Returns: Nanoseconds, the same for a seed, a machine and a snapshot.
  package func nanoseconds(of machine: MachineID, in id: SnapshotID) -> Int64 {
    if spread.nanoseconds == 0 { return 0 }
    var stream = SplitMix64(
      seed: seed, purpose: .snapshotMoments, index: UInt64(machine.number))
    var random = SplitMix64(state: SplitMix64.mixed(stream.next() ^ SplitMix64.mixed(id.word)))
    return Int64(random.draw(below: UInt64(spread.nanoseconds) + 1))
  }
}

/// When a machine is asked to record for a naive snapshot.
package struct RecordRequest: Comparable {
  /// In nanoseconds, on the runtime's own clock.
  package let due: Int64
  /// The machine.
  package let machine: MachineID
  /// The snapshot.
  package let id: SnapshotID

  /// Makes a request.
  package init(due: Int64, machine: MachineID, id: SnapshotID) {
    (self.due, self.machine, self.id) = (due, machine, id)
  }

  /// Whether the left request is due first.
  package static func < (left: RecordRequest, right: RecordRequest) -> Bool {
    (left.due, left.machine, left.id) < (right.due, right.machine, right.id)
  }
}
