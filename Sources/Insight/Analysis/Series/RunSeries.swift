import LogicalTime
import RunRecord
import ScaleModel

/// The data of a run's figures: each machine's clock, drift and queue over time, and the
/// distributions of its jumps and its lateness.
///
/// It is sampled during the scan and stays small for journals of any length: a sample keeps the
/// extremes and the last value of its events.
package struct RunSeries {
  /// The run's name in the tables.
  package let name: String
  /// One per machine, in id order.
  package private(set) var machines: [MachineSeries]
  /// The length of the run in seconds: as planned when it is finished, otherwise up to the latest
  /// event or death.
  package let seconds: Double
  /// The time of the latest event, in seconds since the start; past the planned end when ticks were
  /// late.
  package let latestSeconds: Double
  /// The first field of a state that holds whole numbers: its values are charted; nil when the
  /// workload has none.
  package let chartedField: FieldDeclaration?
  /// The model of its die; nil for a workload without a die.
  package let model: FluidModel?
  /// What the logs of an imported run lack.
  package let lacks: [Manifest.Lack]

  /// Makes the series of a run that ended as planned, from samples made elsewhere.
  package init(
    name: String, machines: [MachineSeries], seconds: Double, model: FluidModel? = nil,
    lacks: [Manifest.Lack] = []
  ) {
    (self.name, self.machines, self.model) = (name, machines, model)
    self.lacks = lacks
    chartedField = nil
    (self.seconds, latestSeconds) = (seconds, seconds)
  }

  /// The same with only some of the machines.
  package func ofMachines(where isKept: (MachineSeries) -> Bool) -> RunSeries {
    var series = self
    series.machines = machines.filter(isKept)
    return series
  }

  /// Makes the series from one scan of a run's journals.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - sampler: Its samples of every event's clock, drift and queue.
  ///   - measures: Their jumps and lateness, one per machine, in id order.
  ///   - seconds: The length of the run.
  ///   - model: The model of its die; nil for a workload without a die.
  init(
    of run: StoredRun, _ sampler: SeriesSampler, _ measures: [MachineMeasure],
    seconds: Double, model: FluidModel?
  ) {
    name = run.name
    latestSeconds = Double(sampler.latestTime) / 1e9
    self.seconds = seconds
    chartedField = run.fields.chartedColumn.map { run.fields.columns[$0] }
    self.model = model
    lacks = run.manifest.imported?.lacks ?? []
    let hasRates = !run.lacks(.rate)
    let tellsQueue = run.manifest.tellsQueue
    let deathTimes = run.deathTimes
    machines = run.topology.machineIDs.map { id in
      let measure = measures[id.index]
      return MachineSeries(
        machine: id, rate: hasRates ? run.manifest.rate(of: id.index) : nil,
        name: run.manifest.imported.map { _ in run.manifest.name(of: id.index) },
        samples: sampler.samples[id.index], tellsQueue: tellsQueue[id.index],
        jumps: measure.figures.jumps.ascending.map {
          Tally(value: Double($0.value), count: $0.count)
        },
        lateness: measure.figures.lateness.ascending.map {
          Tally(value: Double($0.value) / 1e9, count: $0.count)
        }, deathTime: deathTimes?[id.index].map { Double($0) / 1e9 })
    }
  }
}

/// The data of one machine's figures.
package struct MachineSeries {
  /// Which machine it is.
  package let machine: MachineID
  /// Instructions per second; nil when unknown.
  package let rate: Double?
  /// The machine's name in the logs of an imported run; otherwise nil.
  package let name: String?
  /// Ordered by time.
  package let samples: [SeriesSample]
  /// Whether its queue lengths are known; otherwise the samples' mean nothing.
  package let tellsQueue: Bool
  /// How often each jump of the clock occurred, ascending.
  package let jumps: [Tally]
  /// How often a tick was this many seconds late, ascending and at most 0.2 % off; empty when the
  /// run's start is unknown.
  package let lateness: [Tally]
  /// The time of its death, in seconds since the run's start; nil when it did not die.
  package let deathTime: Double?

  /// Makes the series of a machine.
  package init(
    machine: MachineID, rate: Double?, name: String? = nil, samples: [SeriesSample],
    tellsQueue: Bool = true,
    jumps: [Tally], lateness: [Tally], deathTime: Double? = nil
  ) {
    (self.machine, self.rate, self.samples) = (machine, rate, samples)
    (self.name, self.tellsQueue) = (name, tellsQueue)
    (self.jumps, self.lateness) = (jumps, lateness)
    self.deathTime = deathTime
  }
}

/// A value, and how often it occurred.
package struct Tally: Hashable, Sendable {
  /// The value.
  package let value: Double
  /// How often it occurred.
  package let count: Int

  /// Makes a tally.
  package init(value: Double, count: Int) {
    (self.value, self.count) = (value, count)
  }
}

extension FieldNames {
  /// The column of the first field of a state that holds whole numbers; nil without one.
  var chartedColumn: Int? {
    journaledState.firstIndex { $0.kind == .integer }.map { message.count + $0 }
  }
}
