import LogicalTime
import RunRecord
import ScaleModel

/// What figures need of a run: each machine's clock, drift and queue over time, and how its jumps
/// and its lateness are distributed.
///
/// It is sampled while the journals stream by, so that it stays small however long they are: what
/// happened within one sample is kept as its extremes and its last value.
package struct RunSeries {
  /// What the tables call the run.
  package let name: String
  /// One per machine, in id order.
  package private(set) var machines: [MachineSeries]
  /// From the run's start to its end, in seconds: as planned when it is finished, else to the
  /// latest event or death.
  package let seconds: Double
  /// When the latest event was, in seconds since the start; after the planned end when ticks were
  /// late.
  package let latestSeconds: Double
  /// Whether its machines are accounts: else the samples say nothing of balances.
  package let hasMoney: Bool
  /// What the die leads to on average; nil for a workload without a die.
  package let model: FluidModel?
  /// What the logs of an imported run do not tell.
  package let lacks: [Manifest.Lack]

  /// Puts together what was sampled elsewhere, of a run that ended as planned.
  package init(
    name: String, machines: [MachineSeries], seconds: Double, model: FluidModel? = nil,
    lacks: [Manifest.Lack] = []
  ) {
    (self.name, self.machines, self.model) = (name, machines, model)
    self.lacks = lacks
    hasMoney = false
    (self.seconds, latestSeconds) = (seconds, seconds)
  }

  /// The same of some of the machines only.
  package func ofMachines(where isKept: (MachineSeries) -> Bool) -> RunSeries {
    var series = self
    series.machines = machines.filter(isKept)
    return series
  }

  /// Puts together what one pass over a run's journals found.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - sampler: Was shown every event's clock, drift and queue.
  ///   - measures: Have counted jumps and lateness, one per machine, in id order.
  ///   - seconds: How long the run went on.
  ///   - model: What the die leads to on average; nil for a workload without a die.
  init(
    of run: StoredRun, _ sampler: SeriesSampler, _ measures: [MachineMeasure],
    seconds: Double, model: FluidModel?
  ) {
    name = run.name
    latestSeconds = Double(sampler.latestTime) / 1e9
    self.seconds = seconds
    hasMoney = run.manifest.plan.balance != nil
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

/// What figures need of one machine.
package struct MachineSeries {
  package let machine: MachineID
  /// Instructions per second; nil when nobody knows.
  package let rate: Double?
  /// What the logs of an imported run call it; nil in a run of ours.
  package let name: String?
  /// In the order of time.
  package let samples: [SeriesSample]
  /// Whether it is known how long its queue was; else the samples say nothing of it.
  package let tellsQueue: Bool
  /// How often each jump of the clock occurred, ascending.
  package let jumps: [Tally]
  /// How often a tick was so many seconds late, ascending and at most 0.2 % off; empty when the
  /// run's start is not known.
  package let lateness: [Tally]
  /// When it died, in seconds since the run's start; nil when it lived.
  package let deathTime: Double?

  /// Puts together what was sampled.
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
  package let value: Double
  package let count: Int

  package init(value: Double, count: Int) {
    (self.value, self.count) = (value, count)
  }
}
