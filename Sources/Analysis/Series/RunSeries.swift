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
  package let machines: [MachineSeries]
  /// From the run's start to its end, in seconds: as planned when it is finished, else to the
  /// latest event.
  package let seconds: Double
  /// When the latest event was, in seconds since the start; after the planned end when ticks were
  /// late.
  package let latestSeconds: Double
  /// What the die leads to on average; nil for a workload without a die.
  package let model: FluidModel?

  /// Puts together what was sampled elsewhere, of a run that ended as planned.
  package init(
    name: String, machines: [MachineSeries], seconds: Double, model: FluidModel? = nil
  ) {
    (self.name, self.machines, self.model) = (name, machines, model)
    (self.seconds, latestSeconds) = (seconds, seconds)
  }

  /// Reads all journals of a run from their starts.
  ///
  /// - Throws: ``RunRecordError`` when a journal is malformed.
  package init(of run: RecordedRun) throws(RunRecordError) {
    let sampler = SeriesSampler(machineCount: run.machineCount, originTime: run.originTime)
    let distributions = Distributions(of: run)
    let drift = DriftMeasure(machineCount: run.machineCount, timeline: sampler)
    for journal in run.journals { try journal.rewind() }
    try RunPass(run, [drift, distributions]).carryOut()
    let plan = run.manifest.plan
    let isChatter = plan.workload == RunPlan.WorkloadChoice.Word.chatter.rawValue
    name = run.name
    latestSeconds = Double(sampler.latestTime) / 1e9
    seconds =
      run.manifest.status == .finished
      ? Double(run.manifest.durationNs) / 1e9 : latestSeconds
    model =
      isChatter
      ? FluidModel(topology: run.topology, rates: plan.rates, dieSides: plan.die) : nil
    machines = run.topology.machineIDs.map { id in
      MachineSeries(
        machine: id, rate: plan.rates[id.index], samples: sampler.samples[id.index],
        jumps: distributions.machines[id.index].counts.jumps.ascending.map {
          Tally(value: Double($0.value), count: $0.count)
        },
        lateness: distributions.machines[id.index].counts.lateness.ascending.map {
          Tally(value: Double($0.value) / 1e9, count: $0.count)
        })
    }
  }
}

/// What figures need of one machine.
package struct MachineSeries {
  package let machine: MachineID
  /// Instructions per second.
  package let rate: Int
  /// In the order of time.
  package let samples: [SeriesSample]
  /// How often each jump of the clock occurred, ascending.
  package let jumps: [Tally]
  /// How often a tick was so many seconds late, ascending and at most 0.2 % off; empty when the
  /// run's start is not known.
  package let lateness: [Tally]

  /// Puts together what was sampled.
  package init(
    machine: MachineID, rate: Int, samples: [SeriesSample], jumps: [Tally], lateness: [Tally]
  ) {
    (self.machine, self.rate, self.samples) = (machine, rate, samples)
    (self.jumps, self.lateness) = (jumps, lateness)
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

/// Counts the jumps and the lateness of every machine.
private final class Distributions: Examination {
  let machines: [DistributionObserver]

  init(of run: RecordedRun) {
    machines = run.journals.indices.map { index in
      DistributionObserver(
        rate: run.manifest.plan.rates[index], startTime: run.manifest.startTimeNs)
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }
}

/// Counts the jumps and the lateness of one machine.
private final class DistributionObserver: JournalObserver {
  private(set) var counts: Counts

  init(rate: Int, startTime: Int64?) {
    counts = Counts(rate: rate, startTime: startTime)
  }

  func take(_ batch: JournalBatch) { counts.take(batch) }

  struct Counts: ~Copyable {
    private(set) var jumps = ValueCounts()
    /// In nanoseconds.
    private(set) var lateness = RankCounts()
    private let startTime: Int64?
    private var schedule: TickSchedule
    private var latestClock: Int64?

    init(rate: Int, startTime: Int64?) {
      schedule = TickSchedule(rate: rate)
      self.startTime = startTime
    }

    mutating func take(_ batch: JournalBatch) {
      for line in batch.lines where line.kind != .snapshot {
        let clock = Int64(bitPattern: line.clock)
        if let latestClock { jumps.add(clock - latestClock) }
        latestClock = clock
        if let startTime, let due = schedule.due(line.tick) {
          lateness.add(line.systemTime - startTime - due)
        }
      }
    }
  }
}
