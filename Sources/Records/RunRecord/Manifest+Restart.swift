import LogicalTime
import ScaleModel
import Snapshots

extension Manifest {
  /// A return of all machines to the last complete snapshot, or to the start: `restarts` in
  /// `run.json`.
  ///
  /// Journals keep what it undid, which counts in nothing.
  package struct Restart: Codable, Hashable, Sendable {
    /// The system time at which the first death was noticed, in nanoseconds.
    package var timeNs: Int64
    /// The machines that died; none when the run goes on from an earlier one's snapshot.
    package var machines: [MachineID]
    /// How the first of them died, phrased to follow "died: ".
    package var cause: String
    /// The snapshot that they went back to; absent for the start.
    package var snapshot: String?
    /// How long after that all of them went on, in nanoseconds.
    package var recoveryNs: Int64
    /// The first and the last undone line of each machine's journal, in id order, where the header
    /// is line 1; an empty list where none is undone.
    package var undone: [[Int]]
    /// The epoch that begins; absent in runs of programs that did not tell it.
    ///
    /// A recovery in which another machine dies uses up an epoch of its own.
    package var epoch: Int?

    /// Makes a restart of its parts.
    package init(
      timeNs: Int64, machines: [MachineID], cause: String, snapshot: SnapshotID?, recoveryNs: Int64,
      undone: [[Int]], epoch: Int
    ) {
      (self.timeNs, self.machines, self.cause) = (timeNs, machines, cause)
      (self.recoveryNs, self.undone, self.epoch) = (recoveryNs, undone, epoch)
      self.snapshot = snapshot.map { "\($0)" }
    }

    /// The system time from which ticks count again; the first after the cut is due a period later.
    package var resumeNs: Int64 { timeNs + recoveryNs }

    /// The undone lines of a machine's journal; nil for none.
    package func undoneLines(of machine: MachineID) -> ClosedRange<Int>? {
      guard undone.indices.contains(machine.index), let first = undone[machine.index].first,
        let last = undone[machine.index].last
      else { return nil }
      return first...last
    }

    enum CodingKeys: String, CodingKey {
      case timeNs = "time_ns"
      case recoveryNs = "recovery_ns"
      case machines, cause, snapshot, undone, epoch
    }
  }

  /// The undone lines of a machine's journal, ascending.
  package func undoneLines(of machine: MachineID) -> [ClosedRange<Int>] {
    (restarts ?? []).compactMap { $0.undoneLines(of: machine) }
  }

  /// The first key of the restarts that has an impossible value, and the problem.
  var restartProblem: (key: String, problem: String)? {
    guard let restarts else { return nil }
    if plan.onFailure != "restore" && from == nil {
      return ("restarts", "only --on-failure restore and --from have them")
    }
    var ends = Array(repeating: 1, count: plan.machines)
    var (time, epoch) = (Int64(0), 0)
    for (index, restart) in restarts.enumerated() {
      let key = "restarts[\(index)]"
      let next = restart.epoch ?? index + 1
      guard next > epoch, next < 1 << 31 else {
        return ("\(key).epoch", "epochs are counted from 1, and ascend")
      }
      epoch = next
      guard restart.timeNs >= time, restart.timeNs < 1 << 62, 0..<1 << 62 ~= restart.recoveryNs
      else { return ("\(key).time_ns", "times are those of the run, and ascend") }
      // A machine can die when the others are about to go on.
      time = restart.timeNs
      guard restart.machines.allSatisfy({ $0.index < plan.machines }) else {
        return ("\(key).machines", "it names a machine that the run does not have")
      }
      if let name = restart.snapshot, SnapshotID(name) == nil {
        return ("\(key).snapshot", "'\(name)' is not a snapshot's id")
      }
      guard restart.undone.count == (journal ? plan.machines : 0) else {
        return ("\(key).undone", "there is one list for each machine's journal")
      }
      for (machine, lines) in restart.undone.enumerated() where !lines.isEmpty {
        guard lines.count == 2, lines[0] > ends[machine], lines[0] <= lines[1], lines[1] < 1 << 62
        else {
          return ("\(key).undone[\(machine)]", "two line numbers, the smaller first, ascend")
        }
        ends[machine] = lines[1]
      }
    }
    return nil
  }
}
