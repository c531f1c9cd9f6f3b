import LogicalTime
import RunRecord
import ScaleModel
import Snapshots

/// A crash to recover from: its time since the run's start, and perhaps the one machine that
/// crashes.
package struct Crash: Hashable, Sendable {
  /// When; nil for the run's last event.
  ///
  /// What happens at that time is before it.
  package var time: TimeSpan?
  /// Which machine loses what it has not recorded; nil for all.
  package var machine: MachineID?

  /// A crash of all machines at the run's end.
  package init() {}

  /// Reads `20s` or `20s@1`; nil for anything else.
  package init?(_ word: String) {
    let isOfOne = word.contains("@")
    guard let entry = SnapshotSchedule.Entry(word) else { return nil }
    (time, machine) = (entry.time, isOfOne ? entry.initiator : nil)
  }
}

/// The columns of `recovery-line.csv`.
///
/// A row says how far one machine goes back when a run crashes at `crash_s`: of its `checkpoints`
/// (its start not counted) it keeps those up to `checkpoint`, recorded at `time_s`; empty is its
/// start, and `rollback_s` is how long that is before the crash. A machine that can go on as it is
/// has no `time_s`, and undoes nothing.
package enum RecoveryColumn: String, TableColumn {
  case run, machine, crashS, checkpoints, checkpoint, timeS, rollbackS, checkpointsUndone
  case eventsUndone
}

/// A row of `recovery-line.csv`.
package typealias RecoveryRow = TableRow<RecoveryColumn>

/// The latest consistent line of checkpoints of a run, found from its journals alone.
///
/// Every `snapshot` line is a checkpoint, whatever the algorithm. A message counts as received when
/// a tick receives it: one that waits in an inbox is still on its way.
package struct RunRecovery: Sendable {
  /// The run's name in the tables.
  package let run: String
  /// The time of the crash, in nanoseconds since the run's start.
  package let crashTime: Int64
  /// The machine that crashed; nil for all.
  package let crashed: MachineID?
  /// All checkpoints before the crash, by machine.
  package let checkpoints: [[RollbackGraph.Checkpoint]]
  /// The line, and how the machines go back to it.
  package let line: RecoveryLine
  /// How many events each machine had carried out, in id order.
  private let eventCounts: [UInt64]

  /// Reads the journals of a run up to a crash.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package init(of run: StoredRun, after crash: Crash) throws(RunRecordError) {
    var graph = RollbackGraph(machineCount: run.machineCount)
    var eventCounts = Array(repeating: UInt64(0), count: run.machineCount)
    var lastTime: Int64 = 0
    let crashTime = crash.time?.nanoseconds
    let start = SystemInstant(nanoseconds: run.originTime)
    let limit = crash.time.map { Delay.arrival(enteringAt: start, after: $0).nanoseconds + 1 }
    let buffer = JournalBuffer(lineCount: 1 << 10, columnCount: run.fields.columnCount)
    for (machine, journal) in zip(run.topology.machineIDs, run.journals) {
      try journal.rewind()
      while true {
        let batch = try journal.read(into: buffer, before: limit ?? .max)
        if batch.lines.isEmpty { break }
        for line in batch.lines {
          lastTime = max(lastTime, line.systemTime - run.originTime)
          if line.kind == .snapshot {
            graph.record(
              RollbackGraph.Checkpoint(
                id: SnapshotID(word: line.messageReading), clock: line.clock,
                time: line.systemTime - run.originTime, eventCount: eventCounts[machine.index]),
              by: machine)
            continue
          }
          eventCounts[machine.index] += 1
          if line.kind == .receive, case .machine(let source) = line.peer,
            source.index < run.machineCount
          {
            graph.receive(line.messageReading, from: source, by: machine)
          }
        }
      }
    }
    self.run = run.name
    self.crashTime = crashTime ?? lastTime
    crashed = crash.machine
    checkpoints = graph.checkpoints
    line = graph.line(afterCrashOf: crash.machine)
    self.eventCounts = eventCounts
  }

  /// The checkpoint that a machine goes back to; nil when it can go on as it is.
  package func checkpoint(of machine: Int) -> RollbackGraph.Checkpoint? {
    let index = line.indices[machine]
    return index < checkpoints[machine].count ? checkpoints[machine][index] : nil
  }

  /// How far the machine that goes back farthest does, in nanoseconds.
  package var rollback: Int64 {
    checkpoints.indices.reduce(0) { farthest, machine in
      max(farthest, checkpoint(of: machine).map { crashTime - $0.time } ?? 0)
    }
  }

  /// A row for each machine, in id order.
  package var rows: [RecoveryRow] {
    checkpoints.indices.map { machine in
      let kept = checkpoint(of: machine)
      let recordedCount = checkpoints[machine].count - 1
      return RecoveryRow { column in
        switch column {
        case .run: .text(run)
        case .machine: Cell(machine)
        case .crashS: .number(Double(crashTime) / 1e9)
        case .checkpoints: Cell(recordedCount)
        case .checkpoint: Cell(kept?.id.map { "\($0)" })
        case .timeS: Cell(kept.map { Double($0.time) / 1e9 })
        case .rollbackS: .number(kept.map { Double(crashTime - $0.time) / 1e9 } ?? 0)
        case .checkpointsUndone: Cell(max(0, recordedCount - line.indices[machine]))
        case .eventsUndone: .count(kept.map { eventCounts[machine] - $0.eventCount } ?? 0)
        }
      }
    }
  }
}
