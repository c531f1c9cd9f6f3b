import Analysis
import Experiments
import LogicalTime
import RunRecord

/// The results of all runs of a sweep, as far as a page of the notebook shows them.
///
/// Runs are added one by one, by number.
package struct SweepFindings {
  /// The results of one check over all runs.
  struct Tally: Hashable {
    let check: String
    var okCount = 0
    var vacuousCount = 0
    var notClaimedCount = 0
    /// The runs that failed it.
    var failed: [String] = []
  }

  /// The snapshots of one configuration over its repetitions; each figure is a mean over a run.
  struct SnapshotFigures {
    var count = SampleMoments()
    var completeShare = SampleMoments()
    var latencyMicroseconds = SampleMoments()
    var inboxMessages = SampleMoments()
    var channelMessages = SampleMoments()
    /// Ascending by initiator; complete snapshots only.
    var initiators: [InitiatorFigures] = []
    /// What complete snapshots have wrong, where the plan gives up what they need.
    var wrongMessages = SampleMoments()
    var wrongShare = SampleMoments()
    /// What complete snapshots cost, where algorithms are compared.
    var controlMessages = SampleMoments()
    var historyBytes = SampleMoments()
    /// Whether messages carry the round of their sender.
    var usesRounds = false
    /// What laws predict of cost; nil without a law.
    var laws: SnapshotLaws?
    /// What the laws predict; nil without a law.
    var wrongLaw: WrongMessageLaw?
    var predictedCompleteShare: Double?
  }

  /// The messages on channels in the complete snapshots of one initiator.
  struct InitiatorFigures {
    let initiator: MachineID
    /// How many snapshots there are, in all runs.
    var snapshotCount = 0
    /// Over the repetitions, each a mean over a run.
    var channelMessages = SampleMoments()
    /// The mean that a law predicts; nil without such a law.
    var predicted: Double?
  }

  /// The figures over time of one run.
  struct RunPictures {
    let run: PlannedRun
    let figures: [RunFigures.Figure]
  }

  let experiment: Experiment
  /// The runtime that replaced the file's; nil when none did.
  let runtime: String?
  /// One group per configuration that has a finished run.
  private(set) var statistics = RunStatistics()
  private(set) var tallies: [Tally] = []
  /// By configuration, counted from 1, where there are any.
  private(set) var snapshots: [Int: SnapshotFigures] = [:]
  /// The first finished run of each of the first configurations.
  private(set) var pictures: [RunPictures] = []
  private(set) var finishedCount = 0
  /// The names of the damaged runs.
  private(set) var leftOut: [String] = []
  /// The rows of the machine table with their runs, while few enough for a page.
  private(set) var runRows: [(run: PlannedRun, row: MachineRow)] = []
  private(set) var hasAllRunRows = true
  /// The largest error of any machine, by magnitude; nil in virtual time.
  private(set) var tickRateErrorPPM: Double?
  private(set) var latenessP99Microseconds: Double?
  /// The hosts and dates of the wall-time runs, without duplicates.
  private(set) var hosts: [String] = []
  private(set) var startTimes: ClosedRange<Int64>?
  private(set) var versions: [String] = []
  /// The time window that is measured in every run.
  let window: TimeWindow
  private var machineText: String
  private var snapshotText: String
  private var hasSnapshots = false
  /// Whether the table of snapshots says what they have wrong.
  package let areJudged: Bool
  /// Whether configurations differ in how they take snapshots.
  let comparesAlgorithms: Bool
  private var measureText: String

  /// The most rows of single machines on a page.
  private static let runRowCountMax = 60
  /// The most configurations with a figure of one run over time.
  private static let pictureCountMax = 4

  /// Makes findings without any run.
  ///
  /// - Parameters:
  ///   - sweep: The sweep.
  ///   - window: The time window that is measured in every run.
  package init(of sweep: StoredSweep, _ window: TimeWindow = TimeWindow()) {
    (experiment, runtime) = (sweep.experiment, sweep.state.runtime)
    self.window = window
    machineText = MachineRow.csv([], of: window)
    let settings = sweep.experiment.fixedSettings + sweep.experiment.axes.flatMap(\.settings)
    let judging = ["order", "loss", "duplicate", "transport", "snapshot_algorithm"]
    areJudged = settings.contains { judging.contains($0.option.key) }
    comparesAlgorithms = sweep.experiment.axes.contains { $0.name == "snapshot_algorithm" }
    snapshotText = SnapshotRow.csv([], of: window, named: areJudged)
    measureText = MeasureRow.csv([], of: window)
  }

  /// Whether the caller should add the run with its series for figures: never where the question
  /// is what snapshots have wrong.
  package func wantsSeries(of planned: PlannedRun) -> Bool {
    !areJudged && pictures.count < Self.pictureCountMax
      && !pictures.contains { $0.run.configuration == planned.configuration }
  }

  /// Records that a damaged run is left out.
  package mutating func leaveOut(_ run: PlannedRun) { leftOut.append(run.directoryName) }

  /// Adds a run.
  package mutating func add(
    _ findings: RunFindings, of planned: PlannedRun, _ manifest: Manifest
  ) {
    var found = findings
    let series = found.takeSeries()
    statistics.add(found, of: manifest, configuration: planned.configuration)
    for (check, verdict) in found.verdicts { add(verdict, of: check, in: found.name) }
    machineText += MachineRow.csv(found.machines, of: window, hasHeader: false)
    snapshotText += SnapshotRow.csv(
      found.snapshots, of: window, hasHeader: false, named: areJudged)
    if !found.snapshots.isEmpty { hasSnapshots = true }
    measureText += MeasureRow.csv(found.measures, of: window, hasHeader: false)
    if !versions.contains(manifest.version) { versions.append(manifest.version) }
    guard manifest.endedAsPlanned else { return }
    finishedCount += 1
    if let series, wantsSeries(of: planned) {
      pictures.append(RunPictures(run: planned, figures: RunFigures.overTime(series)))
    }
    hasAllRunRows = hasAllRunRows && runRows.count + found.machines.count <= Self.runRowCountMax
    runRows = hasAllRunRows ? runRows + found.machines.map { (planned, $0) } : []
    add(found.snapshots, of: planned.configuration, found.channelMessageLaw, manifest.plan)
    if manifest.runtime != "virtual" { addPacing(found, manifest) }
  }

  /// The tables that go beside the page, by name.
  ///
  /// Workloads that name measures have these of every run, and of their machines, which may be very
  /// many, the means of those that the page shows.
  package var tables: [(name: String, text: String)] {
    let runs =
      hasMeasures
      ? [
        ("runs.csv", statistics.csv(of: window, machines: NotebookTables.shown)),
        ("measures.csv", measureText),
      ] : [("runs.csv", statistics.csv(of: window)), ("machines.csv", machineText)]
    return runs + (hasSnapshots ? [("snapshots.csv", snapshotText)] : [])
  }

  /// Whether a workload names measures: then they are what a page shows first.
  var hasMeasures: Bool { !statistics.measureNames.isEmpty }

  /// The parameters of a configuration, in the order of the axes.
  func parameters(of configuration: Int) -> [Setting] {
    let index = configuration - 1
    return experiment.configurations.indices.contains(index)
      ? experiment.configurations[index] : []
  }

  private mutating func add(_ verdict: Verdict, of check: String, in run: String) {
    if !tallies.contains(where: { $0.check == check }) { tallies.append(Tally(check: check)) }
    guard let index = tallies.firstIndex(where: { $0.check == check }) else { return }
    switch verdict {
    case .ok, .limited: tallies[index].okCount += 1
    case .vacuous, .lacking: tallies[index].vacuousCount += 1
    case .notClaimed: tallies[index].notClaimedCount += 1
    case .failed: tallies[index].failed.append(run)
    }
  }

  private mutating func add(
    _ rows: [SnapshotRow], of configuration: Int, _ law: ChannelMessageLaw?, _ plan: Manifest.Plan
  ) {
    guard !rows.isEmpty else { return }
    var figures = snapshots[configuration] ?? SnapshotFigures()
    func mean(_ column: SnapshotColumn) -> Double? {
      var moments = SampleMoments()
      for row in rows { row[column].value.map { moments.add($0) } }
      return moments.mean
    }
    figures.count.add(Double(rows.count))
    figures.completeShare.add(Double(rows.count(where: \.isComplete)) / Double(rows.count))
    mean(.latencyUs).map { figures.latencyMicroseconds.add($0) }
    mean(.inboxMessages).map { figures.inboxMessages.add($0) }
    mean(.channelMessages).map { figures.channelMessages.add($0) }
    figures.addInitiators(rows, law)
    let wrong = rows.compactMap { $0[.wrongMessages].value }
    mean(.wrongMessages).map { figures.wrongMessages.add($0) }
    if !wrong.isEmpty {
      figures.wrongShare.add(Double(wrong.count { $0 > 0 }) / Double(wrong.count))
    }
    mean(.controlMessages).map { figures.controlMessages.add($0) }
    mean(.historyBytes).map { figures.historyBytes.add($0) }
    figures.usesRounds = plan.algorithm.usesRounds
    figures.laws = SnapshotLaws(plan)
    figures.wrongLaw = WrongMessageLaw(plan)
    figures.predictedCompleteShare = CompleteLaw.share(plan)
    snapshots[configuration] = figures
  }

  private mutating func addPacing(_ found: RunFindings, _ manifest: Manifest) {
    for row in found.machines {
      if let error = row[.tickRateErrorPpm].value,
        abs(error) >= abs(tickRateErrorPPM ?? 0)
      {
        tickRateErrorPPM = error
      }
      if let late = row[.latenessP99Us].value {
        latenessP99Microseconds = max(latenessP99Microseconds ?? late, late)
      }
    }
    if let host = manifest.host {
      let text = "\(host.os) \(host.kernel), \(host.cpus) processors"
      if !hosts.contains(text) { hosts.append(text) }
    }
    if let start = manifest.startTimeNs {
      let earliest = min(startTimes?.lowerBound ?? start, start)
      startTimes = earliest...max(startTimes?.upperBound ?? start, start)
    }
  }
}

extension SweepFindings.SnapshotFigures {
  /// Adds the complete snapshots of a run, by initiator.
  fileprivate mutating func addInitiators(_ rows: [SnapshotRow], _ law: ChannelMessageLaw?) {
    var runs: [(initiator: MachineID, messages: SampleMoments)] = []
    for row in rows where row.isComplete {
      guard let number = row[.initiator].value,
        let messages = row[.channelMessages].value
      else { continue }
      let initiator = MachineID(Int(number))
      let index = runs.firstIndex { $0.initiator == initiator } ?? runs.count
      if index == runs.count { runs.append((initiator, SampleMoments())) }
      runs[index].messages.add(messages)
    }
    for run in runs {
      let index = initiators.firstIndex { $0.initiator == run.initiator } ?? initiators.count
      if index == initiators.count {
        initiators.append(SweepFindings.InitiatorFigures(initiator: run.initiator))
      }
      initiators[index].snapshotCount += run.messages.count
      run.messages.mean.map { initiators[index].channelMessages.add($0) }
      initiators[index].predicted = law?.messages(initiator: run.initiator)
    }
    initiators.sort { $0.initiator < $1.initiator }
  }
}

extension SweepFindings {
  /// Warnings for the author of the page.
  package var warnings: [String] {
    let missingCount = experiment.runs.count - finishedCount - leftOut.count
    return missingCount == 0
      ? []
      : [
        "\(missingCount) of \(experiment.runs.count) runs have not finished, and are not in the "
          + "figures; go on with scalemodel sweep … --resume"
      ]
  }

  /// How often a check failed, over all runs.
  package var failedCount: Int { tallies.reduce(0) { $0 + $1.failed.count } }
}
