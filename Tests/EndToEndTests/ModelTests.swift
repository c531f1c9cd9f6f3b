import SystemCalls
import TestSupport
import Testing

/// The journals of runs, for every runtime and shape.
@Suite("The model in operation", .ownThreads)
struct ModelTests {
  @Test(
    "At high rates every tick is there, and clocks and channels are right",
    arguments: ["threads", "processes"])
  func highRates(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--runtime \(runtime) --rates 2000,2000,2000 --duration 1s", directory.run)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    let journals = try directory.run.journals()
    #expect(journals.map(\.lines.count) == [2000, 2000, 2000])
    let rules = JournalRules(journals: journals)
    #expect(rules.breaches == [])
    #expect(rules.receiptCount > 1000)
    #expect(try ticksBeforeTheirTime(directory.run) == 0)
  }

  @Test("Thirty machines, fully linked", arguments: ["threads", "processes"])
  func manyMachines(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--runtime \(runtime) --machines 30 --ticks 20...40 --duration 500ms --seed 3", directory.run)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    let manifest = try directory.run.manifest
    let journals = try directory.run.journals()
    #expect(journals.map(\.lines.count) == manifest.plan.rates.map { $0 / 2 })
    let rules = JournalRules(journals: journals)
    #expect(rules.breaches == [])
    #expect(rules.receiptCount > 100)
  }

  @Test("A seed gives the same rates in both runtimes, and another seed others")
  func seeds() throws {
    func rates(_ runtime: String, _ seed: Int) throws -> [Int] {
      let directory = try TemporaryDirectory()
      let words = "--runtime \(runtime) --machines 8 --topology ring --duration 50ms --seed \(seed)"
      #expect(try run(words, directory.run).exitCode == 0)
      return try directory.run.manifest.plan.rates
    }
    let first = try rates("threads", 11)
    #expect(first.allSatisfy { 1...6 ~= $0 })
    #expect(try rates("processes", 11) == first)
    #expect(try rates("threads", 12) != first)
  }

  @Test("With --journal off no journal is written, and the table still has counts")
  func noJournal() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run("--journal off --rates 20,40 --duration 500ms --json", directory.run)
    #expect(outcome.exitCode == 0)
    #expect(try FileSystem.entries(directory.run.path) == ["run.json"])
    #expect(try directory.run.manifest.machines.map(\.ticks) == [10, 20])
    #expect(outcome.output.contains("\"journal\" : false"))
  }

  @Test(
    "A machine without an event ends as its workload began",
    arguments: ["threads", "processes", "virtual"])
  func noEvent(runtime: String) throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let outcome = try self.run(
      "--workload token-ring --topology ring --rates 1,1,1 --duration 600ms --runtime \(runtime)",
      run)
    #expect(outcome.exitCode == 0, "\(outcome.error)")
    #expect(try run.manifest.machines.map(\.ticks) == [0, 0, 0])
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0 && check.output.contains("manifest: ok"), "\(check.output)")
  }

  @Test("--delay holds messages back for that time at least")
  func delay() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run("--rates 100,100 --die 3 --duration 1s --delay 200ms", directory.run)
    #expect(outcome.exitCode == 0)
    #expect(try directory.run.manifest.plan.delay == "200ms")
    let journals = try directory.run.journals()
    let rules = JournalRules(journals: journals)
    #expect(rules.breaches == [])
    #expect(rules.receiptCount > 10)
    for (target, source) in [(0, 1), (1, 0)] {
      let sends = journals[source].lines.filter { $0.event == "send" }
      let receipts = journals[target].lines.filter { $0.event == "receive" }
      for (send, receipt) in zip(sends, receipts) {
        #expect(receipt.systemTime - send.systemTime >= 200_000_000)
      }
    }
  }

  @Test(
    "Machines speak along the links of their topology only", .long,
    arguments: [
      ("ring", 5, [[1, 4], [0, 2], [1, 3], [2, 4], [0, 3]]),
      ("star", 4, [[1, 2, 3], [0], [0], [0]]), ("line", 4, [[1], [0, 2], [1, 3], [2]]),
      ("grid:2x2", 4, [[1, 2], [0, 3], [0, 3], [1, 2]]),
    ])
  func topologies(word: String, machineCount: Int, neighbours: [[Int]]) throws {
    let directory = try TemporaryDirectory()
    let outcome = try run(
      "--topology \(word) --machines \(machineCount) --ticks 100...100 --die 4 --duration 500ms",
      directory.run)
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
    #expect(try directory.run.manifest.plan.topology == word)
    for (source, journal) in try directory.run.journals().enumerated() {
      let peers = Set(journal.lines.map(\.peer)).subtracting(["", "*"])
      #expect(peers.isSubset(of: neighbours[source].map { "\($0)" }))
      #expect(!peers.isEmpty)
    }
  }

  @Test("A topology file's links are one-way, and unreachable machines are reported")
  func topologyFile() throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write("# one way\r\n0 1\r\n\n1 2  # and on\n", to: "links.txt")
    let outcome = try run(
      "--topology \(file) --rates 100,100,100 --die 3 --duration 1s", directory.run)
    #expect(
      outcome.error == "scalemodel: warning: not every machine can reach every other; "
        + "snapshots may stay partial\n")
    #expect(outcome.exitCode == 0)
    #expect(try directory.run.manifest.plan.links == [[0, 1], [1, 2]])
    let journals = try directory.run.journals()
    #expect(Set(journals[0].lines.map(\.event)) == ["send"])
    #expect(Set(journals[2].lines.map(\.event)) == ["receive", "internal"])
  }

  @Test(
    "A topology file that is malformed is said with its line",
    arguments: [
      ("0 1\n1 two\n", "line 2: '1 two' is not a link; write two machine ids: source target"),
      ("0\n", "line 1: '0' is not a link; write two machine ids: source target"),
      ("0 1\n\n0 3\n", "line 3: machine 3 is not one of the run's 3 machines (ids 0 to 2)"),
      ("1 1", "line 1: machine 1 is linked to itself; a channel leads to another machine"),
    ])
  func malformedTopologyFile(text: String, message: String) throws {
    let directory = try TemporaryDirectory()
    let file = try directory.write(text, to: "links.txt")
    let outcome = try run("--topology \(file)", directory.run)
    #expect(outcome.error == "scalemodel: error: '\(file)': \(message)\n")
    #expect(outcome.exitCode == 65)
    #expect(try FileSystem.entries(directory.path) == ["links.txt"])
  }

  @Test("An unknown topology is answered with the nearest word")
  func missingTopologyFile() throws {
    let directory = try TemporaryDirectory()
    let outcome = try run("--topology compelte", directory.run)
    #expect(
      outcome.error == "scalemodel: error: --topology: 'compelte' is neither a topology nor a file "
        + "that can be read (No such file or directory); did you mean 'complete'?\n")
    #expect(outcome.exitCode == 66)
  }

  private func run(_ words: String, _ run: FinishedRun) throws -> ToolProcess.Outcome {
    try BuiltTool.scalemodel.run(
      ["run"] + words.split(separator: " ").map(String.init) + ["--output", run.path])
  }

  /// How many ticks were carried out before start + k / rate.
  private func ticksBeforeTheirTime(_ run: FinishedRun) throws -> Int {
    let manifest = try run.manifest
    let start = try #require(manifest.startTime)
    return try zip(run.journals(), manifest.plan.rates).reduce(0) { count, machine in
      let (journal, rate) = machine
      return count
        + journal.lines.count {
          $0.systemTime < start + Int64($0.tick) * 1_000_000_000 / Int64(rate)
        }
    }
  }
}
