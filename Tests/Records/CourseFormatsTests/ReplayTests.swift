import LogicalTime
import ScaleModel
import SystemCalls
import Testing

@testable import CourseFormats

/// Replays of scripts, against published snapshots and against what every snapshot must hold to.
@Suite("Replay")
struct ReplayTests {
  private static func text(_ name: String) throws -> String {
    let folder = FileSystem.parentPath(of: #filePath) + "/Scenarios/cos418/"
    return String(decoding: try FileSystem.contents(folder + name), as: UTF8.self)
  }

  @Test(
    "Published cases are reproduced exactly",
    arguments: [
      ("2nodes.top", "2nodes-simple.events", ["2nodes-simple.snap"]),
      ("2nodes.top", "2nodes-message.events", ["2nodes-message.snap"]),
      ("3nodes.top", "3nodes-simple.events", ["3nodes-simple.snap"]),
      (
        "8nodes.top", "8nodes-concurrent-snapshots.events",
        (0...4).map { "8nodes-concurrent-snapshots\($0).snap" }
      ),
    ])
  func reproducesPublished(topology: String, events: String, expected: [String]) throws {
    let snapshots = try Replay.run(
      topologyText: try Self.text(topology), eventsText: try Self.text(events),
      delays: try ReplayDelays(parsing: try Self.text("go-delays.txt")))
    let published = try expected.map { try ReplaySnapshot(parsing: try Self.text($0)) }
    #expect(snapshots == published)
  }

  @Test("A snapshot's text reads back as itself")
  func textReadsBack() throws {
    let snapshot = ReplaySnapshot(
      number: 3, servers: [.init(name: "N2", tokens: 0), .init(name: "N10", tokens: 7)],
      messages: [
        .init(source: "N2", target: "N10", tokens: 5),
        .init(source: "N10", target: "N2", tokens: 9),
        .init(source: "N2", target: "N10", tokens: 1),
      ])
    #expect(
      "\(snapshot)"
        == "3\nN10 7\nN2 0\nN10 N2 token(9)\nN2 N10 token(5)\nN2 N10 token(1)\n")
    #expect(try ReplaySnapshot(parsing: "\(snapshot)") == snapshot)
  }

  // MARK: Scripts of chance on topologies of our own

  /// The links of a topology by its name.
  private static func links(_ shape: String, count: Int) -> [(Int, Int)] {
    switch shape {
    case "one-way ring": (0..<count).map { ($0, ($0 + 1) % count) }
    case "star": (1..<count).flatMap { [(0, $0), ($0, 0)] }
    case "line": (1..<count).flatMap { [($0 - 1, $0), ($0, $0 - 1)] }
    case "two rings": (0..<count).flatMap { [($0, ($0 + 1) % count), ($0, ($0 + 3) % count)] }
    default: (0..<count).flatMap { one in (0..<count).filter { $0 != one }.map { (one, $0) } }
    }
  }

  /// A script in which every message is of another power of two, so that no two are confused.
  private struct Script {
    var topologyText: String
    var eventsText = ""
    var sent: [String: [Int]] = [:]
    var snapshotCount = 0
    let startTokens = 1 << 50

    init(shape: String, count: Int, seed: UInt64) {
      var random = SplitMix64(state: seed)
      let links = ReplayTests.links(shape, count: count)
      topologyText = "# \(shape)\n\(count)\n"
      for server in 1...count { topologyText += "N\(server) \(startTokens)\n" }
      for (source, target) in links { topologyText += "N\(source + 1) N\(target + 1)\n" }
      for power in 0..<40 {
        let (source, target) = links[Int(random.draw(below: UInt64(links.count)))]
        eventsText += "send N\(source + 1) N\(target + 1) \(1 << power)\n"
        sent["N\(source + 1) N\(target + 1)", default: []].append(1 << power)
        switch random.draw(below: 5) {
        case 0: eventsText += "tick\n"
        case 1: eventsText += "tick 2\n"
        case 2 where snapshotCount < 8:
          eventsText += "snapshot N\(1 + random.draw(below: UInt64(count)))\n"
          snapshotCount += 1
        default: break
        }
      }
    }
  }

  @Test(
    "Every snapshot is complete, conserves tokens and keeps the order of links",
    arguments: ["one-way ring", "star", "line", "two rings", "complete"], [2, 5, 12])
  func snapshotsHold(shape: String, count: Int) throws {
    var messageCount = 0
    for seed in 0..<12 as Range<UInt64> {
      let script = Script(shape: shape, count: count, seed: seed)
      let snapshots = try Replay.run(
        topologyText: script.topologyText, eventsText: script.eventsText,
        delays: ReplayDelays(seed: seed))
      #expect(snapshots.map(\.number) == Array(0..<script.snapshotCount))
      for snapshot in snapshots {
        #expect(snapshot.missing.isEmpty)
        #expect(
          snapshot.servers.map(\.name)
            == (1...count).map { "N\($0)" }.sorted { $0.precedesAsText($1) })
        let held = snapshot.servers.reduce(0) { $0 + $1.tokens }
        let underWay = snapshot.messages.reduce(0) { $0 + $1.tokens }
        #expect(held + underWay == count * script.startTokens)
        messageCount += snapshot.messages.count
        let byLink = Dictionary(grouping: snapshot.messages) { "\($0.source) \($0.target)" }
        for (link, messages) in byLink {
          // What is under way is a run of what was sent, in the same order.
          let all = script.sent[link, default: []]
          let first = try #require(all.firstIndex(of: messages[0].tokens))
          #expect(all[first...].prefix(messages.count).elementsEqual(messages.map(\.tokens)))
        }
      }
    }
    #expect(messageCount > 0)
  }

  @Test("The same seed gives the same snapshots, another seed others")
  func seedDecides() throws {
    let script = Script(shape: "two rings", count: 12, seed: 5)
    let texts = try [1, 1, 2].map { seed in
      try Replay.run(
        topologyText: script.topologyText, eventsText: script.eventsText,
        delays: ReplayDelays(seed: seed)
      ).map { "\($0)" }
    }
    #expect(texts[0] == texts[1])
    #expect(texts[0] != texts[2])
  }

  @Test("A server that no marker can reach makes the snapshot partial, and is named")
  func unreachableIsPartial() throws {
    let snapshots = try Replay.run(
      topologyText: "3\nA 1\nB 2\nC 3\nA B\nB A\nC A\n",
      eventsText: "send C A 2\nsnapshot A\nsnapshot C\ntick 1000000000000\n",
      delays: ReplayDelays(seed: 1))
    #expect(snapshots.count == 2)
    #expect(
      snapshots[0].missing
        == ["no marker reached server C", "no marker came over the link C A"])
    #expect(snapshots[0].servers.map(\.name) == ["A", "B"])
    #expect(snapshots[1].missing.isEmpty)
    #expect("\(snapshots[0])".contains("# partial: no marker reached server C\n"))
  }

  // MARK: Texts that cannot be replayed

  private static let topology = "2\nA 5\nB 5\nA B\n"

  @Test(
    "A topology that is none names its line",
    arguments: [
      ("", 1, .missing("the number of servers")),
      ("# nothing\n\n", 1, .missing("the number of servers")),
      ("two\n", 1, .malformed(found: "two", expected: "a number of servers")),
      ("0\n", 1, .malformed(found: "0", expected: "a number of servers")),
      ("2\nA 1\n", 3, .missing("a line 'server tokens' for each server")),
      (
        "1\nA one\n", 2,
        .malformed(found: "A one", expected: "a server: a name and a number of tokens")
      ),
      (
        "1\nA -1\n", 2,
        .malformed(found: "A -1", expected: "a server: a name and a number of tokens")
      ),
      (
        "1\nA 99999999999999999999\n", 2,
        .malformed(
          found: "A 99999999999999999999", expected: "a server: a name and a number of tokens")
      ),
      ("2\nA 1\nA 2\n", 3, .repeatedServer("A")),
      ("2\nA 9223372036854775807\nB 1\n", 3, .tooManyTokens),
      ("1\nA 1\n\nA A # itself\n", 4, .selfLink("A")),
      ("1\nA 1\nA Z\n", 3, .unknownServer("Z")),
      ("1\nA 1\nA B C\n", 3, .malformed(found: "A B C", expected: "a link: two names of servers")),
    ] as [(String, Int, ReplayError.Problem)])
  func refusesTopology(text: String, line: Int, problem: ReplayError.Problem) {
    #expect(throws: ReplayError(.topology, line: line, problem)) {
      try ReplayTopology(parsing: text)
    }
  }

  @Test(
    "A script that cannot happen names its line",
    arguments: [
      ("tick\nsend A B 6\n", 2, .overdraw(server: "A", tokens: 5, wanted: 6)),
      ("send A B 3\nsend A B 3\n", 2, .overdraw(server: "A", tokens: 2, wanted: 3)),
      ("send B A 1\n", 1, .noLink(source: "B", target: "A")),
      ("send A C 1\n", 1, .unknownServer("C")),
      ("snapshot C\n", 1, .unknownServer("C")),
      ("tick two\n", 1, .malformed(found: "tick two", expected: Self.eventExpected)),
      ("tick 1 2\n", 1, .malformed(found: "tick 1 2", expected: Self.eventExpected)),
      ("send A B x\n", 1, .malformed(found: "send A B x", expected: Self.eventExpected)),
      ("\n\njump\n", 3, .malformed(found: "jump", expected: Self.eventExpected)),
    ] as [(String, Int, ReplayError.Problem)])
  func refusesEvents(text: String, line: Int, problem: ReplayError.Problem) {
    #expect(throws: ReplayError(.events, line: line, problem)) {
      try Replay.run(
        topologyText: Self.topology, eventsText: text, delays: ReplayDelays(seed: 1))
    }
  }

  private static let eventExpected =
    "an event: 'send SOURCE TARGET TOKENS', 'snapshot SERVER' or 'tick [COUNT]'"

  @Test("Delays that are none, or too few, name their line")
  func refusesDelays() throws {
    #expect(
      throws: ReplayError(
        .delays, line: 2, .malformed(found: "5", expected: "a delay: a number from 0 to 4"))
    ) {
      try ReplayDelays(parsing: "4\n5\n")
    }
    let delays = try ReplayDelays(parsing: "0\n4\n")
    #expect(throws: ReplayError(.delays, line: 3, .delaysUsedUp(count: 2))) {
      try Replay.run(
        topologyText: Self.topology, eventsText: "send A B 1\nsend A B 1\nsend A B 1\n",
        delays: delays)
    }
  }

  @Test("Lines may end in CRLF, and the last one need not end")
  func readsOtherLineEnds() throws {
    let snapshots = try Replay.run(
      topologyText: "2\r\nA 5\r\nB 5\r\nA B\r\nB A", eventsText: "snapshot A\r\ntick",
      delays: ReplayDelays(seed: 1))
    #expect(snapshots.map { "\($0)" } == ["0\nA 5\nB 5\n"])
  }

  @Test("A topology of a million lines is read in one go")
  func readsLongTopology() throws {
    let text = "2\nA 1\nB 1\n" + String(repeating: "A B\nB A\n", count: 100_000)
    let topology = try ReplayTopology(parsing: text)
    #expect(topology.targets == [[1], [0]])
  }
}
