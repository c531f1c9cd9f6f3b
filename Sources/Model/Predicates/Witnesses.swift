/// Which machines make a condition true or false.
extension Expression {
  /// The machines that a person should look at to see why the condition has its truth: those that
  /// it names, and those that decide its first figure over all machines.
  ///
  /// - Parameter state: A state of a run with the machines and fields of the expression's
  ///   vocabulary.
  /// - Returns: Ascending; at most 12.
  package func machinesConcerned(in state: some GlobalState) -> [Int] {
    var found: Set<Int> = []
    var evaluator = Evaluator(state: state)
    gather(root, &evaluator, &found)
    return Array(found.sorted().prefix(12))
  }

  private func gather(
    _ node: Node, _ evaluator: inout Evaluator<some GlobalState>, _ found: inout Set<Int>
  ) {
    switch node {
    case .constant, .machine, .sumOnTheWay, .messageCountOnTheWay, .reading(_, nil): break
    case .reading(_, let machine?), .at(let machine, _): found.insert(machine)
    case .any(let parts), .all(let parts), .product(let parts):
      for part in parts { gather(part, &evaluator, &found) }
    case .not(let part): gather(part, &evaluator, &found)
    case .comparison(let left, _, let right):
      gather(left, &evaluator, &found)
      gather(right, &evaluator, &found)
    case .sum(let terms):
      for term in terms { gather(term.node, &evaluator, &found) }
    case .aggregate(let figure, let part) where figure.isOfConditions:
      for machine in 0..<evaluator.state.machineCount {
        evaluator.machine = machine
        if (try? evaluator.holds(part)) == (figure != .all) { found.insert(machine) }
      }
    case .aggregate: found.formUnion(0..<evaluator.state.machineCount)
    }
  }

  /// The readings and fields of states that the expression names, each once, in the vocabulary's
  /// order: `phase`, `queue`.
  package func readings(in vocabulary: Vocabulary) -> [(name: String, read: ReadingOfMachine)] {
    var found: Set<Reading> = []
    gatherReadings(root, &found)
    var readings = vocabulary.stateFields.indices.filter { found.contains(.field($0)) }
      .map { field in
        (
          vocabulary.stateFields[field].name,
          { (state: any GlobalState, machine: Int) in
            let value = state.value(of: field, at: machine)
            return value == .nothing ? "nothing" : "\(value)"
          } as ReadingOfMachine
        )
      }
    if found.contains(.queue) { readings.append(("queue", { "\($0.queueLength(at: $1))" })) }
    if found.contains(.clock) { readings.append(("clock", { "\($0.clock(at: $1))" })) }
    if found.contains(.owed) { readings.append(("owed", { "\($0.owedCount(at: $1))" })) }
    return readings
  }

  /// Reads a figure of one machine in words.
  package typealias ReadingOfMachine = (any GlobalState, Int) -> String

  private func gatherReadings(_ node: Node, _ found: inout Set<Reading>) {
    switch node {
    case .constant, .machine, .sumOnTheWay, .messageCountOnTheWay: break
    case .reading(let reading, _): found.insert(reading)
    case .any(let parts), .all(let parts), .product(let parts):
      for part in parts { gatherReadings(part, &found) }
    case .not(let part), .aggregate(_, let part), .at(_, let part): gatherReadings(part, &found)
    case .comparison(let left, _, let right):
      gatherReadings(left, &found)
      gatherReadings(right, &found)
    case .sum(let terms):
      for term in terms { gatherReadings(term.node, &found) }
    }
  }

  /// The figures that the condition reads, of the machines concerned: `phase(0) is inside, phase(2)
  /// is inside`.
  package func evidence(in state: some GlobalState, _ vocabulary: Vocabulary) -> String {
    let readings = readings(in: vocabulary)
    var words = machinesConcerned(in: state).flatMap { machine in
      readings.map { "\($0.name)(\(machine)) is \($0.read(state, machine))" }
    }
    if text.contains("messages_on_the_way") {
      words.append("messages_on_the_way is \(state.messageCountOnTheWay)")
    }
    return words.joined(separator: ", ")
  }
}
