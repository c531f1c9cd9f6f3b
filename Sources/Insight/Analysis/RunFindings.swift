import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// The results of analysing one run.
package struct RunFindings {
  /// The run's name in the tables.
  package let name: String
  /// One per machine, in id order.
  package private(set) var machines: [MachineRow]
  /// The fluid model's predictions, one per machine, in id order; empty without a model.
  package let predictions: [FluidPrediction]
  /// How many messages its snapshots find on channels, by initiator; nil without a law.
  package let channelMessageLaw: ChannelMessageLaw?
  /// The result of each check, in the order the documentation names them; empty when none was
  /// requested.
  package private(set) var verdicts: [(check: String, verdict: Verdict)]
  /// One per snapshot that has a file, ascending by id; empty when no option needs them.
  package private(set) var snapshots: [SnapshotRow]
  /// The figures that the run's workload names, in its order; empty when it names none, or no
  /// option needs them.
  package private(set) var measures: [MeasureRow]
  /// What logical clocks say of the run, one row each; empty unless they are compared.
  package private(set) var clocks: [ClockRow]
  /// What the reader should know about gaps in the journals, and clocks left out.
  package let warnings: [String]
  /// How many journal lines were read, without snapshot lines.
  package let eventCount: Int
  /// The length of the run: as planned when it is finished, otherwise up to the latest event or
  /// death.
  package let ran: TimeSpan
  /// How a journal of a finished run has less, or more, than its manifest says; nil when none has,
  /// or when this was not compared.
  package let shortage: RunRecordError?
  /// The last values of the machines' states, by the keys of a manifest, in id order; empty when
  /// the data of figures was not requested.
  package let finalFields: [NamedValues]
  /// The data of figures; nil when not requested, or taken.
  private var series: RunSeries?

  /// What to find out besides the machine table.
  package struct Options {
    /// Whether the checks run.
    package var checks = false
    /// Whether ``RunFindings/snapshots`` are wanted.
    package var snapshots = false
    /// Whether what snapshots have wrong is counted even where the plan gives nothing up.
    package var judgesAll = false
    /// Where the rows of all tables go; nil for nowhere.
    package var tables: TableFiles?
    /// Whether ``RunFindings/measures`` are wanted; they cost a pass over the journals.
    package var measures = true
    /// Whether the data of figures is wanted.
    package var series = false
    /// Whether ``RunFindings/clocks`` are wanted; they cost a pass over the journals.
    package var clocks = false
    /// With clocks: how many nanoseconds a message may be ahead of its receiver; nil for any.
    package var offsetMax: Int64?
    /// Whether to compare the journals' ends with the manifest.
    package var comparesEnds = false
    /// The time window that is measured; checks and series always read the whole run.
    package var window = TimeWindow()
    /// How many threads read the journals; nil to choose.
    ///
    /// The findings do not depend on it.
    package var threadCount: Int?

    /// Makes options; by default only the machine table and the measures are found.
    package init(
      checks: Bool = false, snapshots: Bool = false, tables: TableFiles? = nil,
      measures: Bool = true, series: Bool = false, comparesEnds: Bool = false,
      window: TimeWindow = TimeWindow()
    ) {
      (self.checks, self.snapshots, self.tables) = (checks, snapshots, tables)
      (self.measures, self.series) = (measures, series)
      (self.comparesEnds, self.window) = (comparesEnds, window)
    }

    /// The threads for a run's journals; a short run is read faster without more threads.
    func team(for run: StoredRun) -> ThreadTeam {
      let byteCount = run.journals.reduce(0) { $0 + $1.byteCount }
      return ThreadTeam(
        memberCount: threadCount ?? (byteCount < 1 << 20 ? 1 : ThreadTeam.fullMemberCount))
    }

    /// Whether the files of the snapshots are read.
    var needsSnapshots: Bool { checks || snapshots || tables != nil }
  }

  /// Reads a run's journals once; measures and checks everything that was requested.
  ///
  /// - Parameters:
  ///   - run: The run; its journals have not been read.
  ///   - options: What to find out besides the machine table.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  package init(of run: StoredRun, _ options: Options = Options()) throws(RunRecordError) {
    let reading = try RunReading(of: run, options)
    name = run.name
    ran = Self.ran(run, reading.machines, latest: reading.drift.latestTime)
    let seconds = ran.seconds
    let model = FluidModel(of: run.manifest, run.topology)
    // The prediction for a window's end counts from the run's start, as does the queue's growth.
    predictions = Self.predictions(
      of: run, model, seconds: options.window.to.map { min(seconds, Double($0) / 1e9) } ?? seconds)
    channelMessageLaw =
      run.manifest.plan.promises.isUsual && !run.manifest.plan.markersWait
      ? model.flatMap { ChannelMessageLaw($0, of: run) } : nil
    machines = try Self.rows(of: run, reading.machines, reading.drift.figures, predictions)
    snapshots = reading.snapshotRows
    verdicts = reading.checks.map { ($0.name, run.located($0.verdict())) }
    measures = options.measures ? try RunMeasures(of: run, within: reading.times).rows : []
    eventCount = reading.machines.reduce(0) { $0 + $1.figures.eventCount }
    let compared =
      options.clocks ? try Self.compareClocks(of: run, eventCount, options, reading.team) : nil
    clocks = compared?.rows ?? []
    shortage = reading.comparesEnds ? reading.ends?.shortage : nil
    finalFields = options.series ? reading.ends?.fields ?? [] : []
    series = reading.sampler.map {
      RunSeries(of: run, $0, reading.machines, seconds: seconds, model: model)
    }
    let isEmpty = eventCount == 0 && !options.window.isWhole
    warnings =
      run.warnings + (reading.recorded?.warnings ?? []) + (compared?.notes ?? [])
      + (isEmpty ? ["'\(run.name)' has no event \(options.window.words)"] : [])
    if let tables = options.tables { add(to: tables, from: reading) }
  }

  /// Writes the rows of all tables.
  private func add(to tables: TableFiles, from reading: RunReading) {
    for (machine, measure) in reading.machines.enumerated() {
      tables.add(jumps: measure.figures.jumps, of: machine, in: reading.run)
    }
    reading.channels?.forEach { tables.add(channel: $0, undelivered: $1, of: reading.run) }
    for row in machines { tables.add(machine: row) }
    for row in snapshots { tables.add(snapshot: row) }
    for row in reading.pacing?.rows ?? [] { tables.add(pacing: row) }
    for row in measures { tables.add(measure: row) }
    for row in clocks { tables.add(clock: row) }
  }

  private static func compareClocks(
    of run: StoredRun, _ eventCount: Int, _ options: Options, _ team: ThreadTeam
  ) throws(RunRecordError) -> ClockComparison {
    try ClockComparison(
      of: run,
      ClockComparison.Options(
        window: options.window, eventCount: eventCount, offsetMax: options.offsetMax, team: team))
  }

  /// The same findings with other verdicts: in an imported run they name lines of its logs.
  package func withVerdicts(_ change: (_ check: String, Verdict) -> Verdict) -> RunFindings {
    var findings = self
    findings.verdicts = verdicts.map { ($0.check, change($0.check, $0.verdict)) }
    return findings
  }

  /// Removes and returns the data of figures, which is too large to keep for many runs.
  package mutating func takeSeries() -> RunSeries? {
    defer { series = nil }
    return series
  }

  /// The same without rows of tables, for callers that keep the findings of many runs.
  package var withoutRows: RunFindings {
    var findings = self
    (findings.machines, findings.snapshots, findings.measures) = ([], [], [])
    findings.clocks = []
    return findings
  }

  private static func rows(
    of run: StoredRun, _ measures: [MachineMeasure], _ drifts: [DriftMeasure.Figures],
    _ predictions: [FluidPrediction]
  ) throws(RunRecordError) -> [MachineRow] {
    let tellsQueue = run.manifest.tellsQueue
    return try measures.enumerated().map { machine, measure throws(RunRecordError) in
      MachineRow(
        of: machine, in: run, measured: measure.figures, drift: drifts[machine],
        percentiles: try measure.percentiles.get(),
        predictedQueueLength: predictions.isEmpty ? nil : predictions[machine].queueFinal,
        tellsQueue: tellsQueue[machine])
    }
  }

  private static func predictions(
    of run: StoredRun, _ model: FluidModel?, seconds: Double
  ) -> [FluidPrediction] {
    guard let model else { return [] }
    return FluidPrediction.all(
      model, topology: run.topology, dieSides: run.manifest.plan.die, seconds: seconds)
  }

  /// The length of a run.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - measures: What was measured of the machines.
  ///   - latest: The system time of the latest event of all; nil when all events are measured.
  /// - Returns: The planned length when the run is finished.
  private static func ran(
    _ run: StoredRun, _ measures: [MachineMeasure], latest: Int64?
  ) -> TimeSpan {
    if run.manifest.status == .finished {
      return TimeSpan(nanoseconds: max(0, run.manifest.durationNs))
    }
    let events = measures.filter { $0.figures.eventCount > 0 }.map { $0.figures.latestTime }
    let ends = events + (latest.map { [$0] } ?? []) + (run.manifest.deaths ?? []).map(\.timeNs)
    return TimeSpan(nanoseconds: max(0, (ends.max() ?? run.originTime) - run.originTime))
  }
}
