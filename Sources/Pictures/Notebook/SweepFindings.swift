import Analysis
import Experiments
import RunRecord

/// What all runs of a sweep came to, as far as a page of the notebook tells it.
///
/// Runs are taken in one by one, by number.
package struct SweepFindings {
  /// How one check went in all runs.
  struct Tally: Hashable {
    let check: String
    var okCount = 0
    var vacuousCount = 0
    /// The runs where it failed.
    var failed: [String] = []
  }

  /// The snapshots of one configuration over its repetitions; each figure is a mean over a run.
  struct SnapshotFigures {
    var count = SampleMoments()
    var completeShare = SampleMoments()
    var latencyMicroseconds = SampleMoments()
    var inboxMessages = SampleMoments()
    var channelMessages = SampleMoments()
  }

  let experiment: Experiment
  /// The runtime that took the place of the file's; nil when none did.
  let runtime: String?
  /// One group per configuration that has a finished run.
  private(set) var statistics = RunStatistics()
  private(set) var tallies: [Tally] = []
  /// By configuration, counted from 1, as far as there are any.
  private(set) var snapshots: [Int: SnapshotFigures] = [:]
  private(set) var finishedCount = 0
  /// The rows of the machine table with their runs, while they are few enough for a page.
  private(set) var runRows: [(run: PlannedRun, row: MachineRow)] = []
  private(set) var hasAllRunRows = true
  /// The largest of any machine, by size; nil in virtual time.
  private(set) var tickRateErrorPPM: Double?
  private(set) var latenessP99Microseconds: Double?
  /// Where and when the wall-time runs were, without repetitions.
  private(set) var hosts: [String] = []
  private(set) var startTimes: ClosedRange<Int64>?
  private(set) var versions: [String] = []
  private var machineText = MachineRow.csv([])
  private var snapshotText = SnapshotRow.csv([])
  private var hasSnapshots = false

  /// How many rows of single machines a page shows.
  private static let runRowCountMax = 60

  /// Begins without a run.
  package init(of sweep: RecordedSweep) {
    (experiment, runtime) = (sweep.experiment, sweep.state.runtime)
  }

  /// Takes in a run.
  package mutating func add(_ found: RunFindings, of planned: PlannedRun, _ manifest: Manifest) {
    statistics.add(found, of: manifest, configuration: planned.configuration)
    for (check, verdict) in found.verdicts { add(verdict, of: check, in: found.name) }
    machineText += Self.withoutHeader(MachineRow.csv(found.machines))
    snapshotText += Self.withoutHeader(SnapshotRow.csv(found.snapshots))
    if !found.snapshots.isEmpty { hasSnapshots = true }
    if !versions.contains(manifest.version) { versions.append(manifest.version) }
    guard manifest.status == .finished else { return }
    finishedCount += 1
    hasAllRunRows = hasAllRunRows && runRows.count + found.machines.count <= Self.runRowCountMax
    runRows = hasAllRunRows ? runRows + found.machines.map { (planned, $0) } : []
    add(found.snapshots, of: planned.configuration)
    if manifest.runtime != "virtual" { addPacing(found, manifest) }
  }

  /// The tables to be kept beside the page, by name.
  package var tables: [(name: String, text: String)] {
    [("runs.csv", GroupRow.csv(statistics.rows)), ("machines.csv", machineText)]
      + (hasSnapshots ? [("snapshots.csv", snapshotText)] : [])
  }

  /// The parameters of a configuration, in the order of the axes.
  func parameters(of configuration: Int) -> [Setting] {
    let place = (configuration - 1) * experiment.repetitionCount
    return experiment.runs.indices.contains(place) ? experiment.runs[place].parameters : []
  }

  private mutating func add(_ verdict: Verdict, of check: String, in run: String) {
    if !tallies.contains(where: { $0.check == check }) { tallies.append(Tally(check: check)) }
    guard let place = tallies.firstIndex(where: { $0.check == check }) else { return }
    switch verdict {
    case .ok: tallies[place].okCount += 1
    case .vacuous, .lacking: tallies[place].vacuousCount += 1
    case .failed: tallies[place].failed.append(run)
    }
  }

  private mutating func add(_ rows: [SnapshotRow], of configuration: Int) {
    guard !rows.isEmpty else { return }
    var figures = snapshots[configuration] ?? SnapshotFigures()
    func mean(_ column: String) -> Double? {
      var moments = SampleMoments()
      for row in rows { row[column: column].value.map { moments.add($0) } }
      return moments.mean
    }
    let completeCount = rows.count { $0[column: "status"] == .text("complete") }
    figures.count.add(Double(rows.count))
    figures.completeShare.add(Double(completeCount) / Double(rows.count))
    mean("latency_us").map { figures.latencyMicroseconds.add($0) }
    mean("inbox_messages").map { figures.inboxMessages.add($0) }
    mean("channel_messages").map { figures.channelMessages.add($0) }
    snapshots[configuration] = figures
  }

  private mutating func addPacing(_ found: RunFindings, _ manifest: Manifest) {
    for row in found.machines {
      if let error = row[column: "tick_rate_error_ppm"].value,
        abs(error) >= abs(tickRateErrorPPM ?? 0)
      {
        tickRateErrorPPM = error
      }
      if let late = row[column: "lateness_p99_us"].value {
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

  private static func withoutHeader(_ csv: String) -> String {
    csv.firstIndex(of: "\n").map { String(csv[csv.index(after: $0)...]) } ?? ""
  }
}

extension SweepFindings {
  /// What somebody who writes about the figures should know.
  package var warnings: [String] {
    let missingCount = experiment.runs.count - finishedCount
    return missingCount == 0
      ? []
      : [
        "\(missingCount) of \(experiment.runs.count) runs have not finished, and are not in the "
          + "figures; go on with scalemodel sweep … --resume"
      ]
  }

  /// In how many cases a check failed in a run.
  package var failedCount: Int { tallies.reduce(0) { $0 + $1.failed.count } }
}
