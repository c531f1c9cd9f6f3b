import RunRecord

/// What repetitions have in common: everything of a plan but the seed and what is drawn from it.
package struct RunParameters: Hashable, Sendable {
  let runtime: String
  let durationNs: Int64
  /// The plan; without rates when they were drawn, for then they are no parameters.
  let plan: Manifest.Plan
  /// What logs do not tell of an imported run; nil for a run of ours.
  private let lacks: [Manifest.Lack]?
  /// In how many seconds each machine carries out its rate's instructions; nil for one each.
  private let rateSeconds: [Int]?

  /// The columns of the parameters, in order.
  package static let columns = [
    "runtime", "duration_s", "machines", "ticks", "rates", "die", "topology", "delay", "workload",
    "balance", "transfer", "transfer_max", "faults", "snapshot_every", "snapshot_at", "on_failure",
  ]
  /// How many rates a cell spells out; a machine's own is in its row.
  private static let spelledRateCountMax = 32

  package init(of manifest: Manifest) {
    runtime = manifest.runtime
    // How long logs happen to be is no parameter of theirs.
    durationNs = manifest.imported == nil ? manifest.durationNs : 0
    rateSeconds = manifest.imported?.rateSeconds
    lacks = manifest.imported?.lacks
    var plan = manifest.plan
    if plan.ticks != nil { plan.rates = [] }
    self.plan = plan
  }

  /// Whether each run draws its machines' rates anew.
  var drawsRates: Bool { plan.ticks != nil }

  /// Whether anybody knows the machines' rates.
  var hasRates: Bool { lacks?.contains(.rate) != true }

  /// The parameters, in the order of ``columns``.
  package var cells: [Cell] {
    // What logs do not tell stays empty; none tell channels and their delays.
    func told(_ cell: Cell, _ lack: Manifest.Lack) -> Cell {
      lacks?.contains(lack) == true ? .none : cell
    }
    let isImported = lacks != nil
    return [
      .text(runtime), isImported ? .none : .number(Double(durationNs) / 1e9), Cell(plan.machines),
      Self.cell(plan.ticks), drawsRates ? .none : told(.text(rateText), .rate),
      told(Cell(plan.die), .die), isImported ? .none : .text(plan.topology),
      isImported ? .none : .text(plan.delay), .text(plan.workload),
      Cell(plan.balance.map { Int($0) }), Cell(plan.transfer),
      Cell(plan.transferMax.map { Int($0) }),
      Self.cell(plan.faults?.joined(separator: " ")), Self.cell(plan.snapshotEvery),
      Self.cell(plan.snapshotAt?.joined(separator: " ")), Self.cell(plan.onFailure),
    ]
  }

  private static func cell(_ text: String?) -> Cell { text.map { .text($0) } ?? .none }

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
    let names = zip(Self.columns, zip(cells, other.cells)).filter { $1.0 != $1.1 }.map(\.0)
    guard names.isEmpty, self != other else { return names }
    // What no cell has: the links of a file, what only runs on several hosts have, and the last of
    // many rates.
    let others = [
      ("links", plan.links != other.plan.links), ("balances", plan.balances != other.plan.balances),
      ("grpc", plan.grpc != other.plan.grpc),
      ("link_timeout", plan.linkTimeout != other.plan.linkTimeout),
      ("foreign", plan.foreign != other.plan.foreign),
    ].filter(\.1).map(\.0)
    return others.isEmpty ? ["rates"] : others
  }
}
