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

  /// The mutual exclusion, where a process that has asked first is a mistake.
  private struct BadMutex: ExplorableModel {
    let mutex = MutexModel(clockMax: 4)
    let inside: UInt64
    var initialStates: [MutexModel.State] { mutex.initialStates }
    func digest(of state: MutexModel.State) -> Digest { mutex.digest(of: state) }
    func bound(of state: MutexModel.State) -> StateBound { mutex.bound(of: state) }
    func violation(in state: MutexModel.State) -> ViolatedProperty? {
      state.inside & inside == inside && inside > 0 ? .invariant("nobody inside") : nil
    }
    func appendSuccessors(
      of state: MutexModel.State, to successors: inout [MutexModel.State]
    ) {
      mutex.appendSuccessors(of: state, to: &successors)
    }
  }

  @Test(
    "What is violated, the way there and all counts are the same for any number of threads",
    arguments: [1, 2, 4] as [UInt64])
  func violationCounts(inside: UInt64) throws {
    let found = [1, 2, 3, 5, 16].map {
      Self.explored(BadMutex(inside: inside), threadCount: $0)
    }
    let first = try #require(found[0].violation)
    #expect(found[0].progress.depth == first.steps.count)
    for other in found {
      #expect(other.progress == found[0].progress)
      #expect(other.violation?.steps == first.steps)
    }
    // It ends in the middle of a block, not with it.
    let whole = Self.explored(BadMutex(inside: 0), ExplorationLimits(depthMax: first.steps.count))
    #expect(found[0].progress.generatedCount < whole.progress.generatedCount)
  }

  /// A state that leads to itself, where not all outcomes of a draw were tried; an odd number is
  /// the same state after such a draw.
  private struct SampledLoop: ExplorableModel {
    let successor: Int
    var initialStates: [Int] { [0] }
    func digest(of state: Int) -> Digest {
      var digester = Digester()
      digester.add(state / 2)
      return digester.digest
    }
    func isSampled(_ state: Int) -> Bool { state % 2 == 1 }
    func appendSuccessors(of state: Int, to successors: inout [Int]) {
      successors.append(state == 0 ? successor : 1)
    }
  }

  @Test(
    "An outcome that was not tried is told, also where those that were lead to known states",
    arguments: [(1, [.sample]), (2, [.sample]), (0, [])] as [(Int, [ExplorationBound])])
  func sampled(row: (successor: Int, bounds: [ExplorationBound])) {
    let explorer = Self.explored(SampledLoop(successor: row.successor))
    #expect(explorer.bounds == row.bounds && explorer.violation == nil)
  }

  @Test("Where the memory ends, counts are the same for any number of threads too")
  func memoryCounts() throws {
    let found = [1, 2, 5].map {
      Self.explored(
        MutexModel(clockMax: 4), ExplorationLimits(byteCountMax: 400_000), threadCount: $0)
    }
    #expect(found[0].bounds.contains(.memory))
    #expect(found[0].progress.byteCount <= 400_000)
    for other in found { #expect(other.progress == found[0].progress) }
  }

  @Test("Lamport's mutual exclusion, clocks up to 4: states outside count as generated only")
  func boundedMutex() {
    let explorer = Self.explored(MutexModel(clockMax: 4))
    #expect(explorer.bounds == [.model])
    #expect(Counts(explorer.progress) == Self.counts(MutexModel(clockMax: 4), threadCount: 2))
  }

  @Test(
    "Lamport's mutual exclusion, clocks up to 6: as many states as TLC", .long)
  func mutex() {
    #expect(
      Self.counts(MutexModel(clockMax: 6), threadCount: 2) == Counts(724_274, 2_729_079, 61))
  }
}
