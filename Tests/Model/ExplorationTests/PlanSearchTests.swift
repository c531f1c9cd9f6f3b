import LogicalTime
import Predicates
import ScaleModel
import Synchronization
import TestSupport
import Testing
import Workloads

@testable import Exploration

/// Random schedules, shrunk ones, and fair runs without end.
@Suite("Searches through the machines of a plan")
struct PlanSearchTests {
  private static func searched(_ search: some PlanSearch, threadCount: Int = 1) -> some PlanSearch {
    var search = search
    while search.advance(
      threadCount: threadCount, perform: { body in (0..<threadCount).forEach(body) })
    {}
    return search
  }

  private static func lossyRing() throws -> PlanModel {
    try WorldModelTests.model("token-ring", Topology(completeWith: 3)) { $0.lossCountMax = 1 }
  }

  @Test("A random schedule finds a lost token; shrunk, it is as short as the shortest")
  func swarm() throws {
    let limits = ExplorationLimits(depthMax: 200)
    let long = Self.searched(
      PlanSwarm(try Self.lossyRing(), limits: limits, seedCount: 100, shrinks: false))
    #expect(long.violated == .invariant("one-token"))
    for threadCount in [1, 2, 3] {
      let short = Self.searched(
        PlanSwarm(try Self.lossyRing(), limits: limits, seedCount: 100, shrinks: true),
        threadCount: threadCount)
      let schedule = try #require(short.schedule)
      #expect(schedule.lines.map { "\($0.action)" } == ["tick 0 1", "lose 0 1"])
      #expect(short.progress.generatedCount == long.progress.generatedCount)
    }
  }

  @Test("Random schedules end where they should: after a count, at an end, within bounds")
  func ends() throws {
    let limits = ExplorationLimits(depthMax: 50)
    let ring = try WorldModelTests.model("token-ring", Topology(completeWith: 3))
    let swarm = Self.searched(PlanSwarm(ring, limits: limits, seedCount: 20, shrinks: false))
    #expect(swarm.violated == nil && swarm.bounds == [.schedules])
    #expect(swarm.progress.generatedCount == 20 * 50 && swarm.progress.depth == 50)
    #expect(swarm.progress.distinctCount <= 9)
    let echo = try WorldModelTests.model("echo", Topology(completeWith: 2)) { $0.lossCountMax = 1 }
    let stuck = Self.searched(PlanSwarm(echo, limits: limits, seedCount: 50, shrinks: true))
    #expect(stuck.violated == .deadlock)
    #expect(stuck.schedule?.lines.map { "\($0.action)" } == ["tick 0", "lose 0 1"])
  }

  @Test("A walk on which all machines crash ends there, and that may be a deadlock")
  func lastCrash() throws {
    let echo = try WorldModelTests.model("echo", Topology(completeWith: 2)) {
      $0.crashCountMax = 2
    }
    let walks = (0..<50 as Range<UInt64>).map {
      RandomWalk(echo, seed: $0, actionCountMax: 200)
    }.filter { walk in walk.actions.count { if case .crash = $0 { true } else { false } } == 2 }
    #expect(walks.contains { $0.violated == .deadlock })
    #expect(walks.allSatisfy { echo.carriedOut($0.actions).violated == $0.violated })
  }

  /// Counts how often a search asks whether the user has ended it, who does after so many times.
  private final class Patience: Sendable {
    let questionCountMax: Int
    private let questionCount = Mutex(0)

    init(_ questionCountMax: Int) { self.questionCountMax = questionCountMax }

    var isOver: Bool {
      questionCount.withLock {
        $0 += 1
        return $0 > questionCountMax
      }
    }
  }

  /// All ways to search, until the user ends them.
  private static func searches(_ patience: Patience) throws -> [any PlanSearch] {
    let model = try WorldModelTests.model("echo", Topology(completeWith: 2)) {
      $0.lossCountMax = 1
      $0.isInterrupted = { patience.isOver }
    }
    let limits = ExplorationLimits(depthMax: 50)
    let given = Schedule(
      [(.tick(0, outcome: 0), nil), (.lose(from: 0, to: 1, position: 0), nil)], drawMax: 16)
    let condition = try Expression("finished(0)", in: vocabulary(of: model))
    return [
      PlanExplorer(model, limits: limits),
      PlanExplorer(model, limits: ExplorationLimits(depthMax: 50, comparesFutures: true)),
      PlanSwarm(model, limits: limits, seedCount: 5, shrinks: true),
      PlanSwarm(model, limits: limits, seedCount: 0, given: given, shrinks: true),
      PlanLiveness(model, limits: limits, eventually: "finished", condition),
    ]
  }

  @Test("Whenever the user ends a search, it tells what is violated or nothing")
  func interrupted() throws {
    for kind in 0..<5 {
      let whole = Self.searched(try Self.searches(Patience(.max))[kind])
      #expect(whole.violated != nil && !whole.bounds.contains(.interrupt))
      for count in 0..<400 {
        let search = Self.searched(try Self.searches(Patience(count))[kind])
        let isEnded = search.bounds.contains(.interrupt)
        #expect(search.violated == whole.violated || search.violated == nil && isEnded)
        #expect((search.schedule == nil) == (search.violated == nil))
        #expect(search.bounds.count { $0 == .interrupt } == (isEnded ? 1 : 0))
        if !isEnded { break }
      }
    }
  }

  @Test("Draws behind other draws come out in every way")
  func draws() {
    let topology = Topology(completeWith: 3)
    let model = WorldModel(
      Bank(balance: 4, transferProbability: 0.5), WorldSettings(topology: topology))
    var targets: Set<MachineID> = []
    for seed in 0..<20 {
      var world = model.initialWorld
      for action in RandomWalk(model, seed: UInt64(seed), actionCountMax: 20).actions {
        model.perform(action, on: &world)
      }
      targets.formUnion(
        zip(model.channels, world.channels).filter { !$1.isEmpty }.map(\.0.target))
    }
    #expect(targets.count == 3)
    #expect(
      (0..<20).contains { seed in
        RandomWalk(model, seed: UInt64(seed), actionCountMax: 20).actions.contains {
          if case .tick(_, let outcome) = $0 { outcome > 1 } else { false }
        }
      })
  }

  @Test(
    "No action of a shrunk schedule can be left out, and it is a schedule",
    arguments: 0..<(LongTests.areOn ? 8 : 3) as Range<UInt64>)
  func shrunk(seed: UInt64) throws {
    let model = try WorldModelTests.model(
      "mutex-lamport", Topology(completeWith: 2), options: ["inside": "1", "want": "1"]
    ) { $0.isFIFO = false }
    let walks = (0..<50).lazy.map {
      RandomWalk(model, seed: seed * 50 + $0, actionCountMax: 300)
    }
    let found = walks.first { $0.violated != nil }
    let walk = try #require(found)
    let violated = try #require(walk.violated)
    var shrinking = ScheduleShrinking(model, walk.actions, violating: violated)
    while shrinking.advance() {}
    let shrunk = shrinking.actions
    #expect(shrunk.count <= walk.actions.count)
    #expect(model.carriedOut(shrunk).actions == shrunk)
    for index in shrunk.indices {
      var fewer = shrunk
      fewer.remove(at: index)
      #expect(model.carriedOut(fewer).violated != violated)
    }
  }

  private static func liveness(
    _ name: String, _ topology: Topology, _ condition: String,
    _ change: (inout WorldSettings) -> Void = { _ in }
  ) throws -> PlanLiveness {
    let model = try WorldModelTests.model(name, topology, change)
    var search = PlanLiveness(
      model, limits: ExplorationLimits(), eventually: condition,
      try Expression(condition, in: vocabulary(of: model)))
    while search.advance(threadCount: 1, perform: { $0(0) }) {}
    return search
  }

  private static func vocabulary(of model: PlanModel) -> Expression.Vocabulary {
    Expression.Vocabulary(
      machineCount: model.settings.topology.machineCount,
      stateFields: FieldNames(model.fields).state, messageFields: FieldNames(model.fields).message)
  }

  @Test("A run in which all machines crash ends, and what has not become true stays false")
  func livenessOfCrashes() throws {
    let condition = "any(clock > 0)"
    let search = try Self.liveness("token-ring", Topology(completeWith: 3), condition) {
      $0.crashCountMax = 3
    }
    #expect(search.violated == .liveness(condition) && search.repeatedCount == 0)
    // Besides crashes only the ends of channels arrive.
    let actions = try #require(search.schedule).lines.map { "\($0.action)" }
    #expect(actions.filter { $0.hasPrefix("crash") } == ["crash 0", "crash 1", "crash 2"])
    #expect(!actions.contains { $0.hasPrefix("tick") })
  }

  @Test("A fair run is looked for among the outcomes that were tried, and it says so")
  func livenessOfSamples() throws {
    let search = try Self.liveness("token-ring", Topology(completeWith: 3), "any(holds)") {
      $0.drawMax = 1
    }
    #expect(search.bounds.isEmpty && search.violated == nil)
    let other = try Self.liveness("token-ring", Topology(completeWith: 3), "holds(1)") {
      $0.drawMax = 1
    }
    #expect(other.bounds == [.sample])
  }

  @Test(
    "What becomes true in every fair run, and what need not",
    arguments: [
      ("echo", "finished(0)", 0, true), ("echo", "finished(0)", 1, false),
      ("election-ring", "any(leader >= 0)", 0, true),
      ("token-ring", "holds(1)", 0, false), ("token-ring", "any(holds)", 0, true),
    ] as [(name: String, condition: String, losses: Int, becomesTrue: Bool)])
  func eventually(
    row: (name: String, condition: String, losses: Int, becomesTrue: Bool)
  ) throws {
    let topology =
      row.name == "election-ring"
      ? try TopologyChoice.ring.topology(machineCount: 3, seed: 1) : Topology(completeWith: 3)
    let search = try Self.liveness(row.name, topology, row.condition) {
      ($0.lossCountMax, $0.drawMax) = (row.losses, 2)
    }
    #expect(search.bounds.allSatisfy { $0 == .sample })
    #expect((search.violated == nil) == row.becomesTrue)
    guard let schedule = search.schedule else { return }
    #expect(search.violated == .liveness(row.condition))
    // Every machine acts in the loop, and what it leads round is the world that it began in.
    let model = try WorldModelTests.model(row.name, topology) {
      ($0.lossCountMax, $0.drawMax) = (row.losses, 2)
    }
    var worlds = [model.initialWorld]
    for line in schedule.lines {
      var world = worlds[worlds.count - 1]
      #expect(model.perform(line.action, on: &world) != nil)
      worlds.append(world)
    }
    let loop = schedule.lines.suffix(search.repeatedCount)
    #expect(
      model.digest(of: worlds[worlds.count - 1])
        == model.digest(of: worlds[worlds.count - 1 - loop.count]))
    for id in topology.machineIDs {
      #expect(loop.contains { if case .tick(id, _) = $0.action { true } else { false } })
    }
  }
}
