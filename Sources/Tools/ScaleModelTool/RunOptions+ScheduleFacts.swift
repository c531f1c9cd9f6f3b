import Exploration
import RunRecord
import ScaleModel

extension RunOptions {
  /// What a schedule says of the plan that it was made with: all that decides what actions do, the
  /// workload's fields and claims included.
  var scheduleFacts: [Schedule.Fact] {
    typealias Fact = Schedule.Fact
    var facts = [
      Fact("machines", "\(plan.machineCount)"), Fact("topology", topologyText),
      Fact("order", plan.promises.isOrdered ? "fifo" : "none"),
      Fact("snapshot-algorithm", plan.snapshotAlgorithm.rawValue),
      Fact("workload", plan.workload.name),
    ]
    switch plan.workload {
    case .chatter: facts.append(Fact("die", "\(plan.dieSides)"))
    case .bank(let account):
      facts.append(Fact("balance", "\(account.balance)"))
      facts.append(Fact("transfer", "\(account.transferProbability)"))
      if let most = account.transferMax { facts.append(Fact("transfer-max", "\(most)")) }
    case .named(let choice):
      let catalog = WorkloadOptions.catalog
      let values = catalog[choice.name].map { catalog.values(of: $0, given: choice.options) }
      facts += (values ?? choice.options).sorted { $0.key < $1.key }.map { Fact($0.key, $0.value) }
      facts += choice.fields.message.map { Fact("message field \($0.name)", $0.kind.words) }
      facts += choice.fields.state.map { Fact("state field \($0.name)", $0.kind.words) }
      facts += choice.predicates.map { Fact("\($0.claim) \($0.name)", $0.expression) }
      facts += choice.startStates.enumerated().map { machine, values in
        Fact(
          "start \(machine)", values.map { $0 == .nothing ? "-" : "\($0)" }.joined(separator: " "))
      }
    }
    return facts
  }

  /// The topology's word, or the links of a file.
  private var topologyText: String {
    guard case .file = plan.topologyChoice else { return plan.topologyChoice.word }
    let topology = plan.topology
    return topology.machineIDs.flatMap { source in
      topology.neighbours(of: source).map { "\(source)-\($0)" }
    }.joined(separator: " ")
  }
}

extension FieldKind {
  /// What a field may hold, in words.
  fileprivate var words: String {
    switch self {
    case .integer: "integer"
    case .boolean: "boolean"
    case .machine: "machine"
    case .text: "text"
    case .word(let words): words.joined(separator: " ")
    }
  }
}
