import LogicalTime
import ScaleModel

/// A planned action on one machine.
struct Intervention: Comparable {
  /// The actions, in the order in which they apply at one time.
  enum Action: Int {
    case kill
    case resume
    case pause
    case snapshot
    case lose
    case tell
  }

  let due: RunTime
  let action: Action
  let machine: MachineID
  /// The index of the fault that causes it; nil for a snapshot.
  var fault: Int?

  static func < (left: Intervention, right: Intervention) -> Bool {
    (left.due, left.action.rawValue, left.machine, left.fault ?? 0)
      < (right.due, right.action.rawValue, right.machine, right.fault ?? 0)
  }
}

/// The planned actions on single machines, in order of execution.
struct Interventions {
  /// When the next one is due; never when there is none.
  private(set) var nextDue: RunTime
  /// The actions still to come, in reverse order.
  private var planned: [Intervention] = []

  /// Plans the faults that act on single machines (not partitions), and the starts of snapshots.
  init(faults: [Fault], snapshots: [SnapshotSchedule.Entry]) {
    func plan(
      _ action: Intervention.Action, _ machine: MachineID, at time: TimeSpan, by fault: Int? = nil
    ) {
      planned.append(
        Intervention(
          due: RunTime(time), action: action, machine: machine, fault: fault))
    }
    nextDue = .never
    for (index, fault) in faults.enumerated() {
      switch fault {
      case .kill(let machine, let time):
        plan(.kill, machine, at: time, by: index)
      case .pause(let machine, let from, let until):
        plan(.pause, machine, at: from, by: index)
        plan(.resume, machine, at: until, by: index)
      case .lose(let source, _, let time):
        plan(.lose, source, at: time, by: index)
      case .tell(let machine, _, let time):
        plan(.tell, machine, at: time, by: index)
      case .partition:
        break
      }
    }
    for snapshot in snapshots { plan(.snapshot, snapshot.initiator, at: snapshot.time) }
    planned.sort { $0 > $1 }
    nextDue = planned.last?.due ?? .never
  }

  /// Removes and returns the next action; nil when there is none.
  mutating func popFirst() -> Intervention? {
    guard let first = planned.popLast() else { return nil }
    nextDue = planned.last?.due ?? .never
    return first
  }
}
