/// Explores every order of a scenario's actions, depth first, with a copy of the world at every
/// fork.
///
/// `scalemodel explore` walks states. This walks runs: it counts interleavings, of which millions
/// may pass the same state, and checks each run for properties of a whole run. So it stays beside
/// the room Exploration.
struct Explorer {
  /// What is walked.
  enum Mode {
    /// Every interleaving, from start to end, each checked for itself.
    case everyRun
    /// Every state once. Runs that lead every machine through the same history are told apart by
    /// no machine, and checked once; all of them are counted. What depends on an order no machine
    /// can see (Theorem 1's run, which snapshot was over first) is checked for one of them.
    case everyState
  }

  /// How many interleavings there are.
  private(set) var interleavingCount: UInt64 = 0
  /// How many runs were checked.
  private(set) var checkedCount = 0
  /// How many checked runs violated any property.
  private(set) var rejectedCount = 0
  /// How many checked runs violated each property.
  private(set) var violationCounts: [Property: Int] = [:]
  /// What was seen in all checked runs.
  private(set) var totals = CheckResult()

  private let mode: Mode
  private var interleavingCounts: [[[UInt8]]: UInt64] = [:]

  /// Explores a scenario from its start.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - mode: What is walked.
  ///   - visit: Sees the world at the end of every checked run.
  init(
    _ scenario: ModelScenario, _ mode: Mode = .everyRun,
    visit: (ModelWorld) -> Void = { _ in }
  ) {
    self.mode = mode
    interleavingCount = explore(ModelWorld(scenario), visit)
  }

  /// Walks on from `start`.
  ///
  /// - Parameters:
  ///   - start: Where the walk stands.
  ///   - visit: Sees the world at the end of every checked run.
  /// - Returns: How many interleavings lead from there to an end.
  private mutating func explore(
    _ start: ModelWorld, _ visit: (ModelWorld) -> Void
  ) -> UInt64 {
    if let known = interleavingCounts[start.histories] { return known }
    let actions = start.possibleActions
    var count: UInt64 = 0
    for action in actions {
      var next = start
      next.perform(action)
      count += explore(next, visit)
    }
    if actions.isEmpty {
      visit(start)
      finish(start)
      count = 1
    }
    if mode == .everyState { interleavingCounts[start.histories] = count }
    return count
  }

  private mutating func finish(_ world: ModelWorld) {
    let result = SnapshotChecker.check(world)
    checkedCount += 1
    if !result.violated.isEmpty { rejectedCount += 1 }
    for property in result.violated { violationCounts[property, default: 0] += 1 }
    totals.add(result)
  }
}

extension CheckResult {
  /// Adds what another look found.
  mutating func add(_ other: CheckResult) {
    violated.formUnion(other.violated)
    snapshotCount += other.snapshotCount
    completeCount += other.completeCount
    nonEmptyChannelCount += other.nonEmptyChannelCount
    orderedPairCount += other.orderedPairCount
  }
}
