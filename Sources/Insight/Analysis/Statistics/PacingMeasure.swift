import LogicalTime
import RunRecord

/// Measures how steadily each machine ticks: the Allan deviation of its tick times.
///
/// A tick's error is its event's system time less (start + k / rate). A tick that is missing or out
/// of order ends the series, and another begins after it.
final class PacingMeasure: JournalAnalyzer {
  private let machines: [Observer]
  private let run: StoredRun

  /// Measures a run; nil when its start time is unknown.
  init?(of run: StoredRun) {
    guard run.manifest.startTimeNs != nil else { return nil }
    self.run = run
    let manifest = run.manifest
    machines = run.journals.indices.map { machine in
      Observer(
        rate: manifest.rate(of: machine), DueTimes(of: machine, in: run),
        startTime: manifest.startTime(of: machine))
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }

  /// The rows of `pacing.csv`, one per machine and averaging time.
  var rows: [PacingRow] {
    machines.enumerated().flatMap { index, machine in
      machine.deviation.points.map { point in
        PacingRow(point, rate: machine.rate, machine: index, run: run.name)
      }
    }
  }

  private final class Observer: JournalObserver {
    let rate: Double
    private(set) var deviation = AllanDeviation()
    /// Nil when the lateness of the machine's ticks is unknown.
    private let startTime: Int64?
    private var schedule: DueTimes
    private var latestTick: UInt64 = 0

    init(rate: Double, _ schedule: DueTimes, startTime: Int64?) {
      (self.rate, self.startTime) = (rate, startTime)
      self.schedule = schedule
    }

    func take(_ batch: JournalBatch) {
      guard let startTime else { return }
      for line in batch.lines where line.kind != .snapshot {
        if line.tick != latestTick &+ 1 { deviation.breakOff() }
        latestTick = line.tick
        // A tick without a due time is reported where lateness is measured.
        guard let due = schedule.due(line.tick) else { continue }
        deviation.add(Double(line.systemTime - startTime - due))
      }
    }
  }
}

/// The columns of `pacing.csv`.
package enum PacingColumn: String, TableColumn {
  case run, machine, tauS, differences, adev
}

/// A row of `pacing.csv`: how steadily a machine ticks over one averaging time.
package typealias PacingRow = TableRow<PacingColumn>

extension PacingRow {
  init(_ point: AllanDeviation.Point, rate: Double, machine: Int, run: String) {
    self.init { column in
      switch column {
      case .run: .text(run)
      case .machine: Cell(machine)
      case .tauS: .number(Double(point.factor) / rate)
      case .differences: Cell(point.termCount)
      // Nanoseconds of error per tick, times ticks per second.
      case .adev: .number(point.scaledDeviation * rate / 1e9)
      }
    }
  }
}
