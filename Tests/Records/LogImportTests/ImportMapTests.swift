import RunRecord
import SystemCalls
import Testing
import TextFormats

@testable import LogImport

/// Each mistake in a map is named by its key.
@Suite("Maps for imports")
struct ImportMapTests {
  /// The parts of a map that is right; a mistake replaces one of them.
  private static let parts = [
    "\"separator\": \",\"", "\"header\": true", "\"machine\": {\"file\": \"([0-9]+)\"}",
    "\"event\": {\"column\": \"e\", \"send\": \"s\"}",
  ]

  private static func problem(replacing index: Int?, with part: String) throws -> String {
    var parts = parts
    if let index { parts[index] = part } else { parts.append(part) }
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-runrecord-")
    defer { try? FileSystem.removeTree(path) }
    let text = parts.filter { !$0.isEmpty }.joined(separator: ", ")
    try FileSystem.replace(path + "/map.json", with: "{\(text)}")
    do throws(RunRecordError) {
      _ = try ImportMap.read(path + "/map.json")
    } catch {
      guard case .malformed(_, nil, let column, let problem) = error else { return "\(error)" }
      return "\(column ?? ""): \(problem)"
    }
    return "nothing"
  }

  @Test("A minimal map")
  func least() throws {
    #expect(try Self.problem(replacing: nil, with: "") == "nothing")
    #expect(try Self.problem(replacing: nil, with: "\"about\": [\"a\", {}]") == "nothing")
  }

  @Test(
    "A mistake is named by its key",
    arguments: [
      (nil, "\"seperator\": 1", "seperator: there is no such key; the keys are about, "),
      (0, "", "separator: say what a line looks like by exactly one of"),
      (nil, "\"pattern\": \"x\"", "separator: say what a line looks like by exactly one of"),
      (0, "\"separator\": \"\"", "separator: a separator has at least one character"),
      (0, "\"separator\": 5", "separator: expected a text"),
      (0, "\"pattern\": \"x\"", "header: only lines with a 'separator' have a header"),
      (1, "\"header\": \"yes\"", "header: expected true or false"),
      (1, "\"header\": false", "event: without a header line, columns go by number from 1"),
      (2, "\"machine\": \"m\"", "machine: expected "),
      (2, "\"machine\": {}", "machine.file: either 'file'"),
      (2, "\"machine\": {\"file\": \"(\"}", "machine.file: '(' is no regular expression: "),
      (2, "\"machine\": {\"file\": \"a\", \"column\": 1}", "machine.file: either 'file'"),
      (3, "\"event\": {\"column\": \"e\"}", "event.internal: no word is given for any event"),
      (3, "\"event\": {\"send\": \"s\"}", "event.column: the key is missing"),
      (
        3, "\"event\": {\"column\": \"e\", \"send\": \"s\", \"receive\": [\"r\", \"S\"]}",
        "event.column: the word 's' is given twice"
      ),
      (3, "\"event\": {\"column\": \"e\", \"snd\": \"s\"}", "event.snd: there is no such key"),
      (
        nil, "\"vector\": {\"column\": \"v\", \"names\": [\"a\", \"a\"]}",
        "vector.names: a name stands twice"
      ),
      (
        3, "\"event\": {\"column\": 0, \"send\": \"s\"}",
        "event: columns are numbered from 1, not 0"
      ),
      (nil, "\"time\": {\"column\": \"t\"}", "time.unit: the key is missing"),
      (
        nil, "\"time\": {\"column\": \"t\", \"unit\": \"h\"}",
        "time.unit: 'h' is not a unit; expected one of s, ms, us, ns, date, time of day"
      ),
      (nil, "\"clock\": true", "clock: expected "),
      (nil, "\"clock\": {\"after\": \"x\"}", "clock.column: the key is missing"),
      (nil, "\"rates\": [1, 0]", "rates: a rate is more than 0 and at most 1000000"),
      (nil, "\"rates\": {\"interval\": \"s\"}", "rates.values: say where the rates are by exactly"),
      (nil, "\"rates\": {\"file\": \"(\"}", "rates.file: '(' is no regular expression"),
      (
        nil, "\"rates\": {\"values\": [1], \"interval\": \"date\"}",
        "rates.interval: 'date' is not a unit; expected one of s, ms, us, ns"
      ),
      (2, "\"machine\": {\"name\": \"\"}", "machine.name: a machine's name has at least"),
      (nil, "\"begin\": \"[\"", "begin: '[' is no regular expression"),
      (nil, "\"json\": true", "separator: say what a line looks like by exactly one of"),
      (
        nil, "\"time\": {\"column\": \"t\", \"format\": \"%Q\"}",
        "time.format: there is no %Q; there are %Y"
      ),
      (
        nil, "\"time\": {\"column\": \"t\", \"format\": \"%H:%M\"}",
        "time.format: it has no seconds"
      ),
      (
        3, "\"event\": {\"column\": \"e\", \"send\": {\"column\": \"s\"}}",
        "event.column: either one column has words for events, or each kind has a column"
      ),
      (
        nil, "\"peer\": {\"column\": \"p\", \"from\": \"f\"}",
        "peer.column: either 'column' names the other machine, or 'from' and 'to'"
      ),
      (nil, "\"rates\": 1", "rates: expected a list"),
      (nil, "\"die\": 0", "die: a die has at least one side"),
      (nil, "\"skip\": -1", "skip: a number of lines is not negative"),
      (
        nil, "\"otherwise\": \"ignore\"",
        "otherwise: 'ignore' is not possible; expected \"skip\" or"
      ),
    ] as [(Int?, String, String)])
  func mistakes(index: Int?, part: String, expected: String) throws {
    let problem = try Self.problem(replacing: index, with: part)
    #expect(problem.hasPrefix(expected))
  }

  @Test("A map that is not JSON is reported with the line")
  func noJSON() throws {
    #expect(
      try Self.problem(replacing: nil, with: "nonsense").contains("line 1: not JSON: expected"))
    let escape = try Self.problem(replacing: 2, with: "\"machine\": {\"file\": \"\\d\"}")
    #expect(escape.hasSuffix("line 1: not JSON: '\\d' is not an escape in JSON; write '\\\\d'"))
  }

  @Test("A group that no expression has is named, and so is a group by number")
  func groups() throws {
    let map = """
      {"pattern": "(?<e>.*)", "machine": {"file": "1"}, "event": {"column": "e", "send": "s"},
       "clock": CLOCK}
      """
    for (clock, expected) in [
      ("\"c\"", "no expression has a group (?<c>…)"), ("2", "groups go by name, not by number (2)"),
    ] {
      let text = map.replacing("CLOCK", with: clock)
      let error = try #require(throws: RunRecordError.self) {
        let _: ImportMap = try JSONText.decode(Array(text.utf8), path: "map.json")
      }
      #expect(
        error
          == .malformed(path: "map.json", line: nil, column: "clock", problem: expected))
    }
  }
}
