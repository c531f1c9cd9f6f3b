import Testing

@testable import Experiments

/// Parts of a sweep, for several hosts.
@Suite("Shards")
struct ShardTests {
  @Test(
    "All parts together are all runs, once each, in order, nearly equally many",
    arguments: [0, 1, 7, 200, 100_000], [1, 3, 4, 7, 300])
  func partition(runCount: Int, count: Int) throws {
    let ranges = try (1...count).map {
      try #require(Shard(number: $0, of: count)).range(of: runCount)
    }
    #expect(ranges.flatMap { Array($0) } == Array(0..<runCount))
    let sizes = ranges.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
  }

  @Test(
    "What is no part",
    arguments: ["", "1", "0/4", "5/4", "-1/4", "1/0", "1/4/2", "a/b", "1/200000"])
  func malformed(word: String) {
    #expect(Shard(word) == nil)
  }

  @Test(
    "A batch scheduler's array says which part is meant",
    arguments: [
      (["ID": "1", "COUNT": "4", "MIN": "1"], "1/4"),
      (["ID": "3", "COUNT": "4", "MIN": "0"], "4/4"),
      (["ID": "12", "COUNT": "3", "MIN": "10"], "3/3"),
    ])
  func array(variables: [String: String], part: String) throws {
    let shard = try Self.shard(variables).get()
    #expect(shard.map { "\($0)" } == part)
  }

  @Test("Outside an array there is no part")
  func noArray() throws {
    #expect(try Self.shard([:]).get() == nil)
  }

  @Test(
    "An array whose numbers name no part is refused",
    arguments: [
      ["ID": "5", "COUNT": "3", "MIN": "1"], ["ID": "1"], ["ID": "x", "COUNT": "3", "MIN": "1"],
    ])
  func brokenArray(variables: [String: String]) {
    guard case .failure(let failure) = Self.shard(variables) else {
      Issue.record("a part was made of \(variables)")
      return
    }
    #expect(failure.description.hasSuffix("(--array=1-4), or say --shard"))
  }

  private static func shard(
    _ variables: [String: String]
  ) -> Result<Shard?, Shard.ArrayFailure> {
    Shard.fromArray { name in
      variables[String(name.dropFirst("SLURM_ARRAY_TASK_".count))]
    }
  }
}
