import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls

/// One pass over a run's journals, with everything that measures or checks them on the way.
struct RunReading {
  let run: StoredRun
  /// The system times that are measured; nil for the whole run.
  let times: Range<Int64>?
  /// The run's snapshots; nil when no option needs them.
  let recorded: StoredSnapshots?
  /// What was measured of each machine, in id order.
  let machines: [MachineMeasure]
  let drift: DriftMeasure
  /// The data of figures; nil when not requested.
  let sampler: SeriesSampler?
  /// How regular the ticks were; nil without tables, or when the run's start is unknown.
  let pacing: PacingMeasure?
  /// What each channel carried; nil without tables.
  let channels: ChannelTraffic?
  /// What the snapshots have wrong; nil when it is not counted.
  let wrong: WrongMessages?
  /// The checks that were requested, in the order of their verdicts.
  let checks: [any Check]
  /// Whether the journals' ends are compared with the manifest.
  let comparesEnds: Bool
  /// How far each machine came; nil when no option needs it.
  let ends: JournalEnds?
  /// The threads that read.
  let team: ThreadTeam

  /// Reads the journals.
  ///
  /// - Throws: ``RunRecordError`` when a journal or a snapshot is malformed.
  init(of run: StoredRun, _ options: RunFindings.Options) throws(RunRecordError) {
    self.run = run
    let times = options.window.systemTimes(after: run.originTime)
    let areUsual = run.manifest.snapshotClaims.areUsual
    let areJudged = !areUsual || options.judgesAll
    let recorded =
      options.needsSnapshots
      ? try StoredSnapshots(of: run, within: times, areJudged: areJudged) : nil
    let measures = MachineMeasures(of: run)
    sampler =
      options.series
      ? SeriesSampler(machineCount: run.machineCount, originTime: run.originTime) : nil
    let timelines = [
      options.tables?.timeline(of: run, within: times), sampler as (any TimelineSink)?,
    ]
    drift = DriftMeasure(
      machineCount: run.machineCount, timelines: timelines.compactMap { $0 },
      chartedColumn: run.fields.chartedColumn, within: times)
    pacing = options.tables.flatMap { _ in PacingMeasure(of: run) }
    channels = options.tables.map { _ in ChannelTraffic(of: run, within: times) }
    wrong = areJudged ? recorded.map { WrongMessages(run, $0) } : nil
    let unclaimed = areUsual ? nil : wrong
    checks = options.checks ? recorded.map { Self.checks(of: run, $0, unclaimed) } ?? [] : []
    comparesEnds = options.comparesEnds && run.manifest.status == .finished
    ends = comparesEnds || options.series ? JournalEnds(of: run) : nil
    team = options.team(for: run)
    (self.times, self.recorded, machines) = (times, recorded, measures.machines)
    try JournalScan(run, analyzers(with: measures), team: team).carryOut()
    if options.checks { try unclaimed?.findOrphan() }
    let machines = machines
    team.forEach(below: machines.count) { machine, _ in
      machines[machine].findPercentiles(in: run.journals[machine], within: times)
    }
  }

  private func analyzers(with measures: MachineMeasures) -> [any JournalAnalyzer] {
    let optional: [(any JournalAnalyzer)?] = [
      pacing.map { WindowedJournalAnalyzer.of($0, within: times) }, ends, wrong,
    ]
    return [WindowedJournalAnalyzer.of(measures, within: times), drift]
      + (channels?.analyzers ?? []) + optional.compactMap(\.self) + checks
  }

  /// One per snapshot that has a file, ascending by id.
  var snapshotRows: [SnapshotRow] {
    let laws = SnapshotLaws(run.manifest.plan)
    return wrong.flatMap { recorded?.rows(judgedBy: $0, laws) } ?? recorded?.rows ?? []
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
