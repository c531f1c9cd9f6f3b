import Testing

@testable import Experiments

/// Runs that are added to an experiment, and what stays unchanged.
@Suite("An experiment that continues another")
struct ExperimentContinuationTests {
  @Test(
    "Added repetitions and values are numbered behind the runs that are there",
    arguments: [
      Sample(axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 5),
      Sample(axes: #""die": [4, 10, 9, 7, 3], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2),
      Sample(
        axes: #""rates": ["2,4,6", "5,5,5", "1,3,6"], "die": [7, 8, 10]"#, repetitions: 3),
      Sample(axes: #""die": "4...10", "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2),
    ])
  func added(sample: Sample) throws {
    let old = try Self.first.experiment()
    let new = try Self.experiment(sample, continuing: old)
    #expect(new.missingRuns(of: old).isEmpty)
    let fresh = try sample.experiment()
    #expect(new.runs.map(\.number) == Array(1...fresh.runs.count))
    #expect(Set(new.runs.map(\.directoryName)).count == new.runs.count)
    #expect(Set(new.runs.map(\.seed)) == Set(fresh.runs.map(\.seed)))
    for (before, now) in zip(old.runs, new.runs) {
      #expect(now.directoryName == before.directoryName)
      #expect(now.words == before.words)
    }
    // Configurations are those of the new file.
    for run in new.runs {
      #expect(new.configurations[run.configuration - 1] == run.parameters)
    }
  }

  @Test("Added runs keep their numbers when more are added")
  func twice() throws {
    let first = try Self.first.experiment()
    let second = try Self.experiment(
      Sample(axes: #""die": [10, 8, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2),
      continuing: first)
    let third = try Self.experiment(
      Sample(axes: #""die": [9, 10, 8, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 4),
      continuing: second)
    #expect(third.missingRuns(of: second).isEmpty)
    #expect(
      third.runs.prefix(second.runs.count).map(\.directoryName) == second.runs.map(\.directoryName))
    #expect(second.runs[8].directoryName == "0009-die=8-rates=1-3-6-r1")
  }

  @Test("Numbers are as wide as the added runs need, and old names stay as they are")
  func width() throws {
    let old = try Sample(axes: #""die": "1...9999""#).experiment()
    let new = try Self.experiment(Sample(axes: #""die": "1...10001""#), continuing: old)
    #expect(new.runs[9_998].directoryName == "9999-die=9999-r1")
    #expect(new.runs[9_999].directoryName == "10000-die=10000-r1")
  }

  @Test(
    "Runs that would be others, or gone, are named",
    arguments: [
      (Sample(axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#), [2, 4, 6, 8]),
      (
        Sample(axes: #""die": [10, 8], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2), [5, 6, 7, 8]
      ),
      (
        Sample(axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"], "delay": [0]"#, repetitions: 2),
        Array(1...8)
      ),
      (
        Sample(
          axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2, baseSeed: 2),
        Array(1...8)
      ),
      (
        Sample(
          axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#, options: #""duration": "9s""#,
          repetitions: 2), Array(1...8)
      ),
    ])
  func changed(sample: Sample, missing: [Int]) throws {
    let old = try Self.first.experiment()
    let new = try Self.experiment(sample, continuing: old)
    #expect(new.missingRuns(of: old).map(\.number) == missing)
  }

  private static let first = Sample(
    axes: #""die": [10, 7], "rates": ["1,3,6", "5,5,5"]"#, repetitions: 2)

  private static func experiment(
    _ sample: Sample, continuing old: Experiment
  ) throws(ExperimentError) -> Experiment {
    try Experiment(parsing: Array(sample.text.utf8), path: "sample.json", continuing: old)
  }
}
