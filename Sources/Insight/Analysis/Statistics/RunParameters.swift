import RunRecord

/// What repetitions share: the whole plan, without the seed and what is drawn from it.
package struct RunParameters: Hashable, Sendable {
  let runtime: String
  let durationNs: Int64
  /// The plan; without rates when they are drawn, because then they are not parameters.
  let plan: Manifest.Plan
  /// What the logs of an imported run lack; nil for any other run.
  private let lacks: [Manifest.Lack]?
  /// In how many seconds each machine carries out its rate's instructions; nil when in one.
  private let rateSeconds: [Int]?

  /// The columns of the parameters, in order.
  package enum Column: String, TableColumn {
    case runtime, durationS, machines, ticks, rates, die, topology, delay, workload, balance
    case transfer, transferMax, faults, snapshotEvery, snapshotAt, onFailure
  }
  /// How many rates a cell spells out; a machine's own rate is in its row.
  private static let spelledRateCountMax = 32

  /// Makes the parameters of a run.
  package init(of manifest: Manifest) {
    runtime = manifest.runtime
    // The length of imported logs is not a parameter.
    durationNs = manifest.imported == nil ? manifest.durationNs : 0
    rateSeconds = manifest.imported?.rateSeconds
    lacks = manifest.imported?.lacks
    var plan = manifest.plan
    if plan.ticks != nil { plan.rates = [] }
    self.plan = plan
  }

  /// Whether each run draws its machines' rates anew.
  var drawsRates: Bool { plan.ticks != nil }

  /// Whether the machines' rates are known.
  var hasRates: Bool { lacks?.contains(.rate) != true }

  subscript(column: Column) -> Cell {
    // A cell is empty when the logs lack its value, as they always lack channels and delays.
    func told(_ cell: Cell, _ lack: Manifest.Lack) -> Cell {
      lacks?.contains(lack) == true ? .none : cell
    }
    let isImported = lacks != nil
    return switch column {
    case .runtime: .text(runtime)
    case .durationS: isImported ? .none : .number(Double(durationNs) / 1e9)
    case .machines: Cell(plan.machines)
    case .ticks: Cell(plan.ticks)
    case .rates: drawsRates ? .none : told(.text(rateText), .rate)
    case .die: told(Cell(plan.die), .die)
    case .topology: isImported ? .none : .text(plan.topology)
    case .delay: isImported ? .none : .text(plan.delay)
    case .workload: .text(plan.workload)
    case .balance: Cell(plan.balance.map { Int($0) })
    case .transfer: Cell(plan.transfer)
    case .transferMax: Cell(plan.transferMax.map { Int($0) })
    case .faults: Cell(plan.faults?.joined(separator: " "))
    case .snapshotEvery: Cell(plan.snapshotEvery)
    case .snapshotAt: Cell(plan.snapshotAt?.joined(separator: " "))
    case .onFailure: Cell(plan.onFailure)
    }
  }

  private var rateText: String {
    let spelled = plan.rates.prefix(Self.spelledRateCountMax).enumerated().map { machine, rate in
      guard let seconds = rateSeconds?[machine], seconds > 1 else { return "\(rate)" }
      return "\(Double(rate) / Double(seconds))"
    }
    let rest = plan.rates.count > spelled.count ? ["…"] : []
    return (spelled + rest).joined(separator: ",")
  }

  /// The names of the parameters in which two plans differ.
  package func names(ofDifferencesFrom other: RunParameters) -> [String] {
    let names = Column.allCases.filter { self[$0] != other[$0] }.map(\.name)
    guard names.isEmpty, self != other else { return names }
    // What has no cell: the links of a file, a workload's own options, the predicate that ends a
    // run, the options of runs on several hosts, and the last of many rates.
    func differs<Value: Equatable>(
      _ name: String, _ value: KeyPath<Manifest.Plan, Value>
    ) -> String? {
      plan[keyPath: value] != other.plan[keyPath: value] ? name : nil
    }
    let others: [String?] = [
      differs("phases", \.phases), differs("skew", \.skew), differs("clock_drift", \.clockDrift),
      differs("sync", \.sync), differs("clock_ahead", \.clockAhead),
      differs("ticks_by", \.ticksBy), differs("order", \.order), differs("loss", \.loss),
      differs("duplicate", \.duplicate), differs("snapshot_algorithm", \.snapshotAlgorithm),
      differs("checkpoints", \.checkpoints), differs("snapshot_cost", \.snapshotCost),
      differs("snapshot_spread", \.snapshotSpread), differs("marker_handling", \.markerHandling),
      differs("transport", \.transport), differs("options", \.options), differs("until", \.until),
      differs("links", \.links), differs("balances", \.balances), differs("grpc", \.grpc),
      differs("link_timeout", \.linkTimeout), differs("foreign", \.foreign),
      differs("restarts", \.restarts),
    ]
    let named = others.compactMap(\.self)
    return named.isEmpty ? ["rates"] : named
  }
}
