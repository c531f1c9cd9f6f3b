import ScaleModel

/// A search through the machines of a plan, by an exploration or by chance.
package protocol PlanSearch {
  /// How far it has come.
  var progress: ExplorationProgress { get }
  /// Why it is not complete; empty when it is, or goes on.
  var bounds: [ExplorationBound] { get }
  /// The violated property; nil while none is found.
  var violated: ViolatedProperty? { get }
  /// A schedule that leads to the violation; nil while none is found.
  var schedule: Schedule? { get }
  /// How many actions at the end of the schedule happen again and again; 0 for none.
  var repeatedCount: Int { get }

  /// Goes on for a while; see ``Explorer/advance(threadCount:perform:)``.
  mutating func advance(threadCount: Int, perform: ((Int) -> Void) -> Void) -> Bool
  /// Ends the search where it is.
  mutating func stop(because bound: ExplorationBound)
}

extension PlanSearch {
  /// None.
  package var repeatedCount: Int { 0 }
}

/// Carries out many random schedules of the machines of a plan, one for each seed.
///
/// It ends at the first seed whose schedule violates something, for any number of threads.
package struct PlanSwarm: PlanSearch {
  private let model: PlanModel
  private let limits: ExplorationLimits
  private let shrinks: Bool
  private let seedCount: UInt64
  /// The schedule that is carried out in place of random ones; nil for those.
  private let given: [ScheduledAction]?
  private var nextSeed: UInt64 = 0
  private var isOver = false
  private var found = FoundStates()
  private var actions: [ScheduledAction] = []
  /// What is left out of them; nil until something is violated.
  private var shrinking: ScheduleShrinking<ErasedWorkload>?
  /// How far it has come: states are those of all schedules, and the depth that of the longest.
  package private(set) var progress = ExplorationProgress()
  /// That others were not tried, once it is over.
  package private(set) var bounds: [ExplorationBound] = []
  /// The violated property; nil while none is found.
  package private(set) var violated: ViolatedProperty?
  /// The number of the seed, from 0, whose schedule violates it.
  package private(set) var violatingSeed: UInt64?

  /// The most actions of a random schedule, unless a depth is given.
  package static let usualActionCountMax = 1000
  private static let walkCountOfThread = 4
  /// How many actions are tried again between two looks at whether to go on.
  private static let shrinkingStepCount = 10_000

  /// Makes a swarm.
  ///
  /// - Parameters:
  ///   - model: The machines.
  ///   - limits: Where schedules end, and how much memory the states found may take.
  ///   - seedCount: How many schedules; without a `given` one.
  ///   - given: A schedule to carry out instead.
  ///   - shrinks: Whether a schedule that violates something is made small.
  package init(
    _ model: PlanModel, limits: ExplorationLimits, seedCount: Int, given: Schedule? = nil,
    shrinks: Bool
  ) {
    (self.model, self.limits, self.shrinks) = (model, limits, shrinks)
    self.seedCount = UInt64(seedCount)
    self.given = given?.lines.map(\.action)
  }

  /// The schedule that violates something; nil while none is found.
  package var schedule: Schedule? {
    violated == nil
      ? nil : Schedule(actions.map { ($0, nil) }, drawMax: model.settings.drawMax)
  }

  /// Carries out some schedules more.
  package mutating func advance(threadCount: Int, perform: ((Int) -> Void) -> Void) -> Bool {
    if isOver { return false }
    if shrinking != nil { return shrink() }
    if let given {
      let outcome = model.carriedOut(given)
      if !model.isInterrupted { (actions, violated) = outcome }
      countStates()
    } else {
      let walks = walks(threadCount, perform)
      // A walk that was ended early counts for nothing.
      for walk in walks where violated == nil && !model.isInterrupted { take(walk) }
    }
    if model.isInterrupted {
      stop(because: .interrupt)
      return false
    }
    if let violated, shrinks {
      shrinking = ScheduleShrinking(model, actions, violating: violated)
      return true
    }
    if violated != nil || given != nil || nextSeed >= seedCount { stop(because: .schedules) }
    return !isOver
  }

  /// Tries to leave out some parts of what was found, few where that takes long.
  private mutating func shrink() -> Bool {
    for _ in 0..<max(1, Self.shrinkingStepCount / max(1, actions.count)) {
      let hasMore = shrinking?.advance() == true
      if model.isInterrupted {
        // What was tried last may not have come to its end.
        stop(because: .interrupt)
        break
      }
      guard hasMore else {
        stop(because: .schedules)
        break
      }
      actions = shrinking?.actions ?? actions
    }
    return !isOver
  }

  /// Counts the states that the given schedule passes.
  private mutating func countStates() {
    var world = model.initialWorld
    _ = found.add(model.digest(of: world), parent: nil, step: 0)
    for action in actions where model.perform(action, on: &world) != nil {
      _ = found.add(model.digest(of: world), parent: nil, step: 0)
    }
    progress.distinctCount = found.count
    (progress.generatedCount, progress.depth) = (actions.count + 1, actions.count + 1)
  }

  private func walks(
    _ threadCount: Int, _ perform: ((Int) -> Void) -> Void
  ) -> [RandomWalk<ErasedWorkload>] {
    let count = Int(min(UInt64(threadCount * Self.walkCountOfThread), seedCount - nextSeed))
    let actionCountMax = limits.depthMax.map { $0 - 1 } ?? Self.usualActionCountMax
    return Array(unsafeUninitializedCapacity: count) { walks, walkCount in
      // Each call writes its own elements, and all have returned before any is read.
      perform { thread in
        for index in stride(from: thread, to: count, by: threadCount) {
          let walk = RandomWalk(
            model, seed: nextSeed + UInt64(index), actionCountMax: actionCountMax)
          walks.baseAddress.map { ($0 + index).initialize(to: walk) }
        }
      }
      walkCount = count
    }
  }

  private mutating func take(_ walk: RandomWalk<ErasedWorkload>) {
    progress.generatedCount += walk.actions.count + 1
    progress.depth = max(progress.depth, walk.actions.count + 1)
    for digest in walk.digests { _ = found.add(digest, parent: nil, step: 0) }
    progress.distinctCount = found.count
    progress.byteCount = found.byteCount.now
    if found.byteCount.peak > limits.byteCountMax { stop(because: .memory) }
    if walk.violated != nil {
      (violated, actions, violatingSeed) = (walk.violated, walk.actions, nextSeed)
    }
    nextSeed += 1
    progress.queueCount = Int(seedCount - nextSeed)
  }

  /// Ends the search where it is.
  package mutating func stop(because bound: ExplorationBound) {
    guard !isOver else { return }
    isOver = true
    bounds.append(bound)
  }
}
