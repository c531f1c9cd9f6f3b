import SystemCalls
import TestSupport
import Testing

@testable import Exploration

@Suite("Explorer")
struct ExplorerTests {
  /// Distinct states, generated states and depth, as TLC 2.15 finds them with one worker and as the
  /// manifests of tlaplus/Examples have them, where the depth of EWD 840 is one more.
  private struct Counts: Equatable, CustomStringConvertible {
    var (distinct, generated, depth): (Int, Int, Int)
    var description: String { "\(distinct) distinct, \(generated) generated, depth \(depth)" }

    init(_ distinct: Int, _ generated: Int, _ depth: Int) {
      (self.distinct, self.generated, self.depth) = (distinct, generated, depth)
    }

    init(_ progress: ExplorationProgress) {
      self.init(progress.distinctCount, progress.generatedCount, progress.depth)
    }
  }

  /// Explores a model to the end.
  private static func explored<Model>(
    _ model: Model, _ limits: ExplorationLimits = ExplorationLimits(), threadCount: Int = 1
  ) -> Explorer<Model> {
    let team = ThreadTeam(memberCount: threadCount)
    var explorer = Explorer(model, limits: limits)
    while explorer.advance(
      threadCount: threadCount,
      perform: { body in team.forEach(below: threadCount) { number, _ in body(number) } })
    {}
    return explorer
  }

  private static func counts(_ model: some ExplorableModel, threadCount: Int) -> Counts {
    let explorer = explored(model, threadCount: threadCount)
    #expect(explorer.violation == nil)
    return Counts(explorer.progress)
  }

  @Test("It finds as many states as TLC, with any number of threads", arguments: [1, 2, 3])
  func countsOfTLC(threadCount: Int) {
    #expect(Self.counts(ChangRobertsModel(), threadCount: threadCount) == Counts(137, 227, 10))
    #expect(Self.counts(EWD840Model(), threadCount: threadCount) == Counts(302, 2001, 9))
    #expect(Self.counts(EchoModel(), threadCount: threadCount) == Counts(75, 116, 16))
  }

  @Test("Lamport's mutual exclusion, clocks up to 4: states outside count as generated only")
  func boundedMutex() {
    let explorer = Self.explored(MutexModel(clockMax: 4))
    #expect(explorer.bounds == [.model])
    #expect(Counts(explorer.progress) == Self.counts(MutexModel(clockMax: 4), threadCount: 2))
  }

  @Test(
    "Lamport's mutual exclusion, clocks up to 6: as many states as TLC",
    .enabled(if: LongTests.areOn)
  )
  func mutex() {
    #expect(
      Self.counts(MutexModel(clockMax: 6), threadCount: 2) == Counts(724_274, 2_729_079, 61))
  }
}
