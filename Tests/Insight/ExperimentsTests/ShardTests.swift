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
      (["ID": "4", "COUNT": "4", "MIN": "1", "MAX": "4", "STEP": "1"], "4/4"),
      (["ID": "0", "COUNT": "8", "MIN": "0", "MAX": "7", "STEP": "1"], "1/8"),
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
    "An array that may be a part of an array is refused, and so are numbers that name no part",
    arguments: [
      ["ID": "5", "COUNT": "3", "MIN": "1"], ["ID": "1"], ["ID": "x", "COUNT": "3", "MIN": "1"],
      // sbatch --array=2, --array=2-3, --array=1 and --array=10-12
      ["ID": "2", "COUNT": "1", "MIN": "2", "MAX": "2", "STEP": "1"],
      ["ID": "3", "COUNT": "2", "MIN": "2", "MAX": "3", "STEP": "1"],
      ["ID": "1", "COUNT": "1", "MIN": "1", "MAX": "1", "STEP": "1"],
      ["ID": "12", "COUNT": "3", "MIN": "10"],
      // sbatch --array=1,3, --array=1-7:2 and --array=0,1,5
      ["ID": "3", "COUNT": "2", "MIN": "1", "MAX": "3", "STEP": "1"],
      ["ID": "5", "COUNT": "4", "MIN": "1", "MAX": "7", "STEP": "2"],
      ["ID": "1", "COUNT": "3", "MIN": "0", "MAX": "5", "STEP": "1"],
      ["ID": "1", "COUNT": "9223372036854775807", "MIN": "1"],
      ["ID": "1", "COUNT": "4", "MIN": "1", "MAX": "four"],
    ])
  func brokenArray(variables: [String: String]) {
    guard case .failure(let failure) = Self.shard(variables) else {
      Issue.record("a part was made of \(variables)")
      return
    }
    #expect(failure.description.hasPrefix("SLURM_ARRAY_TASK_ID=\(variables["ID"] ?? "")"))
    #expect(failure.description.hasSuffix("; say which part of how many, such as --shard 2/4"))
  }

  @Test(
    "Arrays of other schedulers do not tell how many parts there are",
    arguments: ["PBS_ARRAY_INDEX", "PBS_ARRAYID", "SGE_TASK_ID", "LSB_JOBINDEX"])
  func otherArrays(name: String) throws {
    guard case .failure(let failure) = Shard.fromArray({ $0 == name ? "3" : nil }) else {
      Issue.record("a part was made of \(name)")
      return
    }
    #expect(
      failure.description == "\(name)=3 names no part of a sweep: it does not tell how many parts "
        + "there are; say which part of how many, such as --shard 2/4")
    // The variables that Grid Engine and LSF set for a job that is no array.
    #expect(try Shard.fromArray { $0 == name ? "undefined" : nil }.get() == nil)
    #expect(try Shard.fromArray { $0 == name ? "0" : nil }.get() == nil)
  }

  private static func shard(
    _ variables: [String: String]
  ) -> Result<Shard?, Shard.ArrayFailure> {
    Shard.fromArray { name in
      variables[String(name.dropFirst("SLURM_ARRAY_TASK_".count))]
    }
  }
}
