import LogicalTime
import RunRecord

/// The columns of `machines.csv`, and further measurements of one machine in one run.
package enum MachineColumn: String, TableColumn {
  /// `name` is the machine's name in an imported run's logs; other runs leave it empty.
  case run, machine, name, rateHz, seed, runtime, events, `internal`, sends, receives
  /// Receipts divided by events: only for ``compared``.
  case receiveShare
  case finalClock, jumpMean, jumpP50, jumpP95, jumpMax, clockRateHz, driftMean, driftMax
  case driftFinal, queueMean, queueP95, queueMax, queueFinal, predictedQueueFinal
  case tickRateErrorPpm, latenessP50Us, latenessP99Us, latenessMaxUs

  /// Whether the table shows it: not `receiveShare`, and `name` only when machines have names.
  package func isShown(named: Bool) -> Bool { self != .receiveShare && (named || self != .name) }

  /// The figures that are compared over a machine's repetitions.
  static let compared: [MachineColumn] = {
    let others: [MachineColumn] = [.run, .machine, .name, .seed, .runtime, .predictedQueueFinal]
    return allCases.filter { !others.contains($0) }
  }()

  /// What an imported run's logs must contain for the column to have values.
  fileprivate var needs: [Manifest.Lack] {
    switch self {
    case .rateHz: [.rate]
    case .finalClock, .jumpMean, .jumpP50, .jumpP95, .jumpMax: [.clock]
    case .clockRateHz, .driftMean, .driftMax, .driftFinal: [.clock, .time]
    default: []
    }
  }
}

/// A row of `machines.csv`: everything measured of one machine in one run.
package typealias MachineRow = TableRow<MachineColumn>

extension MachineRow {
  /// Makes the row from measurements.
  init(
    of machine: Int, in run: StoredRun, measured: borrowing MachineMeasure.Figures,
    drift: DriftMeasure.Figures, percentiles: MachinePercentiles, predictedQueueLength: Double?,
    tellsQueue: Bool
  ) {
    let (manifest, events) = (run.manifest, measured.eventCount)
    let slopes = measured.trends.slopes
    self.init { column in
      if column.needs.contains(where: run.lacks) { return .none }
      return switch column {
      case .run: .text(run.name)
      case .machine: Cell(machine)
      case .name: manifest.imported == nil ? .none : .text(manifest.name(of: machine))
      case .rateHz where manifest.rateSeconds(of: machine) == 1: Cell(manifest.plan.rates[machine])
      case .rateHz: .number(manifest.rate(of: machine))
      case .seed: manifest.imported == nil ? .count(manifest.seed) : .none
      case .runtime: .text(manifest.runtime)
      case .events: Cell(events)
      case .internal: Cell(measured.internalCount)
      case .sends: Cell(measured.sendCount)
      case .receives: Cell(measured.receiveCount)
      case .receiveShare: Cell(Double(measured.receiveCount), by: events)
      case .finalClock: Cell(events > 0 ? Int(measured.clock) : nil)
      // The differences of consecutive readings add up to the last minus the first.
      case .jumpMean: Cell(Double(measured.clock - measured.firstClock), by: measured.jumps.total)
      case .jumpP50: Cell(percentiles.jump50)
      case .jumpP95: Cell(percentiles.jump95)
      case .jumpMax: Cell(percentiles.jumpMax)
      case .clockRateHz: Cell(slopes?.x)
      case .driftMean: Cell(drift.sum, by: drift.count)
      // With a clock that goes back, a window may have events and still no drift.
      case .driftMax: Cell(drift.count > 0 ? Int(drift.maximum) : nil)
      case .driftFinal: Cell(drift.count > 0 ? Int(drift.final) : nil)
      case .queueMean:
        Cell(Double(measured.queueLengthSum), by: tellsQueue ? measured.receiveCount : 0)
      case .queueP95: Cell(tellsQueue ? percentiles.queue95 : nil)
      case .queueMax: Cell(tellsQueue && events > 0 ? measured.queueLengthMax : nil)
      case .queueFinal: Cell(tellsQueue && events > 0 ? measured.queueLength : nil)
      case .predictedQueueFinal: Cell(predictedQueueLength)
      // Nanoseconds per second are thousandths of a millionth.
      case .tickRateErrorPpm:
        Cell(manifest.startTime(of: machine) == nil ? nil : (slopes?.y).map { $0 / 1e3 })
      case .latenessP50Us: Self.microseconds(percentiles.lateness50)
      case .latenessP99Us: Self.microseconds(percentiles.lateness99)
      case .latenessMaxUs: Self.microseconds(percentiles.latenessMax)
      }
    }
  }

  private static func microseconds(_ nanoseconds: Int64?) -> Cell {
    Cell(nanoseconds.map { Double($0) / 1e3 })
  }

  /// The machine's name for the reader: that in an imported run's logs, or else its id.
  package var machineName: Cell { self[.name] == .none ? self[.machine] : self[.name] }
}
