import LogicalTime
import ScaleModel

/// Something that is done to one machine at a planned time.
struct Intervention: Comparable {
  /// What is done, in the order in which it is done at one time.
  enum Action: Int {
    case kill
    case resume
    case pause
    case snapshot
  }

  let dueNanoseconds: Int64
  let action: Action
  let machine: MachineID
  /// The index of the fault that does it; nil for a snapshot.
  var fault: Int?

  static func < (left: Intervention, right: Intervention) -> Bool {
    (left.dueNanoseconds, left.action.rawValue, left.machine)
      < (right.dueNanoseconds, right.action.rawValue, right.machine)
  }
}

/// What is done to single machines during a run, in the order in which it is done.
struct Interventions {
  /// When the next one is due, in nanoseconds since the run's start; `Int64.max` when there is
  /// none.
  private(set) var nextDueNanoseconds: Int64
  /// Those that have not been done, the last one first.
  private var planned: [Intervention] = []

  /// Plans what faults do to machines, partitions aside, and the beginnings of snapshots.
  init(faults: [Fault], snapshots: [SnapshotSchedule.Entry]) {
    func plan(
      _ action: Intervention.Action, _ machine: MachineID, at time: TimeSpan, by fault: Int? = nil
    ) {
      planned.append(
        Intervention(
          dueNanoseconds: time.nanoseconds, action: action, machine: machine, fault: fault))
    }
    nextDueNanoseconds = Int64.max
    for (index, fault) in faults.enumerated() {
      switch fault {
      case .kill(let machine, let time):
        plan(.kill, machine, at: time, by: index)
      case .pause(let machine, let from, let until):
        plan(.pause, machine, at: from, by: index)
        plan(.resume, machine, at: until, by: index)
      case .partition:
        break
      }
    }
    for snapshot in snapshots { plan(.snapshot, snapshot.initiator, at: snapshot.time) }
    planned.sort { $0 > $1 }
    nextDueNanoseconds = planned.last?.dueNanoseconds ?? Int64.max
  }

  /// Takes the next one out; nil when there is none.
  mutating func popFirst() -> Intervention? {
    guard let first = planned.popLast() else { return nil }
    nextDueNanoseconds = planned.last?.dueNanoseconds ?? Int64.max
    return first
  }
}
