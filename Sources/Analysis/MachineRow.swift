import LogicalTime

/// A row of `machines.csv`: everything measured of one machine in one run.
package struct MachineRow: TableRow, Hashable, Sendable {
  package let machine: MachineID
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

  /// Puts together what was measured.
  init(
    of machine: MachineID, in run: RecordedRun, measured: borrowing MachineMeasure.Figures,
    drift: DriftMeasure.Figures, percentiles: MachinePercentiles, predictedQueueLength: Double?
  ) {
    let hasEvents = measured.eventCount > 0
    let slopes = measured.trends.slopes
    let hasStart = run.manifest.startTimeNs != nil
    self.machine = machine
    cells = [
      .text(run.name), Cell(machine.index), Cell(run.manifest.plan.rates[machine.index]),
      .count(run.manifest.seed), .text(run.manifest.runtime),
      Cell(measured.eventCount), Cell(measured.internalCount), Cell(measured.sendCount),
      Cell(measured.receiveCount),
      Cell(hasEvents ? Int(measured.clock) : nil),
      Cell(measured.jumpMean), Cell(percentiles.jump50), Cell(percentiles.jump95),
      Cell(percentiles.jumpMax),
      Cell(slopes?.x),
      Cell(hasEvents ? drift.sum / Double(drift.count) : nil),
      Cell(hasEvents ? Int(drift.maximum) : nil), Cell(hasEvents ? Int(drift.final) : nil),
      Cell(
        measured.receiveCount > 0
          ? Double(measured.queueLengthSum) / Double(measured.receiveCount) : nil),
      Cell(percentiles.queue95),
      Cell(hasEvents ? measured.queueLengthMax : nil),
      Cell(hasEvents ? measured.queueLength : nil),
      Cell(predictedQueueLength),
      // Nanoseconds per second are thousandths of a millionth.
      Cell(hasStart ? slopes.map { $0.y / 1e3 } : nil),
      Cell(percentiles.lateness50.map(Self.microseconds)),
      Cell(percentiles.lateness99.map(Self.microseconds)),
      Cell(percentiles.latenessMax.map(Self.microseconds)),
    ]
  }

  private static func microseconds(_ nanoseconds: Int64) -> Double { Double(nanoseconds) / 1e3 }
}

extension MachineMeasure.Figures {
  /// The mean of the differences of consecutive readings; they add up to last minus first.
  var jumpMean: Double? {
    jumps.total > 0 ? Double(clock - firstClock) / Double(jumps.total) : nil
  }
}
