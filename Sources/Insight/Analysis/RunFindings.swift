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
  /// The length of the run in nanoseconds: as planned when it is finished, otherwise up to the
  /// latest event or death.
  package let ranNanoseconds: Int64
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
  ///   - wishes: What to find out besides the machine table.
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  package init(of run: StoredRun, _ wishes: Options = Options()) throws(RunRecordError) {
    let times = wishes.window.systemTimes(after: run.originTime)
    let areUsual = run.manifest.snapshotClaims.areUsual
    let areJudged = !areUsual || wishes.judgesAll
    let recorded =
      wishes.needsSnapshots
      ? try StoredSnapshots(of: run, within: times, areJudged: areJudged) : nil
    let machineMeasures = MachineMeasures(of: run)
    let sampler =
      wishes.series
      ? SeriesSampler(machineCount: run.machineCount, originTime: run.originTime) : nil
    let timelines = [
      wishes.tables?.timeline(of: run, within: times), sampler as (any TimelineSink)?,
    ]
    let driftMeasure = DriftMeasure(
      machineCount: run.machineCount, timelines: timelines.compactMap { $0 },
      chartedColumn: run.fields.chartedColumn, within: times)
    let pacing = wishes.tables.flatMap { _ in PacingMeasure(of: run) }
    let channels = wishes.tables.map { _ in ChannelTraffic(of: run, within: times) }
    let wrong = areJudged ? recorded.map { WrongMessages(run, $0) } : nil
    let unclaimed = areUsual ? nil : wrong
    let checks = wishes.checks ? recorded.map { Self.checks(of: run, $0, unclaimed) } ?? [] : []
    var examinations: [any JournalAnalyzer] = [
      WindowedJournalAnalyzer.of(machineMeasures, within: times), driftMeasure,
    ]
    examinations += channels?.examinations ?? []
    if let pacing { examinations.append(WindowedJournalAnalyzer.of(pacing, within: times)) }
    let comparesEnds = wishes.comparesEnds && run.manifest.status == .finished
    let ends = comparesEnds || wishes.series ? JournalEnds(of: run) : nil
    if let ends { examinations.append(ends) }
    if let wrong { examinations.append(wrong) }
    examinations += checks
    let team = wishes.team(for: run)
    try JournalScan(run, examinations, team: team).carryOut()
    if wishes.checks { try unclaimed?.findOrphan() }
    let laws = SnapshotLaws(run.manifest.plan)
    snapshots = wrong.flatMap { recorded?.rows(judgedBy: $0, laws) } ?? recorded?.rows ?? []
    shortage = comparesEnds ? ends?.shortage : nil
    finalFields = wishes.series ? ends?.fields ?? [] : []
    let measures = machineMeasures.machines
    team.forEach(below: measures.count) { machine, _ in
      measures[machine].findPercentiles(in: run.journals[machine], within: times)
    }
    ranNanoseconds = Self.ranNanoseconds(of: run, measures, latest: driftMeasure.latestTime)
    let seconds = Double(ranNanoseconds) / 1e9
    let model = FluidModel(of: run.manifest, run.topology)
    // The prediction for a window's end counts from the run's start, as does the queue's growth.
    predictions = Self.predictions(
      of: run, model, seconds: wishes.window.to.map { min(seconds, Double($0) / 1e9) } ?? seconds)
    channelMessageLaw =
      run.manifest.plan.promises.isUsual && !run.manifest.plan.markersWait
      ? model.flatMap { ChannelMessageLaw($0, of: run) } : nil
    series = sampler.map { RunSeries(of: run, $0, measures, seconds: seconds, model: model) }
    machines = try Self.rows(of: run, measures, driftMeasure.figures, predictions)
    if let tables = wishes.tables {
      for (machine, measure) in measures.enumerated() {
        tables.add(jumps: measure.figures.jumps, of: machine, in: run)
      }
      channels?.forEach { tables.add(channel: $0, undelivered: $1, of: run) }
      for row in machines { tables.add(machine: row) }
      for row in snapshots { tables.add(snapshot: row) }
      for row in pacing?.rows ?? [] { tables.add(pacing: row) }
    }
    verdicts = checks.map { ($0.name, run.located($0.verdict())) }
    let named = wishes.measures ? try RunMeasures(of: run, within: times).rows : []
    for row in named { wishes.tables?.add(measure: row) }
    self.measures = named
    name = run.name
    eventCount = measures.reduce(0) { $0 + $1.figures.eventCount }
    let isEmpty = eventCount == 0 && !wishes.window.isWhole
    let compared = wishes.clocks ? try Self.compareClocks(of: run, eventCount, wishes, team) : nil
    clocks = compared?.rows ?? []
    warnings =
      run.warnings + (recorded?.warnings ?? []) + (compared?.notes ?? [])
      + (isEmpty ? ["'\(run.name)' has no event \(wishes.window.words)"] : [])
  }

  private static func compareClocks(
    of run: StoredRun, _ eventCount: Int, _ wishes: Options, _ team: ThreadTeam
  ) throws(RunRecordError) -> ClockComparison {
    let compared = try ClockComparison(
      of: run,
      ClockComparison.Options(
        window: wishes.window, eventCount: eventCount, offsetMax: wishes.offsetMax, team: team))
    for row in compared.rows { wishes.tables?.add(clock: row) }
    return compared
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

  /// The checks of a run, in the order of their verdicts.
  private static func checks(
    of run: StoredRun, _ recorded: StoredSnapshots, _ wrong: WrongMessages?
  ) -> [any Check] {
    let paths = run.journals.map(\.path)
    let checks: [(any Check)?] = [
      JournalRuleCheck<ClockRule>(journalPaths: paths),
      DeliveryCheck(run.topology, journalPaths: paths),
      JournalRuleCheck<PaceRule>(journalPaths: paths),
      CutCheck(run, recorded),
      ChannelsCheck(run, recorded),
      ConservationCheck(run, recorded),
      // Workloads that claim nothing have no such verdict.
      run.manifest.plan.predicates.map { _ in InvariantCheck(run) },
      run.manifest.plan.physicalClocks.arePerfect ? nil : HybridClockCheck(run),
      ManifestCheck(run, recorded),
    ]
    return checks.compactMap(\.self).map { check in
      (LackingCheck(check, of: run) as (any Check)?)
        ?? (UnclaimedCheck(check, of: run, wrong) as (any Check)?)
        ?? (CountedCheck(check, of: run, wrong) as (any Check)?) ?? check
    }
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
  /// - Returns: Nanoseconds, as planned when the run is finished.
  private static func ranNanoseconds(
    of run: StoredRun, _ measures: [MachineMeasure], latest: Int64?
  ) -> Int64 {
    if run.manifest.status == .finished { return run.manifest.durationNs }
    let events = measures.filter { $0.figures.eventCount > 0 }.map { $0.figures.latestTime }
    let ends = events + (latest.map { [$0] } ?? []) + (run.manifest.deaths ?? []).map(\.timeNs)
    return max(0, (ends.max() ?? run.originTime) - run.originTime)
  }
}

/// Measures every machine separately.
private final class MachineMeasures: JournalAnalyzer {
  let machines: [MachineMeasure]

  init(of run: StoredRun) {
    machines = run.journals.indices.map { index in
      MachineMeasure(
        DueTimes(of: index, in: run), startTime: run.manifest.startTime(of: index),
        path: run.journals[index].path)
    }
  }

  func observer(of machine: MachineID) -> any JournalObserver { machines[machine.index] }
}
