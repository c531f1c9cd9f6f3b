import Testing

@testable import Experiments

/// Seeds depend on what a run is, not on its position.
@Suite("The seeds of runs")
struct RunSeedTests {
  @Test("Reordering values, axes and repetitions keeps every run's seed")
  func order() throws {
    let one = try Sample(
      axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2
    ).experiment()
    let other = try Sample(
      axes: #""rates": ["2,4,6", "5,5,5", "1,3,6"], "die": [4, 7, 10]"#, repetitions: 3
    ).experiment()
    for run in one.runs {
      let same = other.runs.filter { candidate in
        candidate.repetition == run.repetition && candidate.text(of: "die") == run.text(of: "die")
          && candidate.text(of: "rates") == run.text(of: "rates")
      }
      #expect(same.map(\.seed) == [run.seed])
    }
  }

  @Test("All runs of a large experiment have different seeds, below 2⁵³")
  func distinct() throws {
    let runs = try Sample(axes: #""die": "1..200""#, repetitions: 10).experiment().runs
    #expect(Set(runs.map(\.seed)).count == 2000)
    #expect(runs.allSatisfy { $0.seed < 1 << 53 })
  }

  @Test("Another base seed gives other seeds")
  func baseSeed() throws {
    let one = Set(try Sample(repetitions: 5, baseSeed: 1).experiment().runs.map(\.seed))
    let other = Set(try Sample(repetitions: 5, baseSeed: 2).experiment().runs.map(\.seed))
    #expect(one.isDisjoint(with: other))
  }

  @Test(
    "However a file spells a value, the seed is the same", arguments: ["0.20", "2e-1", "\"0.2\""])
  func spelling(value: String) throws {
    func seed(_ value: String) throws -> UInt64 {
      try Sample(axes: "\"transfer\": [\(value)]").experiment().runs[0].seed
    }
    #expect(try seed(value) == seed("0.2"))
    #expect(try seed(value) != seed("0.3"))
  }

  @Test("Common random numbers: runs of the same repetition share their seeds along the axes named")
  func shared() throws {
    let axes = #""die": [10, 7], "runtime": ["threads", "virtual"]"#
    func seeds(_ rest: String) throws -> [UInt64] {
      try Sample(axes: axes, repetitions: 2, rest: rest).experiment().runs.map(\.seed)
    }
    #expect(Set(try seeds("")).count == 8)
    #expect(Set(try seeds(#", "common_random_numbers": false"#)).count == 8)
    let all = try seeds(#", "common_random_numbers": true"#)
    #expect(Set(all).count == 2)
    #expect(all == [all[0], all[1], all[0], all[1], all[0], all[1], all[0], all[1]])
    let some = try seeds(#", "common_random_numbers": ["runtime"]"#)
    #expect(Set(some).count == 4)
    #expect(some[0...1] == some[2...3] && some[4...5] == some[6...7])
  }

  @Test("Seeds stay the same across versions, so experiments can be repeated")
  func pinned() throws {
    let runs = try Sample(axes: #""die": [10]"#, repetitions: 2).experiment().runs
    #expect(runs.map(\.seed) == [5_097_354_902_592_912, 7_581_862_489_434_814])
  }
}
