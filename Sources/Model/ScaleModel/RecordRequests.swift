import LogicalTime
import Snapshots

/// Which machines of a run are to be asked when to record for naive snapshots.
///
/// Each is asked at a moment of its own: uniform within the plan's spread after the snapshot's
/// request, the same for a seed, a machine and a snapshot.
package struct RecordRequests {
  private struct Request: Comparable {
    let due: Int64
    let machine: MachineID
    let id: SnapshotID

    static func < (left: Request, right: Request) -> Bool {
      (left.due, left.machine, left.id) < (right.due, right.machine, right.id)
    }
  }

  private let seed: UInt64
  private let spread: TimeSpan
  private let machines: [MachineID]
  private var waiting = BinaryHeap<Request>()
  /// How many snapshots each machine has begun, in id order.
  private var begunCounts: [UInt32]

  /// Makes the requests of a plan's snapshots; none waits.
  package init(_ plan: RunPlan) {
    (seed, spread) = (plan.seed, plan.snapshotSpread)
    let isUsed = plan.snapshotAlgorithm == .naive
    machines = isUsed ? Array(plan.topology.machineIDs) : []
    begunCounts = machines.map { _ in 0 }
  }

  /// When the first request is due, on the clock of `now`; `Int64.max` when none waits.
  package var nextDue: Int64 { waiting.first?.due ?? .max }

  /// Begins a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine that begins it; it is asked as all others are.
  ///   - now: The time.
  /// - Returns: Its id; a machine's snapshots are numbered from 1.
  package mutating func begin(by initiator: MachineID, at now: Int64) -> SnapshotID {
    begunCounts[initiator.index] += 1
    let id = SnapshotID(initiator: initiator, number: begunCounts[initiator.index])
    for machine in machines {
      let due = now + nanoseconds(of: machine, in: id)
      waiting.add(Request(due: due, machine: machine, id: id))
    }
    return id
  }

  /// Removes and returns the request that is due first, if it is due at `now` or before.
  package mutating func popDue(now: Int64) -> (id: SnapshotID, machine: MachineID)? {
    guard nextDue <= now, let first = waiting.popFirst() else { return nil }
    return (first.id, first.machine)
  }

  private func nanoseconds(of machine: MachineID, in id: SnapshotID) -> Int64 {
    if spread.nanoseconds == 0 { return 0 }
    var stream = SplitMix64(
      seed: seed, purpose: .snapshotMoments, index: UInt64(machine.number))
    var random = SplitMix64(state: SplitMix64.mixed(stream.next() ^ SplitMix64.mixed(id.word)))
    return Int64(random.draw(below: UInt64(spread.nanoseconds) + 1))
  }
}
