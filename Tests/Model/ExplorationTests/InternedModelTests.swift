import LogicalTime
import Predicates
import ScaleModel
import TestSupport
import Testing
import Workloads

@testable import Exploration

/// What is looked up is what the machines do.
@Suite("Interned worlds")
struct InternedModelTests {
  private struct Faults: CustomStringConvertible {
    var losses = 0
    var crashes = 0
    var isFIFO = true
    var description: String { "\(losses) losses, \(crashes) crashes, FIFO \(isFIFO)" }
  }

  private static func model(
    _ name: String, _ machineCount: Int, _ faults: Faults
  ) throws -> PlanModel {
    let isMutex = name.hasPrefix("mutex")
    return try WorldModelTests.model(
      name, Topology(completeWith: machineCount), options: isMutex ? ["inside": "1"] : [:]
    ) { settings in
      settings.drawMax = 2
      (settings.lossCountMax, settings.crashCountMax) = (faults.losses, faults.crashes)
      settings.isFIFO = faults.isFIFO
      if isMutex { settings.clockMax = 6 } else { settings.tickCountMax = 4 }
    }
  }

  @Test(
    "Every count, the violation and the way there are those of whole worlds",
    arguments: [
      ("token-ring", 3), ("echo", 3), ("election-ring", 3), ("termination", 2),
      ("mutex-lamport", 2), ("mutex-ricart-agrawala", 2),
    ] as [(name: String, machineCount: Int)],
    LongTests.first(
      2,
      of: [
        Faults(losses: 1), Faults(losses: 1, crashes: 1, isFIFO: false), Faults(),
        Faults(crashes: 1), Faults(isFIFO: false),
      ]))
  private func wholeWorlds(row: (name: String, machineCount: Int), faults: Faults) throws {
    let model = try Self.model(row.name, row.machineCount, faults)
    let limits = ExplorationLimits(depthMax: LongTests.areOn ? 16 : 6)
    let whole = WorldModelTests.explored(model, limits)
    let interned = WorldModelTests.explored(InternedModel<_, [UInt32]>(model), limits)
    let few = WorldModelTests.explored(InternedModel<_, FewNumbers>(model), limits)
    #expect(few.violation?.steps == interned.violation?.steps)
    #expect(few.progress.generatedCount == interned.progress.generatedCount)
    #expect(interned.violation?.property == whole.violation?.property)
    #expect(interned.violation?.steps.count == whole.violation?.steps.count)
    #expect(interned.progress.depth == whole.progress.depth)
    #expect(Set(interned.bounds) == Set(whole.bounds))
    if whole.violation == nil || faults.isFIFO {
      #expect(interned.progress.distinctCount == whole.progress.distinctCount)
      #expect(interned.progress.generatedCount == whole.progress.generatedCount)
    }
    guard let violation = interned.violation else { return }
    let way = interned.model.way(along: interned.states(to: violation.steps))
    let carriedOut = model.carriedOut(way.actions)
    #expect(way.isWhole && carriedOut.actions == way.actions)
    #expect(carriedOut.violated == violation.property)
    if faults.isFIFO {
      let actions = whole.states(to: violation.steps).compactMap(\.action)
      #expect(way.actions == actions)
    }
  }

  @Test("A machine is asked what it does in a state once, whatever the number of threads")
  func threads() throws {
    let model = try Self.model("mutex-lamport", 2, Faults())
    let one = WorldModelTests.explored(InternedModel<_, FewNumbers>(model))
    for threadCount in LongTests.areOn ? [2, 3, 7] : [3] {
      var explorer = Explorer(InternedModel<_, FewNumbers>(model))
      while explorer.advance(
        threadCount: threadCount, perform: { body in (0..<threadCount).forEach(body) })
      {}
      #expect(explorer.progress == one.progress)
      #expect(explorer.model.known.machines.count == one.model.known.machines.count)
    }
    #expect(one.model.known.machines.count < one.progress.distinctCount)
  }

  /// A machine that sends to all at its first tick; its fields do not tell that it has.
  private struct SendsOnce: ErasableWorkload {
    private var hasSent = false
    static var usesReadings: Bool { false }
    static var usesTicks: Bool { false }

    mutating func chooseInstruction(
      _ here: Surroundings, chance: inout Chance
    ) -> Instruction<NoPayload> {
      defer { hasSent = true }
      return hasSent ? .internal : .sendToAll(NoPayload())
    }

    mutating func receive(
      _ message: Message<NoPayload>, _ here: Surroundings
    ) -> [Instruction<NoPayload>] { [] }
  }

  @Test("A way that machines only seem to have, because fields leave something out, is found out")
  func unequal() throws {
    let settings = WorldSettings(
      topology: Topology(completeWith: 2), usesReadings: false, usesTicks: false)
    let claims = try WorldClaims(
      [.invariant("one", "max(queue) <= 1")],
      in: Expression.Vocabulary(machineCount: 2, stateFields: [], messageFields: []))
    let model = PlanModel(
      ErasedWorkload(SendsOnce()), settings, conditions: claims.conditions)
    var search = PlanExplorer(model, limits: ExplorationLimits())
    while search.advance(threadCount: 1, perform: { $0(0) }) {}
    #expect(search.violated == .equality)
    let actions = try #require(search.schedule).lines.map(\.action)
    #expect(model.carriedOut(actions).actions == actions)
  }

  @Test("What is known of pairs is found again, and of no other", arguments: 0..<8)
  func pairs(seed: UInt64) {
    var random = SplitMix64(state: seed)
    var table = PairTable<UInt32>()
    var known: [UInt64: UInt32] = [:]
    for value in 0..<2000 {
      let (first, second) = (UInt32(random.draw(below: 60)), UInt32(random.draw(below: 60)))
      let key = UInt64(first) << 32 | UInt64(second)
      #expect(table[first, second] == known[key])
      if known[key] == nil { known[key] = UInt32(value) }
      table[first, second] = UInt32(value)
    }
    for first in 0..<60 as Range<UInt32> {
      for second in 0..<60 as Range<UInt32> {
        #expect(table[first, second] == known[UInt64(first) << 32 | UInt64(second)])
      }
    }
  }
}
