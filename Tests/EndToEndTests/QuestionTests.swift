import FoundationEssentials
import SystemCalls
import TestSupport
import Testing

/// `analyze --possibly`, `--definitely` and `--lattice` as built.
@Suite("Questions about consistent cuts", .ownThreads)
struct QuestionTests {
  /// One answer of `--json`.
  private struct Answer: Decodable {
    struct Machine: Decodable {
      var events: Int
      var clock: Int
      var state: [String: Int]?
    }
    struct Message: Decodable, Hashable {
      var source: Int
      var target: Int
      var message: Int
    }
    var answer: String?
    var cut: [Machine]?
    var messages: [Message]?
    var count: Int?
    var levels: [Int]?
    var stopped: String?
    var file: String?

    enum CodingKeys: String, CodingKey {
      case answer, cut, levels, stopped, file
      case messages = "messages_on_the_way"
      case count = "consistent_cuts"
    }
  }

  private let directory = try? TemporaryDirectory()

  private func run(_ words: [String]) throws -> String {
    let path = try #require(directory).run.path
    let outcome = try BuiltTool.scalemodel.run(
      ["run", "--runtime", "virtual", "--quiet", "--output", path] + words)
    #expect(outcome.exitCode == 0)
    return path
  }

  private func ask(_ path: String, _ words: [String]) throws -> [Answer] {
    let outcome = try BuiltTool.analyze.run([path, "--json"] + words)
    #expect(outcome.exitCode == 0 && outcome.error == "")
    return try JSONDecoder().decode([Answer].self, from: Data(outcome.output.utf8))
  }

  private static let bank = [
    "--workload", "bank", "--rates", "2,3,4", "--seed", "3", "--delay", "500ms",
  ]

  @Test("A snapshot is a consistent cut of the journals, with the same messages on their way")
  func snapshots() throws {
    let path = try run(Self.bank + ["--duration", "30s", "--snapshot-every", "3s"])
    let snapshots = try FinishedRun(path: path).snapshots()
    #expect(snapshots.count == 9)
    for snapshot in snapshots {
      // Readings are unique on a machine, so that this is one cut.
      let clocks = snapshot.machines.map { "clock(\($0.id)) == \($0.clock)" }
      let answer = try #require(
        try ask(path, ["--possibly", clocks.joined(separator: " && ")]).first)
      #expect(answer.answer == "yes")
      #expect(answer.cut?.map(\.clock) == snapshot.machines.map(\.clock))
      let inboxes = snapshot.machines.flatMap { machine in
        machine.inbox.map {
          Answer.Message(source: $0.source ?? -1, target: machine.id, message: $0.message)
        }
      }
      let channels = snapshot.channels.flatMap { channel in
        channel.messages.map {
          Answer.Message(source: channel.source, target: channel.target, message: $0.message)
        }
      }
      #expect(Set(answer.messages ?? []) == Set(inboxes + channels))
      #expect(answer.messages?.count == inboxes.count + channels.count)
    }
  }

  @Test("A bank's money is the same in every cut, of the whole run and of a stretch of it")
  func money() throws {
    let path = try run(Self.bank + ["--duration", "6s"])
    let total = "sum(balance) + on_the_way(amount)"
    for stretch in [[], ["--from", "2s"], ["--to", "4s"], ["--from", "3s", "--to", "5s"]] {
      let answers = try ask(
        path,
        stretch + ["--possibly", "\(total) != 3000", "--definitely", "\(total) == 3000"]
          + ["--possibly", "sum(balance) < 3000", "--lattice"])
      #expect(answers.map(\.answer) == ["no", "yes", "yes", nil])
      // Levels are told in the order of their events.
      #expect(answers[3].count == answers[3].levels?.reduce(0, +))
      #expect(try #require(answers[3].count) > 50)
    }
  }

  @Test("A cut is written as a snapshot file that has all messages on their way in channels")
  func file() throws {
    let path = try run(Self.bank + ["--duration", "10s"])
    let folder = path + "/cuts"
    let answer = try #require(
      try ask(path, ["--possibly", "on_the_way(amount) > 1500", "--output", folder]).first)
    #expect(answer.file == folder + "/possibly-1.json")
    let snapshot = try StoredSnapshot(json: FileSystem.contents(folder + "/possibly-1.json"))
    #expect(snapshot.status == "complete" && snapshot.id == "0-1")
    #expect(snapshot.machines.map(\.clock) == answer.cut?.map(\.clock))
    #expect(snapshot.machines.map(\.events) == answer.cut?.map(\.events))
    let messages = snapshot.channels.flatMap { channel in
      channel.messages.map {
        Answer.Message(source: channel.source, target: channel.target, message: $0.message)
      }
    }
    #expect(messages.count > 1 && Set(messages) == Set(answer.messages ?? []))
    let money = try SnapshotTotal(json: FileSystem.contents(folder + "/possibly-1.json")).total
    #expect(money == 3000)
  }

  @Test("The lattice of machines at 1, 3 and 6 instructions a second is far smaller than the grid")
  func lattice() throws {
    let path = try run(["--rates", "1,3,6", "--seed", "7", "--duration", "20s"])
    for (seconds, cuts) in [(2, 20...270), (5, 300...2900), (20, 3000...60_000)] {
      let answer = try #require(try ask(path, ["--lattice", "--to", "\(seconds)s"]).first)
      #expect(cuts.contains(try #require(answer.count)), "after \(seconds) s")
    }
    let grid = try run([
      "--rates", "5,5,5,5", "--die", "100000", "--seed", "1", "--duration", "3s", "--force",
    ])
    #expect(try ask(grid, ["--lattice"]).first?.count == 65_536)
  }

  @Test("Where messages may arrive twice, which cuts are consistent is not known")
  func doubled() throws {
    let path = try run(["--rates", "5,5", "--duplicate", "0.5", "--seed", "1", "--duration", "5s"])
    let outcome = try BuiltTool.analyze.run([path, "--possibly", "clock(1) > 5", "--to", "4s"])
    #expect(outcome.exitCode == 65 && outcome.output == "")
    #expect(outcome.error.contains("column 'plan.duplicate': messages may arrive twice, so that"))
  }

  @Test("An event before the run's start is told with the start's time")
  func early() throws {
    let path = try run(["--rates", "5,5", "--seed", "1", "--duration", "2s"])
    let manifest = String(decoding: try FileSystem.contents(path + "/run.json"), as: UTF8.self)
    try FileSystem.replace(
      path + "/run.json",
      with: manifest.replacing(/"start_time_ns" : 0/, with: "\"start_time_ns\" : 60000000000"))
    let outcome = try BuiltTool.analyze.run([path, "--possibly", "clock(1) > 3"])
    #expect(outcome.exitCode == 0 && outcome.output.contains(" at 0s, "))
  }

  @Test("A small lattice is drawn, a large one is not")
  func drawing() throws {
    let path = try run(["--rates", "1,1", "--die", "100000", "--seed", "1", "--duration", "2s"])
    let answer = try #require(try ask(path, ["--lattice", "--output", path + "/d"]).first)
    #expect(answer.levels == [1, 2, 3, 2, 1] && answer.file == path + "/d/lattice.dot")
    let lines = String(decoding: try FileSystem.contents(path + "/d/lattice.dot"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.contains("  { rank=same; \"2,0\"; \"1,1\"; \"0,2\"; }"))
    #expect(lines.contains("  \"2,0\" -> \"2,1\";") && !lines.contains("  \"2,0\" -> \"1,2\";"))
    #expect(lines.count { $0.contains("->") } == 12)
    let long = try run(["--rates", "50,50", "--seed", "1", "--duration", "5s", "--force"])
    let outcome = try BuiltTool.analyze.run([long, "--lattice", "--output", long + "/e"])
    #expect(outcome.exitCode == 0 && outcome.error.contains("is not drawn"))
    #expect(!FileSystem.exists(long + "/e"))
  }

  @Test("A search that stops says so, and ends with 1", .long)
  func stop() throws {
    let path = try run(
      ["--rates", "40,40,40,40", "--die", "100000", "--duration", "1s", "--seed", "1"])
    // Without messages there are 41 to the power of 4 cuts.
    let outcome = try BuiltTool.analyze.run([path, "--lattice"])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output == "run: lattice: stopped after 1000000 consistent cuts\n")
    #expect(
      outcome.error == "analyze: error: 1 search stopped before the end; choose a shorter stretch "
        + "with --from and --to\n")
    // A condition of single machines needs no lattice.
    #expect(try ask(path, ["--possibly", "all(clock == 40)"]).first?.answer == "yes")
  }

  @Test("A mistake in a condition is shown by a caret, and ends with 64")
  func mistake() throws {
    let path = try run(["--rates", "1,2", "--duration", "1s"])
    let outcome = try BuiltTool.analyze.run([path, "--possibly", "queue(0) > 5 && qeue(1) == 0"])
    #expect(outcome.exitCode == 64 && outcome.output == "")
    #expect(
      outcome.error == """
          queue(0) > 5 && qeue(1) == 0
                          ^
        analyze: error: --possibly: 'qeue' is no field or function; did you mean 'queue'? \
        (character 17 of 'queue(0) > 5 && qeue(1) == 0'); see 'analyze --help'

        """)
    let both = try BuiltTool.analyze.run([path, "--lattice", "--report", "--json"])
    #expect(both.exitCode == 64 && both.error.contains("need a call each"))
    for other in ["--check", "--figures", "--export=dot", "--against=\(path)"] {
      let outcome = try BuiltTool.analyze.run([path, "--lattice", other])
      #expect(outcome.exitCode == 64 && outcome.error.contains("need a call each"), "\(other)")
    }
  }

  @Test("A report shows the answers and has the cut of each")
  func report() throws {
    let path = try run(["--rates", "2,3,5", "--duration", "5s", "--seed", "4"])
    let questions = ["--possibly", "queue(0) > 0", "--possibly", "clock(0) < 0"]
    let printed = try BuiltTool.analyze.run([path] + questions)
    let outcome = try BuiltTool.analyze.run([path, "--report"] + questions)
    #expect(outcome.exitCode == 0 && outcome.output.hasPrefix(printed.output))
    let cuts = try #require(try ask(path, questions).first?.cut).map(\.events)
    let page = String(
      decoding: try FileSystem.contents(path + "/analysis/report.html"), as: UTF8.self)
    let lineCounts = cuts.map { "\($0)" }.joined(separator: ",")
    #expect(page.contains(#"{"id":"possibly-1","isBetweenEvents":true,"places":[\#(lineCounts)]}"#))
    #expect(page.contains(#"data-cut="possibly-1""#) && !page.contains("possibly-2"))
    #expect(page.contains("<code>possibly clock(0) &lt; 0</code>"))
  }
}
