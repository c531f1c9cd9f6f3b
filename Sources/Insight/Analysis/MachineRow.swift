import LogicalTime
import RunRecord

/// A row of `machines.csv`: everything measured of one machine in one run.
package struct MachineRow: TableRow, Hashable, Sendable {
  package let machine: MachineID
  /// What the logs of an imported run call the machine; nil in a run of ours.
  package let name: String?
  /// The figures, in the order of ``columns``.
  package let cells: [Cell]

  /// The columns of the machine table, in order.
  package static let columns = [
    "run", "machine", "rate_hz", "seed", "runtime", "events", "internal", "sends", "receives",
    "final_clock", "jump_mean", "jump_p50", "jump_p95", "jump_max", "clock_rate_hz", "drift_mean",
    "drift_max", "drift_final", "queue_mean", "queue_p95", "queue_max", "queue_final",
    "predicted_queue_final", "tick_rate_error_ppm", "lateness_p50_us", "lateness_p99_us",
    "lateness_max_us",
  ]

  /// Where the tables of imported runs have a machine's name: behind its id.
  private static let namePlace = 2

  /// The columns of a table in which machines have names, or have none.
  package static func columns(named: Bool) -> [String] {
    var columns = columns
    if named { columns.insert("name", at: namePlace) }
    return columns
  }

  /// The figures, in the order of ``columns(named:)``.
  package func cells(named: Bool) -> [Cell] {
    var cells = cells
    if named { cells.insert(.text(name ?? ""), at: Self.namePlace) }
    return cells
  }

  /// Writes an object with a key per column.
  package func encode(to encoder: any Encoder) throws {
    try Self.encode(
      zip(Self.columns(named: name != nil), cells(named: name != nil)), to: encoder)
  }

  /// Puts together what was measured.
  init(
    of machine: MachineID, in run: RecordedRun, measured: borrowing MachineMeasure.Figures,
    drift: DriftMeasure.Figures, percentiles: MachinePercentiles, predictedQueueLength: Double?,
    tellsQueue: Bool
  ) {
    let hasEvents = measured.eventCount > 0
    // Where a clock goes back, a stretch may have events and still no drift.
    let hasDrift = drift.count > 0
    let slopes = measured.trends.slopes
    let hasStart = run.manifest.startTime(of: machine.index) != nil
    self.machine = machine
    name = run.manifest.imported.map { _ in run.manifest.name(of: machine.index) }
    // What the logs of an imported run do not tell stays empty.
    func told(_ cell: Cell, _ lacks: Manifest.Lack...) -> Cell {
      lacks.contains(where: run.lacks) ? .none : cell
    }
    func ofQueue(_ cell: Cell) -> Cell { tellsQueue ? cell : .none }
    let rate =
      run.manifest.rateSeconds(of: machine.index) == 1
      ? Cell(run.manifest.plan.rates[machine.index])
      : .number(run.manifest.rate(of: machine.index))
    var cells: [Cell] = [
      .text(run.name), Cell(machine.index), told(rate, .rate),
    ]
    cells.append(run.manifest.imported == nil ? .count(run.manifest.seed) : .none)
    cells += [
      .text(run.manifest.runtime), Cell(measured.eventCount), Cell(measured.internalCount),
      Cell(measured.sendCount), Cell(measured.receiveCount),
      told(Cell(hasEvents ? Int(measured.clock) : nil), .clock),
      told(Cell(measured.jumpMean), .clock), told(Cell(percentiles.jump50), .clock),
      told(Cell(percentiles.jump95), .clock), told(Cell(percentiles.jumpMax), .clock),
      told(Cell(slopes?.x), .clock, .time),
    ]
    cells += [
      told(Cell(hasDrift ? drift.sum / Double(drift.count) : nil), .clock, .time),
      told(Cell(hasDrift ? Int(drift.maximum) : nil), .clock, .time),
      told(Cell(hasDrift ? Int(drift.final) : nil), .clock, .time),
    ]
    let receiveCount = measured.receiveCount
    cells += [
      ofQueue(
        Cell(receiveCount > 0 ? Double(measured.queueLengthSum) / Double(receiveCount) : nil)),
      ofQueue(Cell(percentiles.queue95)),
      ofQueue(Cell(hasEvents ? measured.queueLengthMax : nil)),
      ofQueue(Cell(hasEvents ? measured.queueLength : nil)),
      Cell(predictedQueueLength),
    ]
    // Nanoseconds per second are thousandths of a millionth.
    cells.append(Cell(hasStart ? slopes.map { $0.y / 1e3 } : nil))
    cells += [percentiles.lateness50, percentiles.lateness99, percentiles.latenessMax].map {
      Cell($0.map(Self.microseconds))
    }
    self.cells = cells
  }

  private static func microseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e3 }
}

extension MachineMeasure.Figures {
  /// The mean of the differences of consecutive readings; they add up to last minus first.
  var jumpMean: Double? {
    jumps.total > 0 ? Double(clock - firstClock) / Double(jumps.total) : nil
  }
}
