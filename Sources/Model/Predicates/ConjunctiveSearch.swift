import LogicalTime

/// Conditions of single machines, which must hold together.
struct ConjunctivePredicate {
  /// The conditions of each machine.
  let conditions: [[Conjunct]]
  /// The conditions that read no machine.
  let constants: [Conjunct]
  /// The machines with conditions, ascending.
  let machines: [Int]

  /// Takes a condition apart; nil when a part of it reads several machines, or messages.
  init?(_ condition: Conjunct, machineCount: Int) {
    var conditions = [[Conjunct]](repeating: [], count: machineCount)
    var constants: [Conjunct] = []
    for part in condition.parts(joinedBy: .all, machineCount: machineCount) {
      switch part.subject {
      case .none: constants.append(part)
      case .machine(let machine): conditions[machine].append(part)
      case .several: return nil
      }
    }
    self.conditions = conditions
    self.constants = constants
    machines = conditions.indices.filter { !conditions[$0].isEmpty }
  }
}

/// Searches a history for a conjunctive predicate, in time linear in its events and messages.
struct ConjunctiveSearch {
  private let history: History
  private let limits: SearchLimits
  private var evaluator: Evaluator<CutState>

  init(_ history: History, _ limits: SearchLimits) {
    self.history = history
    self.limits = limits
    evaluator = Evaluator(state: CutState(history))
  }

  private var isOverLimit: Bool { evaluator.readCount > limits.readCount }

  // MARK: Possibly

  /// The consistent cut with the fewest events where the predicate holds.
  ///
  /// A machine whose condition does not hold must go on in every later cut as well, and with it the
  /// machines whose messages it then receives; so the search never goes back.
  mutating func leastCut(
    where predicate: ConjunctivePredicate
  ) throws(DetectionError) -> DetectionAnswer {
    var cut = [Int](repeating: 0, count: history.machines.count)
    evaluator.state.eventCounts = cut
    // So that a search among very many machines is paid for.
    evaluator.readCount += cut.count
    for constant in predicate.constants where try !evaluator.holds(constant) { return .no }
    var unsure = predicate.machines
    while let machine = unsure.popLast() {
      var number = cut[machine]
      while try !holds(predicate, machine, after: number) {
        number += 1
        if number > history.machines[machine].eventCount { return .no }
        if isOverLimit { return .unknown(.reads(limits.readCount)) }
      }
      advance(&cut, machine, to: number) { other in
        if other != machine && !predicate.conditions[other].isEmpty { unsure.append(other) }
      }
    }
    return .yes(ConsistentCut(eventCounts: cut))
  }

  /// Whether a machine's conditions hold after its event with this number.
  private mutating func holds(
    _ predicate: ConjunctivePredicate, _ machine: Int, after number: Int
  ) throws(DetectionError) -> Bool {
    evaluator.state.eventCounts[machine] = number
    for condition in predicate.conditions[machine] where try !evaluator.holds(condition) {
      return false
    }
    return true
  }

  /// Moves a cut up to an event of a machine and to all that this needs.
  private func advance(
    _ cut: inout [Int], _ machine: Int, to number: Int, _ moved: (Int) -> Void
  ) {
    var needed = [History.Event(machine: machine, number: number)]
    while let event = needed.popLast() {
      if cut[event.machine] >= event.number { continue }
      let first = cut[event.machine] + 1
      cut[event.machine] = event.number
      moved(event.machine)
      for number in first...event.number {
        for send in history.causes(of: event.machine, number)
        where cut[send.machine] < send.number {
          needed.append(send)
        }
      }
    }
  }

  // MARK: Definitely

  /// Whether every order of the events passes through a cut where the predicate holds.
  ///
  /// It does exactly when each machine has a stretch of states where its conditions hold, such that
  /// each stretch must begin before any other ends.
  ///
  /// - SeeAlso: V. K. Garg, B. Waldecker, "Detection of Strong Unstable Predicates in Distributed
  ///   Programs", IEEE TPDS 7(12), 1996. <https://doi.org/10.1109/71.553304>
  mutating func definitely(
    _ predicate: ConjunctivePredicate
  ) throws(DetectionError) -> DetectionAnswer {
    let least = try leastCut(where: predicate)
    guard case .yes = least, predicate.machines.count > 1 else { return least }
    let byteCount = history.eventCount * history.machines.count * MemoryLayout<UInt64>.stride
    guard byteCount <= limits.byteCount else {
      return .unknown(.memory(byteCount: limits.byteCount))
    }
    var stretches: [[ClosedRange<Int>]] = []
    for machine in predicate.machines {
      stretches.append(try self.stretches(of: predicate, at: machine))
      if isOverLimit { return .unknown(.reads(limits.readCount)) }
    }
    return Self.overlap(stretches, of: predicate.machines, history) ? least : .no
  }

  /// The stretches of a machine's states where its conditions hold, ascending.
  private mutating func stretches(
    of predicate: ConjunctivePredicate, at machine: Int
  ) throws(DetectionError) -> [ClosedRange<Int>] {
    var stretches: [ClosedRange<Int>] = []
    var start: Int?
    for number in 0...history.machines[machine].eventCount where !isOverLimit {
      if try holds(predicate, machine, after: number) {
        start = start ?? number
      } else if let first = start {
        stretches.append(first...number - 1)
        start = nil
      }
    }
    if let start { stretches.append(start...history.machines[machine].eventCount) }
    return stretches
  }

  private static func overlap(
    _ stretches: [[ClosedRange<Int>]], of machines: [Int], _ history: History
  ) -> Bool {
    let clocks = history.vectorClocks()
    /// Whether one stretch must have begun when the other ends.
    func begins(_ one: Int, _ range: ClosedRange<Int>, beforeEndOf other: Int, _ end: Int) -> Bool {
      let machine = machines[other]
      return range.lowerBound == 0 || end == history.machines[machine].eventCount
        || clocks[machine][end + 1][MachineID(machines[one])] >= UInt64(range.lowerBound)
    }
    var heads = [Int](repeating: 0, count: machines.count)
    var changed = Array(machines.indices)
    while let one = changed.popLast() {
      for other in machines.indices where other != one {
        for (begun, ended) in [(one, other), (other, one)] {
          // What ends before a stretch must begin also ends before later ones of that machine.
          while !begins(
            begun, stretches[begun][heads[begun]], beforeEndOf: ended,
            stretches[ended][heads[ended]].upperBound)
          {
            heads[ended] += 1
            if heads[ended] == stretches[ended].count { return false }
            if changed.last != ended { changed.append(ended) }
          }
        }
      }
    }
    return true
  }
}
