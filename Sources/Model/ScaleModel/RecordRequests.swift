import LogicalTime
import Snapshots

/// Which machines of a run are to be asked when to record, for snapshots without markers.
///
/// For a naive one, each is asked at a moment of its own: uniform within the plan's spread after
/// the snapshot's request, the same for a seed, a machine and a snapshot. For a synchronised one,
/// each records when its own clock shows the time that the initiator names: later than its own by
/// as much as clocks may differ, so that no clock has passed it.
package struct RecordRequests<Time: Instant> {
  private struct Request: Comparable {
    let due: Time
    let machine: MachineID
    let id: SnapshotID

    static func < (left: Request, right: Request) -> Bool {
      (left.due, left.machine, left.id) < (right.due, right.machine, right.id)
    }
  }

  private let seed: UInt64
  private let spread: TimeSpan
  private let machines: [MachineID]
  /// When a run is over: no machine records later.
  private let end: RunTime
  private let physicalClocks: PhysicalClocks
  /// The machines' clocks, in id order; empty for naive snapshots.
  private var clocks: [PhysicalClock]
  private var waiting = BinaryHeap<Request>()
  /// How many snapshots each machine has begun, in id order.
  private var begunCounts: [UInt32]

  /// Makes the requests of a plan's snapshots; none waits.
  package init(_ plan: RunPlan) {
    (seed, spread) = (plan.seed, plan.snapshotSpread)
    let asksForRecords = plan.snapshotAlgorithm.asksForRecords
    machines = asksForRecords ? Array(plan.topology.machineIDs) : []
    (end, physicalClocks) = (plan.end, plan.physicalClocks)
    clocks =
      plan.snapshotAlgorithm == .synchronised
      ? machines.map { PhysicalClock(of: $0, plan.physicalClocks, seed: plan.seed) } : []
    begunCounts = machines.map { _ in 0 }
  }

  /// When the first request is due; never when none waits.
  package var nextDue: Time { waiting.first?.due ?? .never }

  /// Begins a snapshot.
  ///
  /// - Parameters:
  ///   - initiator: The machine that begins it; it is asked as all others are.
  ///   - now: The time; for synchronised snapshots a ``RunTime``.
  /// - Returns: Its id; a machine's snapshots are numbered from 1.
  package mutating func begin(by initiator: MachineID, at now: Time) -> SnapshotID {
    begunCounts[initiator.index] += 1
    let id = SnapshotID(initiator: initiator, number: begunCounts[initiator.index])
    if !clocks.isEmpty {
      synchronise(id, at: now)
      return id
    }
    for machine in machines {
      waiting.add(Request(due: now + wait(of: machine, in: id), machine: machine, id: id))
    }
    return id
  }

  /// Waits for the machines' clocks to show the time that the initiator names; a clock that does
  /// not during the run leaves the snapshot partial.
  private mutating func synchronise(_ id: SnapshotID, at now: Time) {
    let elapsed = now.nanoseconds
    let uncertainty = physicalClocks.uncertainty(within: TimeSpan(nanoseconds: elapsed))
    let named = Delay.arrival(
      enteringAt: RunTime(nanoseconds: clocks[id.initiator.index].time(at: elapsed)),
      after: TimeSpan(nanoseconds: uncertainty))
    for machine in machines {
      _ = clocks[machine.index].time(at: elapsed)
      var clock = clocks[machine.index]
      guard
        let due = clock.firstInstant(
          showing: named.nanoseconds, from: elapsed, to: end.nanoseconds)
      else { continue }
      waiting.add(Request(due: Time(nanoseconds: due), machine: machine, id: id))
    }
  }

  /// Removes and returns the request that is due first, if it is due at `now` or before.
  package mutating func popDue(now: Time) -> (id: SnapshotID, machine: MachineID)? {
    guard nextDue <= now, let first = waiting.popFirst() else { return nil }
    return (first.id, first.machine)
  }

  private func wait(of machine: MachineID, in id: SnapshotID) -> TimeSpan {
    if spread.nanoseconds == 0 { return spread }
    var stream = SplitMix64(
      seed: seed, purpose: .snapshotMoments, index: UInt64(machine.number))
    var random = SplitMix64(state: SplitMix64.mixed(stream.next() ^ SplitMix64.mixed(id.word)))
    return TimeSpan(nanoseconds: Int64(random.draw(below: UInt64(spread.nanoseconds) + 1)))
  }
}
