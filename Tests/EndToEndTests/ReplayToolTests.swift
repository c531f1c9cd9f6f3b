import SystemCalls
import TestSupport
import Testing

/// `scalemodel replay` as built; the published cases are in CourseFormats' tests.
@Suite("scalemodel replay", .ownThreads)
struct ReplayToolTests {
  private static let cases =
    Repository.path + "/Tests/Records/CourseFormatsTests/Scenarios/cos418"

  private static let topology = "2\nN1 5\nN2 0 # nothing\n\nN1 N2\nN2 N1\nN1 N2\n"

  @Test(
    "Published cases come out byte for byte, an empty line between two snapshots",
    arguments: [
      ("2nodes.top", "2nodes-simple.events", ["2nodes-simple.snap"]),
      ("2nodes.top", "2nodes-message.events", ["2nodes-message.snap"]),
      ("3nodes.top", "3nodes-simple.events", ["3nodes-simple.snap"]),
      (
        "8nodes.top", "8nodes-concurrent-snapshots.events",
        (0...4).map { "8nodes-concurrent-snapshots\($0).snap" }
      ),
    ])
  func published(topology: String, events: String, snapshots: [String]) throws {
    let outcome = try BuiltTool.scalemodel.run([
      "replay", "\(Self.cases)/\(topology)", "\(Self.cases)/\(events)", "--delays",
      "\(Self.cases)/go-delays.txt",
    ])
    let texts = try snapshots.map { name in
      let text = try FileSystem.contents("\(Self.cases)/\(name)")
      return String(decoding: text, as: UTF8.self)
    }
    #expect(outcome.output == texts.joined(separator: "\n"))
    #expect(outcome.error == "")
    #expect(outcome.exitCode == 0)
  }

  @Test("A seed gives the same snapshots each time, and another seed others")
  func seeds() throws {
    let call = [
      "replay", "\(Self.cases)/8nodes.top", "\(Self.cases)/8nodes-concurrent-snapshots.events",
    ]
    let outputs = try ["0", "0", "1", "2", "3"].map { seed in
      try BuiltTool.scalemodel.run(call + ["--seed", seed]).output
    }
    #expect(try BuiltTool.scalemodel.run(call).output == outputs[0], "0 is the default")
    #expect(outputs[0] == outputs[1])
    #expect(Set(outputs).count > 1)
    #expect(outputs.allSatisfy { $0.hasPrefix("0\nN1 ") })
  }

  @Test("The error for an unreadable file names it: 66")
  func missingFiles() throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write(Self.topology, to: "a.top")
    let events = try directory.write("snapshot N1\n", to: "a.events")
    let missing = directory.path + "/missing"
    for words in [
      [missing, events], [topology, missing], [topology, events, "--delays", missing],
    ] {
      let outcome = try BuiltTool.scalemodel.run(["replay"] + words)
      #expect(
        outcome.error == "scalemodel: error: cannot read '\(missing)': No such file or directory; "
          + "see whether it is there\n")
      #expect(outcome.output == "")
      #expect(outcome.exitCode == 66)
    }
    let folder = try BuiltTool.scalemodel.run(["replay", directory.path, events])
    #expect(folder.error.contains("': Is a directory; "))
    #expect(folder.exitCode == 66)
    for words in [[], [topology], [topology, events, events]] {
      let outcome = try BuiltTool.scalemodel.run(["replay"] + words)
      #expect(isOneLine(outcome.error))
      #expect(outcome.exitCode == 64)
    }
  }

  @Test(
    "A malformed topology is answered with its line: 65",
    arguments: [
      ("", "line 1: the file ends where the number of servers should follow"),
      ("# nothing\n", "line 1: the file ends where the number of servers should follow"),
      ("two\n", "line 1: 'two' is not a number of servers"),
      ("99999999999999999999\n", "line 1: '99999999999999999999' is not a number of servers"),
      (
        "3\nN1 1\n",
        "line 3: the file ends where a line 'server tokens' for each server should follow"
      ),
      ("2\nN1 1\nN1 2\n", "line 3: server 'N1' is there twice"),
      ("2\nN1 -1\nN2 0\n", "line 2: 'N1 -1' is not a server: a name and a number of tokens"),
      (
        "2\nN1 9223372036854775807\nN2 1\n",
        "line 3: the servers have more tokens than 64 bits can count"
      ),
      ("2\nN1 1\nN2 0\nN1 N3\n", "line 4: there is no server 'N3'"),
      ("2\nN1 1\nN2 0\nN1 N1\n", "line 4: server 'N1' is linked to itself"),
      ("2\nN1 1\nN2 0\nN1 N2 N1\n", "line 4: 'N1 N2 N1' is not a link: two names of servers"),
    ])
  func malformedTopology(text: String, problem: String) throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write(text, to: "a.top")
    let events = try directory.write("snapshot N1\n", to: "a.events")
    try expectMalformed(["replay", topology, events], "'\(topology)', \(problem)")
  }

  @Test(
    "A script that cannot happen is answered with its line: 65",
    arguments: [
      ("tick\n\nsend N1 N2 6\n", "line 3: server 'N1' has 5 tokens and cannot send 6"),
      ("send N1 N2 3\nsend N1 N2 3\n", "line 2: server 'N1' has 2 tokens and cannot send 3"),
      ("send N1 N3 1\n", "line 1: there is no server 'N3'"),
      ("snapshot N0\n", "line 1: there is no server 'N0'"),
      ("send N1 N1 1\n", "line 1: there is no link from 'N1' to 'N1'"),
      ("tick -1\n", "line 1: 'tick -1' is not an event: \(Self.eventsExpected)"),
      ("send N1 N2\n", "line 1: 'send N1 N2' is not an event: \(Self.eventsExpected)"),
      (
        "send N1 N2 99999999999999999999\n",
        "line 1: 'send N1 N2 99999999999999999999' is not an event: \(Self.eventsExpected)"
      ),
      ("\u{1B}[2J\n", "line 1: '\\u{1B}[2J' is not an event: \(Self.eventsExpected)"),
    ])
  func malformedEvents(text: String, problem: String) throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write(Self.topology, to: "a.top")
    let events = try directory.write(text, to: "a.events")
    try expectMalformed(["replay", topology, events], "'\(events)', \(problem)")
  }

  private static let eventsExpected =
    "'send SOURCE TARGET TOKENS', 'snapshot SERVER' or 'tick [COUNT]'"

  @Test("Invalid delays, or too few, are an error with their line: 65")
  func malformedDelays() throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write(Self.topology, to: "a.top")
    let events = try directory.write("send N1 N2 1\nsnapshot N1\n", to: "a.events")
    let call = ["replay", topology, events, "--delays"]
    let wrong = try directory.write("0\n4\n5\n", to: "wrong.txt")
    try expectMalformed(
      call + [wrong], "'\(wrong)', line 3: '5' is not a delay: a number from 0 to 4")
    let few = try directory.write("0\n4\n", to: "few.txt")
    try expectMalformed(
      call + [few], "'\(few)', line 3: all 2 delays are used up; add more, or use --seed")
  }

  @Test("A snapshot that no marker completes is printed as far as it is known: 1")
  func partial() throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write("2\nN1 5\nN2 0\nN1 N2\n", to: "a.top")
    let events = try directory.write("snapshot N2\n", to: "a.events")
    let outcome = try BuiltTool.scalemodel.run(["replay", topology, events])
    let missing = "no marker reached server N1"
    #expect(outcome.output.hasPrefix("0\nN2 0\n# partial: \(missing)\n"))
    #expect(outcome.error.hasPrefix("scalemodel: warning: snapshot 0 is partial: \(missing)"))
    #expect(isOneLine(outcome.error))
    #expect(outcome.exitCode == 1)
  }

  @Test("Any number of ticks can pass, and a script may ask for nothing")
  func manyTicks() throws {
    let directory = try TemporaryDirectory()
    let topology = try directory.write(Self.topology, to: "a.top")
    let forever = "tick 9223372036854775807\n"
    let events = try directory.write(
      "send N1 N2 2\n\(forever)\(forever)snapshot N1\n\(forever)", to: "a.events")
    let outcome = try BuiltTool.scalemodel.run(["replay", topology, events])
    #expect(outcome.output == "0\nN1 3\nN2 2\n")
    #expect(outcome.exitCode == 0)
    let nothing = try directory.write("# nothing\n", to: "b.events")
    let empty = try BuiltTool.scalemodel.run(["replay", topology, nothing])
    #expect(empty.output == "")
    #expect(empty.exitCode == 0)
  }

  @Test("A topology of very many lines is read to its end, and an error on its last line is found")
  func manyLines() throws {
    let directory = try TemporaryDirectory()
    let count = LongTests.areOn ? 50_000 : 20_000
    let servers = (0..<count).map { "N\($0) 1\n" }.joined()
    let links = (0..<count).map { "N\($0) N\(($0 + 1) % count)\n" }.joined()
    let topology = try directory.write("\(count)\n\(servers)\(links)N1 N\(count)\n", to: "a.top")
    let events = try directory.write("tick\n", to: "a.events")
    try expectMalformed(
      ["replay", topology, events],
      "'\(topology)', line \(2 * count + 2): there is no server 'N\(count)'")
  }

  private func expectMalformed(_ words: [String], _ message: String) throws {
    let outcome = try BuiltTool.scalemodel.run(words)
    #expect(outcome.error == "scalemodel: error: \(message)\n")
    #expect(outcome.output == "")
    #expect(outcome.exitCode == 65)
  }
}
