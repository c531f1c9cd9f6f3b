import LogicalTime
import ScaleModel
import Testing
import Workloads

@testable import Exploration

/// Leaving orders out that no condition tells apart changes no verdict.
@Suite("Reduced explorations")
struct ReductionTests {
  private static func explored(
    _ name: String, _ machineCount: Int, reduces: Bool, options: [String: String],
    _ change: (inout WorldSettings) -> Void
  ) throws -> Explorer<WorldModel<ErasedWorkload>> {
    WorldModelTests.explored(
      try WorldModelTests.model(name, Topology(completeWith: machineCount), options: options) {
        settings in
        (settings.drawMax, settings.reduces) = (2, reduces)
        change(&settings)
      })
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
      if isMutex { settings.clockMax = 8 }
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
      let found = models.map { WorldModelTests.explored($0) }
      #expect(
        found[1].violation != nil && found[0].violation?.property == found[1].violation?.property)
      #expect(found[1].progress.distinctCount <= found[0].progress.distinctCount)
    }
  }
}
