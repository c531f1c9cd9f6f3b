import LogicalTime
import Predicates
import ScaleModel
import Snapshots

/// Looks for a fair run in which a condition never holds.
///
/// A run is fair when every machine that has not crashed ticks again and again, and every channel
/// that holds something delivers again and again. Draws are not fair: they may come out alike for
/// ever. A run in which all machines have crashed ends.
///
/// It walks the worlds in which the condition does not hold. A run that stays among finitely many
/// of them ends in a set where each leads to each other. Such a set has a fair run exactly when
/// each machine and each channel acts within it, or cannot act in one of its worlds: the run that
/// goes round all of it is one. What it finds is a lasso: a way there, and a way round, which is
/// empty where the run ends.
///
/// - SeeAlso: O. Lichtenstein and A. Pnueli, "Checking That Finite State Concurrent Programs
///   Satisfy Their Linear Specification", POPL 1985. <https://doi.org/10.1145/318593.318622>
package struct PlanLiveness: PlanSearch {
  private let model: PlanModel
  private let limits: ExplorationLimits
  private let name: String
  private let condition: Expression

  /// A world in which the condition does not hold.
  private struct Node {
    let world: World<ErasedWorkload>
    /// The world that it was found from; its own index for the first.
    let parent: Int
    let depth: Int
    /// What may happen next and leads to such worlds.
    var edges: [Edge] = []
    /// The machines and channels that cannot act.
    var idle: [Int] = []
    /// Whether nothing can happen in it.
    var isEnd = false
  }

  private struct Edge {
    let action: ScheduledAction
    let target: Int
  }

  private var nodes: [Node] = []
  private var indices: [Digest: Int] = [:]
  private var expandedCount = 0
  private var isOver = false
  private var lasso: (way: [ScheduledAction], round: [ScheduledAction])?
  /// That the condition has no value in some world; nil while it has.
  private var undefined: ViolatedProperty?
  /// How far it has come: states are worlds in which the condition does not hold.
  package private(set) var progress = ExplorationProgress()
  /// Why not all of those have been found.
  package private(set) var bounds: [ExplorationBound] = []

  /// Makes a search for a run without a world in which the condition holds.
  package init(
    _ model: PlanModel, limits: ExplorationLimits, eventually name: String, _ condition: Expression
  ) {
    (self.model, self.limits, self.name, self.condition) = (model, limits, name, condition)
    progress.generatedCount = 1
    if !holds(in: model.initialWorld) { _ = add(model.initialWorld, from: 0) }
  }

  /// The property that a lasso violates; nil while there is none.
  package var violated: ViolatedProperty? { undefined ?? (lasso == nil ? nil : .liveness(name)) }

  /// The way to the lasso's loop, and once round it.
  package var schedule: Schedule? {
    if undefined != nil { return nil }
    return lasso.map { lasso in
      Schedule((lasso.way + lasso.round).map { ($0, nil) }, drawMax: model.settings.drawMax)
    }
  }

  /// The length of the loop.
  package var repeatedCount: Int { lasso?.round.count ?? 0 }

  /// Expands some worlds more; after the last one it looks for the lasso.
  package mutating func advance(threadCount: Int, perform: ((Int) -> Void) -> Void) -> Bool {
    if isOver { return false }
    for _ in 0..<256 where expandedCount < nodes.count && undefined == nil {
      expand(expandedCount)
      if model.isInterrupted {
        // What was found of this world may not be all.
        stop(because: .interrupt)
        break
      }
      expandedCount += 1
      if progress.byteCount > limits.byteCountMax {
        stop(because: .memory)
        break
      }
    }
    progress.queueCount = nodes.count - expandedCount
    if !isOver, undefined != nil || expandedCount == nodes.count { end() }
    return !isOver
  }

  /// Ends the search where it is.
  package mutating func stop(because bound: ExplorationBound) {
    if isOver { return }
    note(bound)
    end()
  }

  /// Looks for the lasso: what is found is true of the worlds that were expanded, whatever ends the
  /// search.
  private mutating func end() {
    isOver = true
    lasso = findLasso()
  }

  private mutating func note(_ bound: ExplorationBound) {
    if !bounds.contains(bound) { bounds.append(bound) }
  }

  // MARK: The graph

  /// Whether the condition holds; one without a value ends the search.
  private mutating func holds(in world: World<ErasedWorkload>) -> Bool {
    var readCount = 0
    let state = WorldState(world: world, fields: model.fields)
    do throws(EvaluationError) {
      return try condition.holds(in: state, readCount: &readCount)
    } catch {
      undefined = .undefined("'\(condition.text)'", because: "\(error)")
      return true
    }
  }

  /// The index of a world in which the condition does not hold; it is added if it is new.
  private mutating func add(_ world: World<ErasedWorkload>, from parent: Int) -> Int {
    let digest = model.digest(of: world)
    if let index = indices[digest] { return index }
    let depth = nodes.isEmpty ? 1 : nodes[parent].depth + 1
    indices[digest] = nodes.count
    nodes.append(Node(world: world, parent: nodes.isEmpty ? 0 : parent, depth: depth))
    progress.distinctCount = nodes.count
    progress.depth = depth
    progress.byteCount += model.byteCount(of: world) + 256
    return nodes.count - 1
  }

  private mutating func expand(_ index: Int) {
    let world = nodes[index].world
    if model.bound(of: world) == .outside { return note(.model) }
    if nodes[index].depth == limits.depthMax { return note(.depth) }
    var successors: [World<ErasedWorkload>] = []
    model.appendSuccessors(of: world, to: &successors)
    progress.generatedCount += successors.count
    var edges: [Edge] = []
    for next in successors {
      if next.isSampled { note(.sample) }
      guard let action = next.action, !holds(in: next) else { continue }
      edges.append(Edge(action: action, target: add(next, from: index)))
      progress.byteCount += MemoryLayout<Edge>.stride
    }
    nodes[index].edges = edges
    nodes[index].isEnd = successors.isEmpty
    let machineCount = world.machineCount
    nodes[index].idle =
      (0..<machineCount).filter { world.hasCrashed(MachineID($0)) }
      + world.channels.indices.filter { world.channels[$0].isEmpty }.map { machineCount + $0 }
  }

  /// The number of the machine that ticks, or of the channel that delivers; nil for what need not
  /// happen.
  private func actor(of action: ScheduledAction) -> Int? {
    switch action {
    case .tick(let id, _): id.index
    case .deliver(let source, let target, _):
      model.channels.firstIndex(of: ChannelID(from: source, to: target))
        .map { model.incoming.count + $0 }
    case .lose, .crash, .snapshot, .record: nil
    }
  }

  // MARK: The lasso

  private func findLasso() -> (way: [ScheduledAction], round: [ScheduledAction])? {
    let sets = components()
    var best: Int?
    var members: [[Int]] = []
    for index in 0..<expandedCount {
      while members.count <= sets[index] { members.append([]) }
      members[sets[index]].append(index)
    }
    for (set, indices) in members.enumerated() where isFair(indices, sets) {
      if best == nil || indices[0] < members[best ?? 0][0] { best = set }
    }
    guard let best else { return nil }
    let start = members[best][0]
    return (way(to: start), round(from: start, members[best], sets))
  }

  /// Whether a run can stay among these worlds, and treat every machine and channel fairly.
  private func isFair(_ members: [Int], _ sets: [Int]) -> Bool {
    let set = sets[members[0]]
    var isFree = Array(repeating: false, count: model.incoming.count + model.channels.count)
    var stays = nodes[members[0]].isEnd
    for index in members {
      for actor in nodes[index].idle { isFree[actor] = true }
      for edge in nodes[index].edges where isInside(edge, set, sets) {
        stays = true
        if let actor = actor(of: edge.action) { isFree[actor] = true }
      }
    }
    return stays && isFree.allSatisfy { $0 }
  }

  private func isInside(_ edge: Edge, _ set: Int, _ sets: [Int]) -> Bool {
    edge.target < expandedCount && sets[edge.target] == set
  }

  /// The actions that lead to a world first.
  private func way(to index: Int) -> [ScheduledAction] {
    var actions: [ScheduledAction] = []
    var index = index
    while index != nodes[index].parent {
      if let action = nodes[index].world.action { actions.append(action) }
      index = nodes[index].parent
    }
    return actions.reversed()
  }

  /// A way among these worlds from the first of them back to it, on which every machine and channel
  /// acts or cannot act once.
  private func round(
    from start: Int, _ members: [Int], _ sets: [Int]
  ) -> [ScheduledAction] {
    var missing = Set(0..<model.incoming.count + model.channels.count)
    var actions: [ScheduledAction] = []
    var current = start
    func pass(_ edge: Edge) {
      actions.append(edge.action)
      if let actor = actor(of: edge.action) { missing.remove(actor) }
      missing.subtract(nodes[edge.target].idle)
      current = edge.target
    }
    missing.subtract(nodes[start].idle)
    while !missing.isEmpty {
      let way = shortest(from: current, sets) { index, edge in
        actor(of: edge.action).map { missing.contains($0) } ?? false
          || nodes[edge.target].idle.contains { missing.contains($0) }
      }
      guard let way else { return actions }
      for edge in way { pass(edge) }
    }
    if current != start || actions.isEmpty {
      for edge in shortest(from: current, sets, { _, edge in edge.target == start }) ?? [] {
        pass(edge)
      }
    }
    return actions
  }

  /// The shortest way among the worlds that lead to each other, whose last edge is wanted.
  private func shortest(
    from start: Int, _ sets: [Int], _ isWanted: (Int, Edge) -> Bool
  ) -> [Edge]? {
    var steps: [Int: (from: Int, edge: Edge)] = [:]
    var queue = [start]
    var head = 0
    while head < queue.count {
      let index = queue[head]
      head += 1
      for edge in nodes[index].edges where isInside(edge, sets[start], sets) {
        if isWanted(index, edge) {
          var (way, last) = ([edge], index)
          while last != start, let step = steps[last] {
            way.append(step.edge)
            last = step.from
          }
          return way.reversed()
        }
        if edge.target != start, steps[edge.target] == nil {
          steps[edge.target] = (index, edge)
          queue.append(edge.target)
        }
      }
    }
    return nil
  }

  /// For each world that was expanded, the number of its set of worlds that lead to each other.
  ///
  /// - SeeAlso: R. Tarjan, "Depth-First Search and Linear Graph Algorithms", SIAM J. Computing
  ///   1(2), 1972. <https://doi.org/10.1137/0201010>
  private func components() -> [Int] {
    var (sets, order, low) = (
      Array(repeating: -1, count: expandedCount), Array(repeating: -1, count: expandedCount),
      Array(repeating: 0, count: expandedCount)
    )
    var (stack, path): ([Int], [(index: Int, edge: Int)]) = ([], [])
    var (orderCount, setCount) = (0, 0)
    for root in 0..<expandedCount where order[root] < 0 {
      path = [(root, 0)]
      while let (index, edge) = path.last {
        if edge == 0, order[index] < 0 {
          (order[index], low[index]) = (orderCount, orderCount)
          orderCount += 1
          stack.append(index)
        }
        if edge < nodes[index].edges.count {
          path[path.count - 1].edge += 1
          let target = nodes[index].edges[edge].target
          if target >= expandedCount { continue }
          if order[target] < 0 {
            path.append((target, 0))
          } else if sets[target] < 0 {
            low[index] = min(low[index], order[target])
          }
          continue
        }
        path.removeLast()
        if let parent = path.last?.index { low[parent] = min(low[parent], low[index]) }
        guard low[index] == order[index] else { continue }
        while let member = stack.popLast() {
          sets[member] = setCount
          if member == index { break }
        }
        setCount += 1
      }
    }
    return sets
  }
}
