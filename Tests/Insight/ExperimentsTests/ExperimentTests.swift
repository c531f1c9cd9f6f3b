import Testing

@testable import Experiments

/// The runs that a file defines: their order, names, words and seeds.
@Suite("An experiment file as runs")
struct ExperimentTests {
  @Test("Axes are crossed, the first varying slowest, and repetitions are innermost")
  func order() throws {
    let experiment = try Sample(
      axes: #""die": [10, 7], "rates": [[1, 3, 6], "2,4,6"]"#, repetitions: 2
    ).experiment()
    #expect(
      experiment.runs.map(\.directoryName) == [
        "0001-die=10-rates=1-3-6-r1", "0002-die=10-rates=1-3-6-r2",
        "0003-die=10-rates=2-4-6-r1", "0004-die=10-rates=2-4-6-r2",
        "0005-die=7-rates=1-3-6-r1", "0006-die=7-rates=1-3-6-r2",
        "0007-die=7-rates=2-4-6-r1", "0008-die=7-rates=2-4-6-r2",
      ])
    #expect(experiment.runs.map(\.number) == Array(1...8))
    #expect(experiment.runs.map(\.configuration) == [1, 1, 2, 2, 3, 3, 4, 4])
    #expect(experiment.configurationCount == 4)
    #expect(experiment.runs[2].summary == "die 10, rates 2,4,6, repetition 1")
  }

  @Test("A run's words are those of its command, in the order of the help")
  func words() throws {
    let sample = Sample(
      axes: #""rates": ["1,3,6"], "delay": ["~50ms"]"#,
      options: #""snapshot_at": ["1s", "2s@1"], "duration": "3s", "on_failure": "continue""#)
    let run = try #require(try sample.experiment().runs.first)
    #expect(
      run.words == [
        "--rates", "1,3,6", "--duration", "3s", "--delay", "~50ms", "--snapshot-at", "1s",
        "--snapshot-at", "2s@1", "--on-failure", "continue", "--seed", "\(run.seed)",
      ])
    #expect(run.directoryName == "0001-rates=1-3-6-delay=_50ms-r1")
    #expect(run.text(of: "delay") == "~50ms")
    #expect(run.text(of: "die") == nil)
  }

  @Test("A workload of another program has options of its own")
  func foreignOptions() throws {
    let sample = Sample(
      axes: #""eagerness": [0.1, 1], "die": [4]"#, options: #""workload": "own", "a_b": 3"#)
    #expect(
      try sample.experiment().runs[0].words.dropLast(2) == [
        "--die", "4", "--workload", "own", "--a-b", "3", "--eagerness", "0.1",
      ])
    for workload in ["chatter", "mutex-lamport", "program"] {
      let sample = Sample(options: #""workload": "\#(workload)", "eagerness": 3"#)
      #expect(sample.complaint?.contains("there is no option 'eagerness'") == true)
    }
    let capital = Sample(options: #""workload": "own", "A": 3"#)
    #expect(capital.complaint?.contains("there is no option 'A'") == true)
  }

  @Test("A range is its numbers, its end included when a step meets it")
  func ranges() throws {
    let experiment = try Sample(axes: #""machines": "3..9 step 2", "die": "4..5""#).experiment()
    #expect(experiment.axes.map(\.texts) == [["3", "5", "7", "9"], ["4", "5"]])
    #expect(try Sample(axes: #""die": "4..9 step 3""#).experiment().axes[0].texts == ["4", "7"])
    #expect(try Sample(axes: #""die": "4...9 step 3""#).experiment().axes[0].texts == ["4", "7"])
    #expect(try Sample(axes: #""die": "4...5""#).experiment().axes[0].texts == ["4", "5"])
    #expect(
      Sample(axes: #""ticks": "1...6""#).complaint
        == "'sample.json', line 7, key 'axes.ticks': an axis of ranges is a list: "
        + "[\"1...6\", \"2...5\"], not one text")
  }

  @Test("Zipped axes vary together, at the position of the first")
  func zipped() throws {
    let experiment = try Sample(
      axes: #""delay": [0, "50ms"], "die": [4, 5], "rates": ["1,3,6", "5,5,5"]"#,
      rest: #", "zipped": [["delay", "rates"]]"#
    ).experiment()
    #expect(
      experiment.runs.map { $0.parameters.map(\.text) } == [
        ["0", "4", "1,3,6"], ["0", "5", "1,3,6"], ["50ms", "4", "5,5,5"], ["50ms", "5", "5,5,5"],
      ])
  }

  @Test("Without axes there is one configuration")
  func noAxes() throws {
    let runs = try Sample(axes: "", repetitions: 3).experiment().runs
    #expect(runs.map(\.directoryName) == ["0001-r1", "0002-r2", "0003-r3"])
    #expect(Set(runs.map(\.seed)).count == 3)
  }

  @Test("Long names are shortened, and stay distinct")
  func longNames() throws {
    let rates = Array(repeating: "123456", count: 12).joined(separator: ",")
    let runs = try Sample(axes: #""rates": ["\#(rates)"]"#, repetitions: 2).experiment().runs
    #expect(runs.map(\.directoryName.count) == [64, 64])
    #expect(runs[0].directoryName.hasSuffix("-r1"))
  }

  @Test("Numbers are widened when there are many runs")
  func wideNumbers() throws {
    let runs = try Sample(axes: #""die": "1..12000""#).experiment().runs
    #expect(runs.count == 12_000)
    #expect(runs[0].directoryName == "00001-die=1-r1")
    #expect(runs[11_999].directoryName == "12000-die=12000-r1")
  }

  @Test("A runtime from the command line replaces the file's, and keeps the seeds")
  func runtime() throws {
    let sample = Sample(axes: #""die": [4, 5]"#, options: #""runtime": "threads""#)
    let (own, other) = (try sample.experiment(), try sample.experiment(runtime: "virtual"))
    #expect(own.runs.map { $0.text(of: "runtime") } == ["threads", "threads"])
    #expect(other.runs.map { $0.text(of: "runtime") } == ["virtual", "virtual"])
    #expect(own.runs.map(\.seed) == other.runs.map(\.seed))
    #expect(own.runs.map(\.directoryName) == other.runs.map(\.directoryName))
  }

  @Test("Title, question and base seed may be left out")
  func leftOut() throws {
    let experiment = try Experiment(
      parsing: Array(#"{ "axes": { "die": [4] } }"#.utf8), path: "some/plain.json")
    #expect(experiment.title == "plain")
    #expect(experiment.question == "")
    #expect(
      experiment.runs.map(\.seed)
        == (try Sample(axes: #""die": [4]"#).experiment().runs.map(\.seed)))
  }

  @Test("An experiment is named after its file")
  func names() {
    #expect(Experiment.name(of: "experiments/03-smaller.json") == "03-smaller")
    #expect(Experiment.name(of: "x") == "x")
  }
}
