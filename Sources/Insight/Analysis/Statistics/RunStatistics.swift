import RunRecord

/// Runs grouped by their parameters, and the figures of each group over its repetitions.
///
/// Runs are added one by one; memory grows with the groups and their machines, not with the runs.
/// Only runs that ended as planned count: one that was ended early is no repetition of its plan.
package struct RunStatistics: Sendable {
  /// Ordered by their first runs.
  package private(set) var groups: [RunGroup] = []
  /// The names of the runs that did not finish.
  package private(set) var leftOut: [String] = []
  /// The virtual-time runs whose seed their group already has: they are the same run again.
  package private(set) var repeated: [String] = []
  /// Looked up, never iterated.
  private var indices: [Key: Int] = [:]

  private struct Key: Hashable {
    let parameters: RunParameters
    let configuration: Int?
  }

  /// Makes statistics without runs.
  package init() {}

  /// Adds a run.
  ///
  /// - Parameters:
  ///   - found: The findings of the run.
  ///   - manifest: The manifest of the run.
  ///   - configuration: The configuration of an experiment; older versions may differ in what the
  ///     plan does not contain, such as snapshots. Nil outside an experiment.
  package mutating func add(
    _ found: RunFindings, of manifest: Manifest, configuration: Int? = nil
  ) {
    guard manifest.endedAsPlanned else {
      leftOut.append(found.name)
      return
    }
    let parameters = RunParameters(of: manifest)
    let key = Key(parameters: parameters, configuration: configuration)
    let index = indices[key] ?? groups.count
    if index == groups.count {
      indices[key] = index
      groups.append(RunGroup(number: configuration ?? index + 1, parameters: parameters))
    }
    if !groups[index].add(found, seed: manifest.seed) { repeated.append(found.name) }
  }

  /// What the reader should know about runs that are left out, or should be.
  package var warnings: [String] {
    var warnings: [String] = []
    if let first = leftOut.first {
      warnings.append(
        "\(Self.count(leftOut)) left out of the statistics: not finished (\(first)"
          + (leftOut.count > 1 ? ", …)" : ")"))
    }
    if let first = repeated.first {
      warnings.append(
        "\(Self.count(repeated)) left out of the statistics: same plan and seed as another, so "
          + "virtual time repeats it exactly (\(first)" + (repeated.count > 1 ? ", …)" : ")"))
    }
    return warnings
  }

  private static func count(_ names: [String]) -> String {
    names.count == 1 ? "1 run is" : "\(names.count) runs are"
  }
}

/// The repetitions of one plan.
package struct RunGroup: Sendable {
  /// The configuration of an experiment; else from 1, in the order of the groups' first runs.
  package let number: Int
  /// What its runs have in common.
  package let parameters: RunParameters
  /// How many runs it has.
  package private(set) var runCount = 0
  /// In id order; from the slowest to the fastest when rates are drawn.
  package private(set) var machines: [MachineStatistics] = []
  /// The figures that its workload names, in its order; empty when it names none.
  package private(set) var measures: [MeasureStatistics] = []
  private var seeds: Set<UInt64> = []

  init(number: Int, parameters: RunParameters) {
    (self.number, self.parameters) = (number, parameters)
  }

  /// Adds a run; returns false for one that it has already.
  mutating func add(_ found: RunFindings, seed: UInt64) -> Bool {
    let isNew = seeds.insert(seed).inserted
    guard isNew || parameters.runtime != "virtual" else { return false }
    let rates = found.machines.map { $0[.rateHz].value ?? 0 }
    let byRate = rates.indices.sorted { (rates[$0], $0) < (rates[$1], $1) }
    if machines.isEmpty {
      machines = rates.indices.map { MachineStatistics(machine: $0) }
      for (index, machine) in byRate.enumerated() {
        // With drawn rates, an index stands for a rank, not for a machine.
        if parameters.drawsRates {
          machines[index] = MachineStatistics(machine: nil)
          machines[index].rank = index + 1
        } else {
          machines[machine].rank = index + 1
        }
      }
    }
    for (index, machine) in (parameters.drawsRates ? byRate : Array(rates.indices)).enumerated() {
      let prediction = found.predictions.isEmpty ? nil : found.predictions[machine]
      machines[index].add(found.machines[machine], prediction)
    }
    measures.add(found.measures)
    runCount += 1
    return true
  }
}

/// The figures of one machine over repetitions.
package struct MachineStatistics: Sendable {
  /// Nil when rates are drawn.
  package let machine: Int?
  /// Its rank by rate, from 1 for the slowest; machines of equal rates by id.
  package internal(set) var rank = 0
  /// One per column of ``MachineColumn/compared``, and one per column of
  /// ``FluidPrediction/columns``.
  private var figures = Array(repeating: SampleMoments(), count: MachineColumn.compared.count)
  private var predictions = Array(
    repeating: SampleMoments(), count: FluidPrediction.columns.count)

  init(machine: Int?) { self.machine = machine }

  /// A figure of the machine table over the repetitions.
  package func figure(_ column: MachineColumn) -> SampleMoments {
    MachineColumn.compared.firstIndex(of: column).map { figures[$0] } ?? SampleMoments()
  }

  /// The fluid model's prediction of a figure; nil when it has none.
  package func prediction(of column: MachineColumn) -> Double? {
    FluidPrediction.columns.firstIndex(of: column).flatMap { predictions[$0].mean }
  }

  mutating func add(_ row: MachineRow, _ prediction: FluidPrediction?) {
    for (index, column) in MachineColumn.compared.enumerated() {
      row[column].value.map { figures[index].add($0) }
    }
    for (index, value) in (prediction?.values ?? []).enumerated() { predictions[index].add(value) }
  }
}

/// The columns of `runs.csv`: the group, its parameters, the machine, and four per figure, followed
/// by the prediction where there is one.
package enum GroupColumn: TableColumn {
  /// The group's number.
  case group
  /// A setting of the plan that all runs of the group share.
  case parameter(RunParameters.Column)
  /// The machine, its rank by rate, and how many runs the row sums up.
  case machine, rank, runs
  /// The mean over the runs.
  case mean(MachineColumn)
  /// The standard deviation over the runs.
  case deviation(MachineColumn)
  /// The lower end of the 95 % interval.
  case low(MachineColumn)
  /// The upper end of the 95 % interval.
  case high(MachineColumn)
  /// What the fluid model predicts.
  case predicted(MachineColumn)

  /// All columns, in the table's order.
  package static let allCases: [GroupColumn] =
    [.group] + RunParameters.Column.allCases.map(Self.parameter) + [.machine, .rank, .runs]
    + MachineColumn.compared.flatMap { figure in
      [.mean(figure), .deviation(figure), .low(figure), .high(figure)]
        + (FluidPrediction.predicts(figure) ? [.predicted(figure)] : [])
    }

  /// The column's name in the header.
  package var name: String {
    switch self {
    case .group: "group"
    case .parameter(let parameter): parameter.name
    case .machine: "machine"
    case .rank: "rank"
    case .runs: "runs"
    case .mean(let figure): "\(figure.name)_mean"
    case .deviation(let figure): "\(figure.name)_sd"
    case .low(let figure): "\(figure.name)_low"
    case .high(let figure): "\(figure.name)_high"
    case .predicted(let figure): "predicted_\(figure.name)"
    }
  }
}

/// A row of `runs.csv`: one machine over the repetitions of one plan.
package typealias GroupRow = TableRow<GroupColumn>

extension GroupRow {
  init(of statistics: MachineStatistics, in group: RunGroup) {
    // Student's quantile is slow to compute, so it is found once for both ends.
    let intervals = MachineColumn.compared.map { statistics.figure($0).interval }
    func interval(_ figure: MachineColumn) -> ClosedRange<Double>? {
      MachineColumn.compared.firstIndex(of: figure).flatMap { intervals[$0] }
    }
    self.init { column in
      switch column {
      case .group: Cell(group.number)
      case .parameter(let parameter): group.parameters[parameter]
      case .machine: Cell(statistics.machine)
      // Without rates machines have no rank.
      case .rank: Cell(group.parameters.hasRates ? statistics.rank : nil)
      case .runs: Cell(group.runCount)
      case .mean(let figure): Cell(statistics.figure(figure).mean)
      case .deviation(let figure): Cell(statistics.figure(figure).deviation)
      case .low(let figure): Cell(interval(figure)?.lowerBound)
      case .high(let figure): Cell(interval(figure)?.upperBound)
      case .predicted(let figure): Cell(statistics.prediction(of: figure))
      }
    }
  }
}
