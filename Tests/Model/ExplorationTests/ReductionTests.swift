import LogicalTime
import Predicates
import ScaleModel
import TestSupport
import Testing
import Workloads

@testable import Exploration

/// Leaving orders out that no condition tells apart changes no verdict.
@Suite("Reduced explorations")
struct ReductionTests {
  private static func explored(
    _ name: String, _ machineCount: Int, reduces: Bool, options: [String: String],
    _ change: (inout WorldSettings) -> Void
  ) throws -> Explorer<InternedModel<ErasedWorkload, [UInt32]>> {
    explored(
      try WorldModelTests.model(name, Topology(completeWith: machineCount), options: options) {
        settings in
        (settings.drawMax, settings.reduces) = (2, reduces)
        change(&settings)
      })
  }

  private static func explored<Work>(
    _ model: WorldModel<Work>, _ limits: ExplorationLimits = ExplorationLimits()
  ) -> Explorer<InternedModel<Work, [UInt32]>> {
    WorldModelTests.explored(InternedModel(model), limits)
  }

  @Test(
    "The verdict is that of the whole exploration, on every shipped algorithm",
    arguments: [
      ("token-ring", 3, 0, true), ("token-ring", 3, 1, true), ("echo", 3, 0, true),
      ("echo", 3, 1, true), ("election-ring", 3, 0, true), ("termination", 2, 0, true),
      ("mutex-lamport", 2, 0, true), ("mutex-lamport", 2, 0, false),
      ("mutex-ricart-agrawala", 2, 0, true), ("mutex-ricart-agrawala", 2, 1, true),
      ("mutex-ricart-agrawala", 2, 0, false),
    ] as [(name: String, machineCount: Int, losses: Int, isFIFO: Bool)])
  func verdicts(
    row: (name: String, machineCount: Int, losses: Int, isFIFO: Bool)
  ) throws {
    let isMutex = row.name.hasPrefix("mutex")
    let (whole, reduced) = try (
      Self.explored(
        row.name, row.machineCount, reduces: false, options: isMutex ? ["inside": "1"] : [:],
        change),
      Self.explored(
        row.name, row.machineCount, reduces: true, options: isMutex ? ["inside": "1"] : [:],
        change)
    )
    func change(_ settings: inout WorldSettings) {
      (settings.lossCountMax, settings.isFIFO) = (row.losses, row.isFIFO)
      if row.name == "termination" { settings.tickCountMax = 5 }
      if isMutex { settings.clockMax = LongTests.areOn ? 8 : 5 }
    }
    #expect(whole.violation?.property == reduced.violation?.property)
    #expect(reduced.progress.distinctCount <= whole.progress.distinctCount)
    // Conditions on mutual exclusion read states alone, so there is something to leave out.
    #expect((reduced.progress.reducedCount > 0) || !isMutex)
    #expect(whole.progress.reducedCount == 0)
  }

  @Test("Reduced, the broken mutual exclusions are found as well")
  func broken() throws {
    for (mistake, machineCount) in [
      (BrokenMutex.Mistake.asksNobody, 2), (.enoughIsOne, 3), (.repliesAlways, 2),
      (.repliesNever, 2),
    ] {
      let models = try [false, true].map {
        try WorldModelTests.brokenMutex(mistake, machineCount: machineCount, reduces: $0)
      }
      let found = models.map { Self.explored($0) }
      #expect(
        found[1].violation != nil && found[0].violation?.property == found[1].violation?.property)
      #expect(found[1].progress.distinctCount <= found[0].progress.distinctCount)
    }
  }

  /// Transfers between accounts that begin alike; no money is lost.
  private static func bank(
    _ machineCount: Int, reduces: Bool
  ) throws -> WorldModel<Bank> {
    let bank = Bank(balance: 1, transferProbability: 0.5)
    var settings = WorldSettings(
      topology: Topology(completeWith: machineCount), usesReadings: false, usesTicks: false)
    settings.reduces = reduces
    let vocabulary = Expression.Vocabulary(
      machineCount: machineCount, stateFields: bank.stateFields.map(\.declaration),
      messageFields: bank.messageFields.map(\.declaration))
    let claims = try WorldClaims(
      [.invariant("conserved", "sum(balance) + on_the_way(amount) == \(machineCount)")],
      in: vocabulary)
    return WorldModel(bank, settings, conditions: claims.conditions)
  }

  @Test("Where machines are alike, the states found stand for all there are", arguments: [2, 3])
  func alike(machineCount: Int) throws {
    let (whole, reduced) = try (
      Self.explored(Self.bank(machineCount, reduces: false)),
      Self.explored(Self.bank(machineCount, reduces: true))
    )
    #expect(whole.violation == nil && reduced.violation == nil)
    // On-the-way conditions leave no order out, so only likeness does.
    #expect(reduced.progress.reducedCount == 0)
    #expect(reduced.progress.representedCount == whole.progress.distinctCount)
    #expect(whole.progress.representedCount == whole.progress.distinctCount)
    #expect(reduced.progress.distinctCount * machineCount < whole.progress.distinctCount * 2)
    #expect(reduced.progress.depth == whole.progress.depth)
  }

  @Test(
    "The verdict is that of the whole exploration where machines are alike",
    arguments: [
      ("token-ring", "complete", 4, 0, true, 4), ("token-ring", "ring", 4, 1, false, 4),
      ("echo", "complete", 3, 0, true, 2), ("echo", "star", 4, 0, true, 6),
      ("echo", "star", 4, 1, false, 6), ("echo", "ring", 4, 0, true, 2),
      ("termination", "star", 3, 0, false, 2), ("termination", "complete", 3, 1, true, 2),
      ("mutex-lamport", "complete", 2, 0, true, 1), ("election-ring", "complete", 3, 0, true, 1),
      ("mutex-ricart-agrawala", "complete", 2, 1, true, 1),
    ]
      as [(
        name: String, topology: String, machineCount: Int, losses: Int, isFIFO: Bool, changes: Int
      )])
  func likenessKeepsVerdicts(
    row: (
      name: String, topology: String, machineCount: Int, losses: Int, isFIFO: Bool, changes: Int
    )
  ) throws {
    let choice = try #require(TopologyChoice(word: row.topology))
    let topology = try choice.topology(machineCount: row.machineCount, seed: 1)
    let found = try [false, true].map { reduces in
      Self.explored(
        try WorldModelTests.model(
          row.name, topology, options: row.name.hasPrefix("mutex") ? ["inside": "1"] : [:]
        ) { settings in
          (settings.reduces, settings.isFIFO) = (reduces, row.isFIFO)
          settings.lossCountMax = row.losses
          if row.name == "termination" {
            settings.tickCountMax = row.topology == "star" ? 2 : 1
            settings.drawMax = 3
          }
          if row.name.hasPrefix("mutex") { settings.clockMax = 4 }
          if row.name == "election-ring" { settings.drawMax = 2 }
        })
    }
    #expect((found[1].model.model.symmetry?.changes.count ?? 1) == row.changes)
    #expect(found[0].violation?.property == found[1].violation?.property)
    #expect(found[0].bounds.contains(.model) == found[1].bounds.contains(.model))
    let saves = found[1].progress.distinctCount < found[0].progress.distinctCount
    #expect(saves || row.changes == 1 || found[0].violation != nil)
    let represented = found[1].progress.representedCount
    #expect(represented <= found[0].progress.distinctCount || found[0].violation != nil)
  }

  @Test("Machines are not alike where a condition, a draw or a fault tells them apart")
  func unlike() throws {
    let topology = Topology(completeWith: 3)
    func changes(
      _ condition: String?, _ change: (inout WorldSettings) -> Void = { _ in }
    ) throws -> Int {
      let vocabulary = Expression.Vocabulary(
        machineCount: 3, stateFields: [FieldDeclaration("balance", .integer)],
        messageFields: [FieldDeclaration("amount", .integer)])
      let claims = try WorldClaims(
        condition.map { [.invariant("x", $0)] } ?? [], in: vocabulary)
      var settings = WorldSettings(topology: topology, usesReadings: false, usesTicks: false)
      settings.reduces = true
      change(&settings)
      let model = WorldModel(
        Bank(balance: 1, transferProbability: 0.5), settings, conditions: claims.conditions)
      return model.symmetry?.changes.count ?? 1
    }
    #expect(try changes(nil) == 6)
    #expect(try changes("max(balance) < 4") == 6)
    #expect(try changes("balance(1) < 4") == 1)
    #expect(try changes(nil) { $0.drawMax = 1 } == 1)
    #expect(try changes(nil) { $0.crashCountMax = 1 } == 1)
    #expect(try changes(nil) { $0.snapshotCountMax = 1 } == 1)
    #expect(try changes(nil) { $0.reduces = false } == 1)
  }

  @Test(
    "Chatter's machines are alike in each order of three, and go round in more",
    arguments: [
      ("complete", 3, 6), ("complete", 4, 4), ("ring", 4, 8), ("line", 4, 2), ("star", 4, 1),
    ] as [(topology: String, machineCount: Int, changes: Int)])
  func chatter(row: (topology: String, machineCount: Int, changes: Int)) throws {
    let choice = try #require(TopologyChoice(word: row.topology))
    let topology = try choice.topology(machineCount: row.machineCount, seed: 1)
    var settings = WorldSettings(topology: topology, usesReadings: false, usesTicks: false)
    settings.tickCountMax = 1
    let limits = ExplorationLimits(depthMax: 4)
    let whole = Self.explored(WorldModel(Chatter(dieSides: 4), settings), limits)
    settings.reduces = true
    let model = WorldModel(Chatter(dieSides: 4), settings)
    let reduced = Self.explored(model, limits)
    #expect((model.symmetry?.changes.count ?? 1) == row.changes)
    #expect(reduced.progress.distinctCount <= whole.progress.distinctCount)
    #expect(
      reduced.progress.distinctCount < whole.progress.distinctCount || row.changes == 1)
  }
}
