import LogicalTime
import Predicates
import ScaleModel
import Snapshots
import TestSupport
import Testing
import Workloads

@testable import Exploration

@Suite("Exploring the machines of a plan")
struct WorldModelTests {
  private static let catalog = try? WorkloadCatalog(ShippedWorkloads.all)

  /// A shipped workload whose invariants and deadlocks are checked in every state.
  static func model(
    _ name: String, _ topology: Topology, options: [String: String] = [:],
    _ change: (inout WorldSettings) -> Void = { _ in }
  ) throws -> WorldModel<ErasedWorkload> {
    let catalog = try #require(Self.catalog)
    let type = try #require(catalog[name])
    let choice = try catalog.choice(named: name, options: options, topology: topology)
    var settings = WorldSettings(
      topology: topology, usesReadings: type.usesReadings, usesTicks: type.usesTicks)
    change(&settings)
    let vocabulary = Expression.Vocabulary(
      machineCount: topology.machineCount, stateFields: choice.fields.state,
      messageFields: choice.fields.message)
    let claims = try WorldClaims(choice.predicates, in: vocabulary)
    return WorldModel(
      try catalog.workload(of: choice, topology: topology), settings,
      conditions: claims.conditions, goals: claims.goals)
  }

  static func explored<Model>(
    _ model: Model, _ limits: ExplorationLimits = ExplorationLimits()
  ) -> Explorer<Model> {
    var explorer = Explorer(model, limits: limits)
    while explorer.advance() {}
    return explorer
  }

  @Test(
    "Shipped algorithms do what they claim in every state",
    arguments: [
      ("token-ring", 3), ("echo", 3), ("election-ring", 3), ("termination", 2),
      ("mutex-lamport", 2), ("mutex-ricart-agrawala", 2),
    ] as [(name: String, machineCount: Int)])
  func claimsHold(row: (name: String, machineCount: Int)) throws {
    let model = try Self.model(
      row.name, Topology(completeWith: row.machineCount),
      options: row.name.hasPrefix("mutex") ? ["inside": "1"] : [:]
    ) { settings in
      settings.drawMax = 3
      if row.name == "termination" { settings.tickCountMax = 5 }
      if row.name.hasPrefix("mutex") { settings.clockMax = LongTests.areOn ? 6 : 5 }
    }
    let explorer = Self.explored(model)
    #expect(explorer.violation == nil)
    #expect(explorer.progress.distinctCount > 8)
  }

  /// The shortest ways to a violation, in actions; found breadth first, so none is shorter.
  @Test(
    "What an algorithm does not survive is found, and a shortest way to it",
    arguments: [
      ("token-ring", 3, ["tick 0 1", "lose 0 1"], "invariant one-token"),
      ("echo", 2, ["tick 0", "lose 0 1"], "deadlock"),
      ("mutex-ricart-agrawala", 2, ["tick 0 1", "tick 1 1", "lose 0 1", "lose 1 0"], "deadlock"),
    ] as [(name: String, machineCount: Int, way: [String], property: String)])
  func losses(
    row: (name: String, machineCount: Int, way: [String], property: String)
  ) throws {
    let model = try Self.model(row.name, Topology(completeWith: row.machineCount)) { settings in
      settings.lossCountMax = row.way.count / 2
      if row.name.hasPrefix("mutex") { settings.clockMax = 3 }
    }
    let explorer = Self.explored(model)
    let violation = try #require(explorer.violation)
    #expect("\(violation.property)" == row.property)
    let way = explorer.states(to: violation.steps).dropFirst()
    #expect(way.compactMap { $0.action?.description } == row.way)
  }

  @Test("Lamport's mutual exclusion needs FIFO channels, Ricart and Agrawala's does not")
  func order() throws {
    for (name, isBroken) in [("mutex-lamport", true), ("mutex-ricart-agrawala", false)] {
      let model = try Self.model(
        name, Topology(completeWith: 2), options: ["inside": "1", "want": "1"]
      ) { settings in
        (settings.isFIFO, settings.clockMax) = (false, 8)
      }
      let explorer = Self.explored(model)
      #expect((explorer.violation?.property == .invariant("exclusion")) == isBroken, "\(name)")
      if let violation = explorer.violation {
        #expect(explorer.states(to: violation.steps).count == 13)
      }
    }
  }

  /// Two machines that write to each other, and one snapshot.
  private static func snapshots(
    isFIFO: Bool, ticks: UInt64
  ) -> Explorer<WorldModel<Chatter>> {
    var settings = WorldSettings(
      topology: Topology(completeWith: 2), usesReadings: false, usesTicks: false)
    (settings.isFIFO, settings.tickCountMax, settings.snapshotCountMax) = (isFIFO, ticks, 1)
    return explored(WorldModel(Chatter(dieSides: 4), settings))
  }

  @Test("Chandy and Lamport's snapshots are right in every interleaving, with FIFO channels")
  func snapshotsAreRight() {
    let explorer = Self.snapshots(isFIFO: true, ticks: 2)
    #expect(explorer.violation == nil)
    #expect(explorer.progress.distinctCount > 1000)
  }

  @Test("Without order, a message overtakes a marker: the smallest schedule")
  func snapshotsNeedOrder() throws {
    let explorer = Self.snapshots(isFIFO: false, ticks: 2)
    let violation = try #require(explorer.violation)
    #expect(violation.property == .invariant("snapshot"))
    let way = explorer.states(to: violation.steps)
    #expect(
      way.compactMap { $0.action?.description }
        == ["tick 0", "snapshot 0", "deliver 0 1 1", "deliver 1 0"])
    #expect(way.last?.observer?.problem?.contains("was in transit") == true)
  }

  private static func snapshots(
    _ algorithm: SnapshotAlgorithm, count: Int = 1, ticks: UInt64 = 2
  ) -> Explorer<WorldModel<Chatter>> {
    var settings = WorldSettings(
      topology: Topology(completeWith: 2), usesReadings: false, usesTicks: false)
    (settings.isFIFO, settings.tickCountMax) = (false, ticks)
    (settings.snapshotCountMax, settings.snapshotAlgorithm) = (count, algorithm)
    return explored(WorldModel(Chatter(dieSides: 4), settings))
  }

  @Test("Naive snapshots go wrong after three actions: a message is on its way at the cut")
  func naiveSnapshots() throws {
    let explorer = Self.snapshots(.naive)
    let violation = try #require(explorer.violation)
    #expect(violation.property == .invariant("snapshot"))
    let way = explorer.states(to: violation.steps).compactMap { $0.action?.description }
    #expect(way.count == 3 && way.contains { $0.hasPrefix("tick") })
  }

  @Test(
    "Lai and Yang's snapshots and Mattern's are right in every interleaving, without order",
    arguments: [SnapshotAlgorithm.laiYang, .mattern], LongTests.areOn ? [1, 2] : [1])
  func colouredSnapshots(algorithm: SnapshotAlgorithm, count: Int) {
    let explorer = Self.snapshots(algorithm, count: count)
    #expect(explorer.violation == nil)
    #expect(explorer.progress.distinctCount > 1000)
  }

  @Test("A workload whose fields leave something out is found out, a whole one is not")
  func equality() throws {
    let settings = WorldSettings(
      topology: Topology(completeWith: 3), usesReadings: false, usesTicks: false)
    let limits = ExplorationLimits(comparesFutures: true)
    let forgetful = Self.explored(WorldModel(ForgetfulWorkload(), settings), limits)
    #expect(forgetful.violation?.property == .equality)
    let whole = try Self.model("echo", Topology(completeWith: 3))
    let (compared, plain) = (Self.explored(whole, limits), Self.explored(whole))
    #expect(compared.violation == nil && compared.progress.depth == plain.progress.depth)
    #expect(compared.progress.distinctCount == plain.progress.distinctCount)
  }

  /// The least number of actions is known.
  ///
  /// To enter without asking takes a tick each. To enter by replies takes for each of two machines
  /// a request, its delivery, its receipt, the reply, its delivery and its receipt; a deadlock
  /// needs two requests that are received.
  @Test(
    "Each broken variant of mutual exclusion is found, by a shortest way",
    arguments: [
      (.asksNobody, 2, "invariant exclusion", 2), (.enoughIsOne, 3, "invariant exclusion", 12),
      (.repliesAlways, 2, "invariant exclusion", 12), (.repliesNever, 2, "deadlock", 6),
    ] as [(mistake: BrokenMutex.Mistake, machineCount: Int, property: String, count: Int)])
  func brokenMutexes(
    row: (mistake: BrokenMutex.Mistake, machineCount: Int, property: String, count: Int)
  ) throws {
    let explorer = Self.explored(
      try Self.brokenMutex(row.mistake, machineCount: row.machineCount))
    let violation = try #require(explorer.violation)
    #expect("\(violation.property)" == row.property)
    #expect(explorer.states(to: violation.steps).count == row.count + 1)
  }

  /// A broken mutual exclusion with its claims.
  static func brokenMutex(
    _ mistake: BrokenMutex.Mistake, machineCount: Int, reduces: Bool = false
  ) throws -> WorldModel<BrokenMutex> {
    let work = BrokenMutex(mistake, machineCount: machineCount)
    let vocabulary = Expression.Vocabulary(
      machineCount: machineCount, stateFields: work.stateFields.map(\.declaration),
      messageFields: work.messageFields.map(\.declaration))
    let claims = try WorldClaims(
      [.invariant("exclusion", "count(inside) <= 1"), .stable("entered", "any(inside)")],
      in: vocabulary)
    var settings = WorldSettings(
      topology: Topology(completeWith: machineCount), usesReadings: false, usesTicks: false)
    settings.reduces = reduces
    return WorldModel(work, settings, conditions: claims.conditions, goals: claims.goals)
  }

  @Test("A schedule's line is read as it is written")
  func lines() {
    let lines = [
      "tick 0", "tick 2 5", "deliver 0 1", "deliver 1 0 3", "lose 0 1", "lose 2 1 1", "crash 1",
      "snapshot 0", "record 1 0 2",
    ]
    for line in lines { #expect(ScheduledAction(line)?.description == line) }
    for line in ["", "tick", "tick x", "tick 0 1 2", "deliver 0", "crash 0 1", "sleep 1"] {
      #expect(ScheduledAction(line) == nil, "\(line)")
    }
  }
}
