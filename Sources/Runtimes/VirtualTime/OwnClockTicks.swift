import LogicalTime
import ScaleModel

/// When machines tick that go by their own physical clocks, in order.
///
/// Tick k of a machine is due when its clock first shows k / rate more than at the run's start.
struct OwnClockTicks {
  /// A tick of a machine.
  struct Tick: Comparable {
    /// When it is due, in true time.
    let due: RunTime
    /// The machine.
    let machine: MachineID
    /// The number of the tick; the first has 1.
    let number: UInt64

    static func < (left: Tick, right: Tick) -> Bool {
      (left.due, left.machine) < (right.due, right.machine)
    }
  }

  /// The machines' clocks, in id order, and what they showed at the start.
  private var clocks: [(clock: PhysicalClock, start: RunTime)]
  private let rates: [Int]
  private let end: RunTime
  /// The next tick of each machine that has one.
  private var upcoming = BinaryHeap<Tick>()

  /// Begins before the first tick of a plan.
  init(_ plan: RunPlan) {
    (rates, end) = (plan.rates, plan.end)
    clocks = plan.topology.machineIDs.map { machine in
      var clock = PhysicalClock(of: machine, plan.physicalClocks, seed: plan.seed)
      let start = clock.time(at: 0)
      return (clock, RunTime(nanoseconds: start))
    }
    for machine in plan.topology.machineIDs { expect(1, of: machine, from: .start) }
  }

  /// When the next tick is due; nil when no machine ticks any more.
  var nextDue: RunTime? { upcoming.first?.due }

  /// Removes and returns the next tick, if it is due by `time`.
  mutating func popFirst(to time: RunTime) -> Tick? {
    guard let first = upcoming.first, first.due <= time else { return nil }
    _ = upcoming.popFirst()
    expect(first.number + 1, of: first.machine, from: first.due)
    return first
  }

  private mutating func expect(_ number: UInt64, of machine: MachineID, from time: RunTime) {
    let index = machine.index
    let shown = TickTime.due(tick: number, rate: rates[index], after: clocks[index].start)
    let due = clocks[index].clock.firstInstant(
      showing: shown.nanoseconds, from: time.nanoseconds, to: end.nanoseconds)
    guard let due else { return }
    upcoming.add(Tick(due: RunTime(nanoseconds: due), machine: machine, number: number))
  }
}
