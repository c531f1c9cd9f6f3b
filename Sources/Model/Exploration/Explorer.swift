/// Walks all states that a model can reach, breadth first.
///
/// It works through the states of one depth in blocks: several threads may expand the states of a
/// block, and one then adds what they found, in the order of the states. So all counts, and the
/// state that violates a property, are the same for any number of threads.
///
/// The first state found to violate a property is one of the nearest that does.
package struct Explorer<Model: ExplorableModel> {
  /// What is walked.
  package let model: Model
  /// What has been found so far.
  package private(set) var progress = ExplorationProgress()
  /// A violated property and the way to it, as ``states(to:)`` takes it; nil while none is found.
  package private(set) var violation: (property: ViolatedProperty, steps: [Int])?
  /// Why the exploration is not complete, in the order found; empty when it is, or goes on.
  package private(set) var bounds: [ExplorationBound] = []

  private let limits: ExplorationLimits
  private var found = FoundStates()
  /// The states of the depth that is being expanded.
  private var level: [Frontier] = []
  /// How many of those have been expanded.
  private var expandedCount = 0
  /// The states of the next depth.
  private var next: [Frontier] = []
  private var frontierByteCount = 0
  private var isOver = false

  /// A state that has been found and not expanded yet.
  private struct Frontier {
    let index: UInt32
    let state: Model.State
  }

  /// What one thread found.
  private struct Finding {
    var generatedCount = 0
    var isBounded = false
    var candidates: [Candidate] = []
    /// The first state here that is an end and may not be one.
    var badEnd: (index: UInt32, property: ViolatedProperty)?
  }

  /// A state that may be new.
  private struct Candidate {
    let digest: Digest
    let parent: UInt32
    let step: UInt32
    let state: Model.State
    let bound: StateBound
    let violation: ViolatedProperty?
  }

  /// How many states of a block each thread expands.
  private static var blockStateCount: Int { 512 }

  /// Begins with the model's first states.
  package init(_ model: Model, limits: ExplorationLimits = ExplorationLimits()) {
    self.model = model
    self.limits = limits
    progress.depth = 1
    for (step, state) in model.initialStates.enumerated() {
      progress.generatedCount += 1
      take(candidate(state, digest: model.digest(of: state), parent: nil, step: step))
    }
    endLevel()
  }

  /// Goes on by some thousand states.
  ///
  /// - Parameters:
  ///   - threadCount: How many threads `perform` has.
  ///   - perform: Calls its argument once with each number from 0 up to and without `threadCount`,
  ///     on any threads, and returns when all calls have.
  /// - Returns: Whether there is more to do.
  package mutating func advance(
    threadCount: Int = 1, perform: ((Int) -> Void) -> Void = { $0(0) }
  ) -> Bool {
    if isOver { return false }
    let end = min(level.count, expandedCount + threadCount * Self.blockStateCount)
    let block = level[expandedCount..<end]
    for finding in expand(block, threadCount, perform) {
      progress.generatedCount += finding.generatedCount
      if let end = finding.badEnd, violation == nil {
        violation = (end.property, found.steps(to: end.index))
      }
      for candidate in finding.candidates where violation == nil { take(candidate) }
    }
    for frontier in block { frontierByteCount -= byteCount(of: frontier.state) }
    expandedCount = end
    if expandedCount == level.count { endLevel() }
    progress.queueCount = level.count - expandedCount + next.count
    checkLimits()
    return !isOver
  }

  /// Ends the exploration where it is; what has been found stays.
  package mutating func stop(because bound: ExplorationBound) {
    guard !isOver else { return }
    note(bound)
    isOver = true
  }

  /// The states on the way that these steps lead, the first one included.
  ///
  /// The result ends early when the model does not have such steps.
  package func states(to steps: [Int]) -> [Model.State] {
    var states: [Model.State] = []
    var choices = model.initialStates
    for step in steps {
      guard choices.indices.contains(step) else { return states }
      states.append(choices[step])
      var successors: [Model.State] = []
      model.appendSuccessors(of: choices[step], to: &successors)
      choices = successors
    }
    return states
  }

  // MARK: Expanding

  /// Finds what follows the states of a block; each thread has a part of it, in order.
  private func expand(
    _ block: ArraySlice<Frontier>, _ threadCount: Int, _ perform: ((Int) -> Void) -> Void
  ) -> [Finding] {
    let count = (block.count + threadCount - 1) / threadCount
    guard threadCount > 1, count > 0 else { return [expand(block)] }
    return Array(unsafeUninitializedCapacity: threadCount) { findings, findingCount in
      // Each call writes its own element, and all have returned before any is read.
      perform { thread in
        let start = min(block.endIndex, block.startIndex + thread * count)
        let part = block[start..<min(block.endIndex, start + count)]
        findings.baseAddress.map { ($0 + thread).initialize(to: expand(part)) }
      }
      findingCount = threadCount
    }
  }

  private func expand(_ states: ArraySlice<Frontier>) -> Finding {
    var finding = Finding()
    var successors: [Model.State] = []
    for frontier in states {
      successors.removeAll(keepingCapacity: true)
      model.appendSuccessors(of: frontier.state, to: &successors)
      finding.generatedCount += successors.count
      var isEnd = true
      let own = model.digest(of: frontier.state)
      for (step, state) in successors.enumerated() {
        let digest = model.digest(of: state)
        if digest == own { continue }
        isEnd = false
        if found.contains(digest) { continue }
        finding.candidates.append(
          candidate(state, digest: digest, parent: frontier.index, step: step))
      }
      if isEnd, finding.badEnd == nil, let property = model.violation(atEnd: frontier.state) {
        finding.badEnd = (frontier.index, property)
      }
    }
    return finding
  }

  private func candidate(
    _ state: Model.State, digest: Digest, parent: UInt32?, step: Int
  ) -> Candidate {
    Candidate(
      digest: digest, parent: parent ?? .max, step: UInt32(truncatingIfNeeded: step), state: state,
      bound: model.bound(of: state), violation: model.violation(in: state))
  }

  // MARK: Adding

  /// Adds a state if it is new, or notes what it violates.
  private mutating func take(_ candidate: Candidate) {
    let parent = candidate.parent == .max ? nil : candidate.parent
    if candidate.bound == .outside { note(.model) }
    if candidate.bound == .sampled { note(.sample) }
    guard candidate.bound != .outside,
      let index = found.add(candidate.digest, parent: parent, step: candidate.step)
    else {
      if let property = candidate.violation, !found.contains(candidate.digest), violation == nil {
        let before = parent.map { found.steps(to: $0) } ?? []
        violation = (property, before + [Int(candidate.step)])
      }
      return
    }
    progress.distinctCount = found.count
    if let property = candidate.violation, violation == nil {
      violation = (property, found.steps(to: index))
    }
    frontierByteCount += byteCount(of: candidate.state)
    next.append(Frontier(index: index, state: candidate.state))
  }

  private func byteCount(of state: Model.State) -> Int {
    model.byteCount(of: state) + MemoryLayout<UInt64>.stride
  }

  /// Goes on to the next depth.
  private mutating func endLevel() {
    level = next
    next = []
    expandedCount = 0
    progress.queueCount = level.count
    guard !level.isEmpty, violation == nil else {
      isOver = true
      return
    }
    if progress.hasBegun { progress.depth += 1 }
    progress.hasBegun = true
    if progress.depth == limits.depthMax { stop(because: .depth) }
  }

  private mutating func checkLimits() {
    if violation != nil { isOver = true }
    progress.byteCount = found.byteCount.now + frontierByteCount
    if found.byteCount.peak + frontierByteCount > limits.byteCountMax { stop(because: .memory) }
    if found.count > FoundStates.countMax - (1 << 24) { stop(because: .memory) }
  }

  private mutating func note(_ bound: ExplorationBound) {
    if !bounds.contains(bound) { bounds.append(bound) }
  }
}
