/// The answer to whether a condition held in a run.
package enum DetectionAnswer: Hashable, Sendable {
  /// Yes; and a consistent cut where it holds.
  case yes(ConsistentCut)
  /// No.
  case no
  /// The search stopped before it knew.
  case unknown(SearchStop)
}

/// An expression that has no value at a cut.
package struct DetectionError: Error, Hashable, Sendable {
  /// Why it has none.
  package let cause: EvaluationError
  /// The latest event of each machine that it may have read, without those that have none yet.
  package let events: [History.Event]
}

extension DetectionError: CustomStringConvertible {
  /// The problem and its cut, in words.
  package var description: String {
    events.isEmpty
      ? "\(cause), before all events"
      : "\(cause), after "
        + events.map { "event \($0.number) of machine \($0.machine)" }.joined(separator: ", ")
  }
}

/// Decides whether a condition held in a run of which only the causal order is known.
///
/// Conditions of single machines, joined by `&&`, are decided by the algorithms of Garg and
/// Waldecker; so is whether one of several such conjunctions possibly held. Every other condition
/// takes a walk through the lattice of consistent cuts.
///
/// - SeeAlso: R. Cooper, K. Marzullo, 1991 (``LatticeWalk``); V. K. Garg, B. Waldecker, "Detection
///   of Weak Unstable Predicates in Distributed Programs", IEEE TPDS 5(3), 1994.
///   <https://doi.org/10.1109/71.277788>
package struct Detection {
  private let history: History
  private let expression: Expression
  private let limits: SearchLimits

  /// Makes the question whether an expression held in a history with the machines and fields of its
  /// vocabulary.
  package init(of expression: Expression, in history: History, limits: SearchLimits = .init()) {
    self.expression = expression
    self.history = history
    self.limits = limits
  }

  private var root: Conjunct { Conjunct(node: expression.root) }

  /// Whether some observer of the run could have seen the condition hold: it holds in some
  /// consistent cut.
  ///
  /// - Returns: With a cut with as few events as any where it holds.
  /// - Throws: ``DetectionError`` when the expression has no value at a cut.
  package func possibly() throws(DetectionError) -> DetectionAnswer {
    let machineCount = history.machines.count
    // A condition possibly holds when one of its alternatives does.
    let alternatives = root.parts(joinedBy: .any, machineCount: machineCount)
      .map { ConjunctivePredicate($0, machineCount: machineCount) }
    let conjunctive = alternatives.compactMap { $0 }
    guard conjunctive.count == alternatives.count else { return try walk(isDefinite: false) }
    var (best, bestCount) = (ConsistentCut?.none, Int.max)
    var search = ConjunctiveSearch(history, limits)
    for predicate in conjunctive {
      switch try search.leastCut(where: predicate) {
      case .yes(let cut):
        let count = cut.eventCounts.reduce(0, +)
        if count < bestCount { (best, bestCount) = (cut, count) }
      case .unknown(let stop): return .unknown(stop)
      case .no: break
      }
    }
    return best.map { .yes($0) } ?? .no
  }

  /// Whether every observer of the run must have seen the condition hold: each order of its events
  /// passes through a consistent cut where it holds.
  ///
  /// - Returns: With a cut with as few events as any where it holds.
  /// - Throws: ``DetectionError`` when the expression has no value at a cut.
  package func definitely() throws(DetectionError) -> DetectionAnswer {
    if let predicate = ConjunctivePredicate(root, machineCount: history.machines.count) {
      var search = ConjunctiveSearch(history, limits)
      return try search.definitely(predicate)
    }
    return try walk(isDefinite: true)
  }

  private func walk(isDefinite: Bool) throws(DetectionError) -> DetectionAnswer {
    var evaluator = Evaluator(state: CutState(history))
    var walk = LatticeWalk(history, limits)
    let eventCount = history.eventCount
    var first: ConsistentCut?
    var isAvoided = false
    var stop: SearchStop?
    let end = try walk.run { counts throws(DetectionError) in
      guard evaluator.readCount <= limits.readCount else {
        stop = .reads(limits.readCount)
        return .end
      }
      evaluator.state.move(to: counts)
      if try evaluator.holds(root) {
        first = first ?? evaluator.state.cut
        return isDefinite ? .leave : .end
      }
      // An order of the events that never was where the condition holds has come to its end.
      if isDefinite && counts.reduce(0, +) == eventCount { isAvoided = true }
      return .follow
    }
    if case .stopped(let limit) = end { stop = limit }
    if let stop { return .unknown(stop) }
    return isAvoided ? .no : first.map { .yes($0) } ?? .no
  }
}

extension Evaluator where State == CutState {
  /// Whether a part of an expression holds at the cut.
  mutating func holds(_ part: Conjunct) throws(DetectionError) -> Bool {
    do throws(EvaluationError) {
      return try holds(part.node) != part.isNegated
    } catch {
      let machines =
        if case .machine(let only) = part.subject { only...only } else {
          0...max(0, state.machineCount - 1)
        }
      let events = machines.map {
        History.Event(machine: $0, number: state.eventCounts[$0])
      }
      throw DetectionError(cause: error, events: events.filter { $0.number > 0 })
    }
  }
}
