import ScaleModel

/// Why a condition has its truth in a global state.
extension Expression {
  /// How many machines are named at most.
  private static let shownMachineCountMax = 12

  /// The figures that the condition reads, of the machines that decide its truth: those that it
  /// names, and those that decide its figures over all machines.
  ///
  /// - Parameters:
  ///   - state: A state of a run with the machines and fields of `vocabulary`.
  ///   - vocabulary: What the expression was parsed with.
  /// - Returns: In the order of machines, then of fields: `phase(0) is inside, phase(2) is inside`.
  package func evidence(in state: some GlobalState, _ vocabulary: Vocabulary) -> String {
    var evaluator = Evaluator(state: state)
    var machines: Set<Int> = []
    gatherMachines(root, &evaluator, &machines)
    let names = Set(root.withParts)
    let fields = vocabulary.stateFields.enumerated().map { (Reading.field($0), $1.name) }
    let readings = (fields + [(.queue, "queue"), (.clock, "clock"), (.owed, "owed")])
      .filter { reading, _ in
        names.contains { if case .reading(reading, _) = $0 { true } else { false } }
      }
    var words: [String] = []
    for machine in machines.sorted().prefix(Self.shownMachineCountMax) {
      for (reading, name) in readings {
        guard let value = try? evaluator.value(of: reading, at: machine) else { continue }
        words.append("\(name)(\(machine)) is \(value == .nothing ? "nothing" : "\(value)")")
      }
    }
    if names.contains(.messageCountOnTheWay) {
      words.append("messages_on_the_way is \(state.messageCountOnTheWay)")
    }
    return words.joined(separator: ", ")
  }

  private func gatherMachines(
    _ node: Node, _ evaluator: inout Evaluator<some GlobalState>, _ found: inout Set<Int>
  ) {
    switch node {
    case .reading(_, let machine?), .at(let machine, _): found.insert(machine)
    case .aggregate(let figure, let part) where figure.isOfConditions:
      for machine in 0..<evaluator.state.machineCount {
        evaluator.machine = machine
        if (try? evaluator.holds(part)) == (figure != .all) { found.insert(machine) }
      }
    case .aggregate: found.formUnion(0..<evaluator.state.machineCount)
    default:
      for part in node.parts { gatherMachines(part, &evaluator, &found) }
    }
  }
}

extension Expression.Node {
  /// The nodes it is made of, in the order of the text.
  var parts: [Expression.Node] {
    switch self {
    case .constant, .reading, .machine, .sumOnTheWay, .messageCountOnTheWay: []
    case .any(let parts), .all(let parts), .product(let parts): parts
    case .not(let part), .aggregate(_, let part), .at(_, let part): [part]
    case .comparison(let left, _, let right): [left, right]
    case .sum(let terms): terms.map(\.node)
    }
  }

  /// The node and all it is made of.
  var withParts: [Expression.Node] { [self] + parts.flatMap(\.withParts) }
}
