import SystemCalls
import TestSupport
import Testing

/// `analyze --propose` as built: a map for unknown logs, which reads them unchanged.
@Suite("analyze --propose as built", .ownThreads)
struct MapProposalTests {
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  /// Writes the map proposed for logs to a file, and returns its text.
  private func propose(for arguments: [String], to path: String) throws -> String {
    let outcome = try directory.analyze(["--propose"] + arguments)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    #expect(outcome.output.contains("\"about\": ["))
    _ = try directory.write(outcome.output, to: path)
    return outcome.output
  }

  /// The machine table without the columns that depend on rates, which a map may leave out.
  private func figures(_ table: String) -> [String] {
    table.split(separator: "\n").map { row in
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      return (cells[..<3] + cells[6..<15]).joined(separator: ",")
    }
  }

  /// The verdicts on clock and messages, without the reasons for missing ones.
  private func verdicts(_ output: String) -> [Substring] {
    output.split(separator: "\n").filter { $0.contains(": clock: ") || $0.contains(": delivery: ") }
      .map { $0.prefix(while: { $0 != ";" }) }
  }

  /// Cases whose maps have facts that no log has: a machine's name, ports, lines without events.
  private static let toldByHand = [
    "a map names the only machine", "JSON lines, recipients as a list of addresses",
    "lines left out hide events",
  ]

  @Test(
    "A proposed map reads the logs as a map by hand does", .long,
    arguments: ImportCase.all.filter { !toldByHand.contains($0.name) })
  func proposals(item: ImportCase) throws {
    try directory.write(item.logs)
    _ = try directory.write(item.map, to: "by-hand.json")
    let logs = item.arguments ?? item.logs.map(\.path)
    let proposal = try propose(for: logs, to: "proposed.json")
    let maps = ["by-hand.json", "proposed.json"]
    let tables = try maps.map { map in
      let outcome = try directory.analyze(["--import", map] + logs)
      #expect(outcome.exitCode == 0, "\(outcome.error)\n\(proposal)")
      return figures(outcome.output)
    }
    #expect(tables[0] == tables[1], "\(proposal)")
    let checks = try maps.map {
      verdicts(try directory.analyze(["--import", $0, "--check"] + logs).output)
    }
    #expect(checks[0] == checks[1], "\(proposal)")
  }

  @Test("Logs in different styles need no hand-written map", .long, arguments: ProposalStyle.all)
  func styles(style: ProposalStyle) throws {
    try directory.write(style.logs)
    let logs = style.logs.map(\.path)
    let proposal = try propose(for: logs, to: "map.json")
    let outcome = try directory.analyze(["--import", "map.json"] + logs)
    #expect(outcome.exitCode == 0, "\(outcome.error)\n\(proposal)")
    let rows = outcome.output.split(separator: "\n").dropFirst().map { row in
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      return (cells[2...2] + cells[6..<11]).joined(separator: ",")
    }
    #expect(rows == style.rows, "\(proposal)")
    for key in style.keys { #expect(proposal.contains("\n  \"\(key)\": "), "\(proposal)") }
    let check = try directory.analyze(["--import", "map.json", "--check"] + logs)
    #expect(check.output.contains(": clock: ok"), "\(check.output)\(proposal)")
    #expect(check.output.contains(": delivery: ok") == style.isPaired, "\(check.output)\(proposal)")
  }

  @Test(
    "Times in many forms are found",
    arguments: [
      ("05-17_09-30-01.250000", "05-17_09-30-01.500000", 4.0),
      ("2024-05-17:09:30:01,250", "2024-05-17:09:30:01,500", 4),
      ("[05/17/2024 09:30:01]", "[05/17/2024 09:30:03]", 0.5),
      ("[17/05/2024 09:30:01]", "[17/05/2024 09:30:03]", 0.5),
      ("2024-05-17T09:30:01+02:00", "2024-05-17T07:30:03Z", 0.5),
      ("11:59:59PM", "12:00:01AM", 0.5), ("09-30-01.25", "09-30-01.5", 4),
      ("17 May 2024 09:30:01", "17 May 2024 09:30:05", 0.25),
      ("[17/May/2024:09:30:01 +0000]", "[17/May/2024:09:30:03 +0000]", 0.5),
      ("May 17 09:30:01", "May 17 09:30:03", 0.5), ("1715938201.25", "1715938201.75", 2),
      ("1715938201250", "1715938201750", 2), ("0.5", "1.0", 2),
    ] as [(String, String, Double)])
  func times(first: String, second: String, clockRate: Double) throws {
    _ = try directory.write("\(first) INT 1\n\(second) INT 2\n", to: "m.log")
    let proposal = try propose(for: ["m.log"], to: "map.json")
    let outcome = try directory.analyze(["--import", "map.json", "m.log"])
    let rows = outcome.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let index = try #require(rows.first?.firstIndex(of: "clock_rate_hz"))
    #expect(rows.last.flatMap { Double($0[index]) } == clockRate, "\(proposal)")
  }

  @Test("Of a long log the first lines are read, and the map says so")
  func longLog() throws {
    let count = LongTests.areOn ? 200_000 : 20_000
    let lines = (1...count).map { "\(Double($0) / 8) n\($0 % 3) INTERNAL \(($0 + 2) / 3)\n" }
    _ = try directory.write(lines.joined(), to: "long.log")
    let proposal = try propose(for: ["long.log"], to: "map.json")
    #expect(proposal.contains("from the first 4000 lines of the log at most"))
    #expect(proposal.contains("\"otherwise\": \"skip\""))
  }

  @Test(
    "Texts without events have no map, and the tool says why",
    arguments: [
      ("", "there is no line in it"), ("\n\n\n", "no line looks like an event"),
      ("hello\nworld 1 2 3\n", "no line looks like an event"),
      ("SEND", "no clock is found"),
      ("We sent a letter.\nIt was received.\n", "no clock is found"),
      ("\0\0\0\u{1}", "NUL"),
      (String(repeating: "x", count: 1 << 20) + "yz\n", "longer than 1 MiB"),
      (String(repeating: "a b ", count: 1 << 18) + "\n", "there is no line in it"),
      (String(repeating: "[", count: 100_000) + "\n", "there is no line in it"),
    ])
  func nothing(text: String, reason: String) throws {
    _ = try directory.write(text, to: "notes.txt")
    let outcome = try directory.analyze(["--propose", "notes.txt"])
    #expect(outcome.exitCode == 65)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error.contains("'notes.txt'"))
    #expect(outcome.error.contains(reason), "\(outcome.error)")
    #expect(outcome.error.split(separator: "\n").count == 1)
  }

  @Test("A call of --propose names logs and nothing else")
  func usage() throws {
    _ = try directory.write("1 SEND\n", to: "a.log")
    #expect(try directory.analyze(["--propose"]).exitCode == 64)
    #expect(try directory.analyze(["--propose", "a.log", "--check"]).exitCode == 64)
    #expect(try directory.analyze(["--propose", "a.log", "--import", "map.json"]).exitCode == 64)
    #expect(try directory.analyze(["--propose", "b.log"]).exitCode == 66)
  }
}
