/// Walks all states that a model can reach, breadth first.
///
/// It works through the states of one depth in blocks: several threads may expand the states of a
/// block, and one then adds what they found, in the order of the states, up to the first that
/// violates a property. So all counts, and that state, are the same for any number of threads.
///
/// The first state found to violate a property is one of the nearest that does.
public struct Explorer<Model: ExplorableModel> {
  /// What is walked.
  public var model: Model
  /// What has been found so far.
  public var progress = ExplorationProgress()
  /// A violated property and the way to it, as ``states(to:)`` takes it; nil while none is found.
  public var violation: (property: ViolatedProperty, steps: [Int])?
  /// Why the exploration is not complete, in the order found; empty when it is, or goes on.
  public var bounds: [ExplorationBound] = []

  @usableFromInline let limits: ExplorationLimits
  @usableFromInline var found = FoundStates()
  /// The states of the depth that is being expanded, in chunks; a chunk is empty once it has been.
  @usableFromInline var level: [[Frontier]] = []
  /// Which chunk is being expanded, and how many states of it have been.
  @usableFromInline var chunkNumber = 0
  @usableFromInline var expandedCount = 0
  /// The states of the next depth.
  @usableFromInline var next: [[Frontier]] = []
  @usableFromInline var frontierByteCount = 0
  @usableFromInline var isOver = false
  /// How many states the next block has: what follows them takes a small part of the memory.
  @usableFromInline var blockStateCount = 16
  /// How many bytes took what followed the last block's states.
  @usableFromInline var blockByteCount = 0
  /// What follows each state, by the state's digest, where futures are compared; looked up, never
  /// iterated.
  @usableFromInline var futures: [Digest: Digest] = [:]

  /// The most states that are expanded at a time, by all threads together.
  @inlinable static var blockStateCountMax: Int { 8192 }
  /// The fewest, if there are so many.
  @inlinable static var blockStateCountMin: Int { 16 }

  /// Begins with the model's first states.
  @inlinable
  public init(_ model: Model, limits: ExplorationLimits = ExplorationLimits()) {
    self.model = model
    self.limits = limits
    progress.depth = 1
    for (step, state) in model.initialStates.enumerated() {
      progress.generatedCount += 1
      take(
        candidate(state, digest: model.digest(of: state), parent: nil, step: step),
        violating: model.violation(in: state))
    }
    if model.isInterrupted {
      violation = nil
      stop(because: .interrupt)
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
  @inlinable
  public mutating func advance(
    threadCount: Int = 1, perform: ((Int) -> Void) -> Void = { $0(0) }
  ) -> Bool {
    if isOver { return false }
    let end = min(level[chunkNumber].count, expandedCount + blockStateCount)
    let findings = expand(level[chunkNumber][expandedCount..<end], threadCount, perform)
    if model.isInterrupted {
      // What was found of this block may not be all, so it counts for nothing.
      stop(because: .interrupt)
      return false
    }
    fitBlock(to: findings)
    for finding in findings where !isOver { take(finding) }
    if expandedCount == level[chunkNumber].count { endChunk() }
    checkLimits()
    return !isOver
  }

  /// Ends the exploration where it is; what has been found stays.
  @inlinable
  public mutating func stop(because bound: ExplorationBound) {
    guard !isOver else { return }
    note(bound)
    isOver = true
  }

  /// The states on the way that these steps lead, the first one included.
  ///
  /// The result ends early when the model does not have such steps.
  public func states(to steps: [Int]) -> [Model.State] {
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
  @inlinable
  func expand(
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

  @inlinable
  func expand(_ states: ArraySlice<Frontier>) -> Finding {
    var finding = Finding()
    var successors: [Model.State] = []
    for frontier in states {
      successors.removeAll(keepingCapacity: true)
      let start = finding.candidates.count
      model.appendSuccessors(of: frontier.state, to: &successors)
      if model.mustLearn(before: successors) {
        finding.expansions.append(nil)
        continue
      }
      var isEnd = true
      let own = model.digest(of: frontier.state)
      for step in successors.indices {
        let digest = model.digest(of: successors[step])
        if digest == own {
          if isEnd { isEnd = model.isSame(successors[step], as: frontier.state) }
          continue
        }
        isEnd = false
        if found.contains(digest), !limits.comparesFutures { continue }
        if let property = model.violation(in: successors[step]) {
          finding.violations.append((finding.candidates.count, property))
        }
        finding.candidates.append(
          candidate(successors[step], digest: digest, parent: frontier.index, step: step))
      }
      finding.expansions.append(
        Expansion(
          index: frontier.index, generatedCount: successors.count,
          isReduced: model.leavesOut(successors),
          isSampled: successors.contains(where: model.isSampled),
          candidates: start..<finding.candidates.count,
          atEnd: isEnd ? model.violation(atEnd: frontier.state) : nil))
    }
    return finding
  }

  @inlinable
  func candidate(
    _ state: Model.State, digest: Digest, parent: UInt32?, step: Int
  ) -> Candidate {
    Candidate(
      state, digest, parent: parent ?? .max, step: UInt32(truncatingIfNeeded: step),
      bound: model.bound(of: state), representedCount: model.representedCount(by: state))
  }

  /// Chooses the size of the next block by what the last one took, for any number of threads alike.
  @inlinable
  mutating func fitBlock(to findings: [Finding]) {
    let first = level[chunkNumber][expandedCount]
    let count = findings.reduce(0) { $0 + $1.candidates.count }
    let stateCount = findings.reduce(0) { $0 + $1.expansions.count { $0 != nil } }
    blockByteCount =
      count * (byteCount(of: first.state) + MemoryLayout<Candidate>.stride)
    let fitting = limits.byteCountMax / 32 / max(1, blockByteCount / max(1, stateCount))
    blockStateCount = max(Self.blockStateCountMin, min(Self.blockStateCountMax, fitting))
  }

  // MARK: Adding

  /// The digest of all that may follow a state.
  @inlinable
  func future(of state: Model.State) -> Digest {
    var successors: [Model.State] = []
    model.appendSuccessors(of: state, to: &successors)
    var digester = Digester()
    for digest in successors.map({ model.digest(of: $0) }).sorted() { digester.add(digest) }
    return digester.digest
  }

  /// Notes a state whose future is not that of the first one with its digest.
  @inlinable
  mutating func compareFuture(of candidate: Candidate) {
    let future = future(of: candidate.state)
    if model.isInterrupted { return stop(because: .interrupt) }
    guard let first = futures[candidate.digest] else {
      futures[candidate.digest] = future
      return
    }
    guard first != future, violation == nil, candidate.parent != .max else { return }
    violation = (.equality, found.steps(to: candidate.parent) + [Int(candidate.step)])
  }

  /// Adds what follows states, up to the first violation.
  @inlinable
  mutating func take(_ finding: Finding) {
    for expansion in finding.expansions where violation == nil {
      let frontier = level[chunkNumber][expandedCount]
      expandedCount += 1
      progress.queueCount -= 1
      if let expansion {
        take(expansion, of: finding)
        continue
      }
      model.learn(from: frontier.state)
      if model.isInterrupted { return stop(because: .interrupt) }
      let own = expand([frontier])
      for case let expansion? in own.expansions { take(expansion, of: own) }
    }
  }

  /// Adds what follows one state, up to the first violation.
  @inlinable
  mutating func take(_ expansion: Expansion, of finding: Finding) {
    progress.generatedCount += expansion.generatedCount
    if expansion.isReduced { progress.reducedCount += 1 }
    if expansion.isSampled { note(.sample) }
    if let property = expansion.atEnd { violation = (property, found.steps(to: expansion.index)) }
    for number in expansion.candidates where violation == nil {
      take(
        finding.candidates[number],
        violating: finding.violations.first { $0.number == number }?.property)
    }
  }

  /// Adds a state if it is new, or notes what it violates.
  @inlinable
  mutating func take(_ candidate: Candidate, violating property: ViolatedProperty?) {
    let parent = candidate.parent == .max ? nil : candidate.parent
    if candidate.bound == .outside { note(.model) }
    if limits.comparesFutures, candidate.bound != .outside { compareFuture(of: candidate) }
    guard candidate.bound != .outside,
      let index = found.add(candidate.digest, parent: parent, step: candidate.step)
    else {
      if let property, violation == nil, !found.contains(candidate.digest) {
        let before = parent.map { found.steps(to: $0) } ?? []
        violation = (property, before + [Int(candidate.step)])
      }
      return
    }
    progress.distinctCount = found.count
    progress.representedCount += candidate.representedCount
    if let property, violation == nil {
      violation = (property, found.steps(to: index))
    }
    frontierByteCount += byteCount(of: candidate.state)
    progress.queueCount += 1
    if next.last.map({ $0.count >= blockStateCount }) ?? true { next.append([]) }
    next[next.count - 1].append(Frontier(index: index, state: candidate.state))
  }

  @inlinable
  func byteCount(of state: Model.State) -> Int {
    model.byteCount(of: state) + MemoryLayout<UInt64>.stride
  }

  /// Goes on to the next chunk, perhaps that of the next depth.
  @inlinable
  mutating func endChunk() {
    for frontier in level[chunkNumber] { frontierByteCount -= byteCount(of: frontier.state) }
    level[chunkNumber] = []
    chunkNumber += 1
    expandedCount = 0
    if chunkNumber == level.count { endLevel() }
  }

  /// Goes on to the next depth.
  @inlinable
  mutating func endLevel() {
    (level, next, chunkNumber) = (next, [], 0)
    guard !level.isEmpty, violation == nil else {
      isOver = true
      return
    }
    if progress.hasBegun { progress.depth += 1 }
    progress.hasBegun = true
    if progress.depth == limits.depthMax { stop(because: .depth) }
  }

  @inlinable
  mutating func checkLimits() {
    if let violation {
      isOver = true
      progress.depth = max(progress.depth, violation.steps.count)
    }
    progress.byteCount = found.byteCount.now + frontierByteCount + model.heldByteCount
    progress.growthByteCount = found.byteCount.peak - found.byteCount.now + blockByteCount
    if progress.byteCount + progress.growthByteCount > limits.byteCountMax {
      stop(because: .memory)
    }
    if found.count > FoundStates.countMax - (1 << 24) { stop(because: .memory) }
  }

  @inlinable
  mutating func note(_ bound: ExplorationBound) {
    if !bounds.contains(bound) { bounds.append(bound) }
  }
}
