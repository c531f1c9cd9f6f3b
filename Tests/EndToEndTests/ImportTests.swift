import SystemCalls
import TestSupport
import Testing

/// `analyze --import` as built, on its shipped examples and on typical student logs.
@Suite("analyze --import as built", .ownThreads)
struct ImportTests {
  private static let examples = Repository.path + "/experiments/imports"

  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
  }

  private func analyze(_ words: [String]) throws -> ToolProcess.Outcome {
    try BuiltTool.analyze.run(words, in: directory.path)
  }

  /// The arguments that import the three comma-separated logs.
  private var commaSeparated: [String] {
    ["--import", Self.examples + "/comma-separated.json"]
      + (1...3).map { "\(Self.examples)/comma-separated/machine_\($0).csv" }
  }

  @Test("Comma-separated logs, a file per machine: missing data stays empty")
  func commaSeparatedTable() throws {
    let outcome = try analyze(commaSeparated)
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.error == """
        machines: 0 is '1', 1 is '2', 2 is '3'
        not told: the tick of an event, the rate of a machine, the die; what needs them stays empty
        4 receipts are paired with their sends by the order of their channels

        """)
    let rows = outcome.output.split(separator: "\n")
    #expect(rows.count == 4)
    // Readings 1, 4, 6, 7; the largest anywhere at those times: 3, 7, 8, 8.
    #expect(
      rows[1].hasPrefix(
        "comma-separated,0,1,,,imported,4,1,0,3,7,2,2,3,3,1.99848103618,2,3,1,"))
    #expect(rows[1].hasSuffix(",2,3,3,3,,,,,"))
    #expect(rows[3].hasPrefix("comma-separated,2,3,,,imported,8,5,3,0,8,1,1,1,1,4,0,0,0,,,0,0,"))
  }

  @Test("With rates and a die, lateness and predictions are present")
  func rates() throws {
    let bytes = try FileSystem.contents(Self.examples + "/comma-separated.json")
    let map = String(decoding: bytes, as: UTF8.self)
      .replacing("\"header\": true,", with: "\"header\": true, \"rates\": [1, 2, 4], \"die\": 10,")
    _ = try directory.write(map, to: "map.json")
    let outcome = try analyze(["--import", "map.json"] + commaSeparated.dropFirst(2))
    #expect(outcome.exitCode == 0)
    let rows = outcome.output.split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(rows[1...].map { $0[3] } == ["1", "2", "4"])
    // Machine 1 loses 2 ms in 3 s; machine 3 is on time.
    #expect(rows[1][27] == "2000" && rows[3][27] == "0")
    #expect(rows[1][23] != "" && rows[1][24].hasPrefix("7"))
  }

  @Test("A pipe-separated log of all machines passes the checks it has data for")
  func pipeSeparated() throws {
    let log = Self.examples + "/pipe-separated/all.log"
    let outcome = try analyze([
      "--check", "--import", Self.examples + "/pipe-separated.json", log,
    ])
    #expect(outcome.exitCode == 0)
    #expect(
      outcome.output == """
        all: clock: ok
        all: delivery: ok
        all: pace: vacuous: the logs do not tell the tick of an event
        all: cut: vacuous
        all: channels: vacuous
        all: money: vacuous
        all: manifest: vacuous: there is no manifest beside the logs

        """)
    #expect(
      outcome.error
        == "not told: the tick of an event, the rate of a machine, the die; what needs them stays "
        + "empty\nanalyze: warning: '\(log)': left out 3 lines that are not events: 2 like "
        + "\"machine 0 "
        + "starts at 2 ticks\" (line 1), 1 like \"machine 2 starts at 4 ticks, says "
        + "<script>alert(\"hello\")</sc…\" (line 3); the first: it matches no expression of the map\n"
    )
  }

  @Test("A check that fails names the line of the log")
  func failedCheck() throws {
    let bytes = try FileSystem.contents(Self.examples + "/pipe-separated/all.log")
    let text = String(decoding: bytes, as: UTF8.self)
      .replacing("clock 4 | from", with: "clock 7 | from")
    _ = try directory.write(text, to: "<script>.log")
    let outcome = try analyze([
      "--check", "--json", "--import", Self.examples + "/pipe-separated.json", "<script>.log",
    ])
    #expect(outcome.exitCode == 1)
    #expect(outcome.output.contains("\"path\" : \"<script>.log\""))
    #expect(outcome.output.contains("\"line\" : 10"))
    #expect(outcome.output.contains("the clock reads 7; after 3, receiving 3 reads 4"))
    #expect(outcome.output.contains("\"problem\" : \"the logs do not tell the tick of an event\""))
  }

  @Test("Exports and tables of imported logs go where --output says; no name is markup")
  func exports() throws {
    let words = ["--import", Self.examples + "/pipe-separated.json", "<script>x.log"]
    let bytes = try FileSystem.contents(Self.examples + "/pipe-separated/all.log")
    _ = try directory.write(String(decoding: bytes, as: UTF8.self), to: "<script>x.log")
    #expect(try analyze(words + ["--figures"]).exitCode == 64)
    let refused = try analyze(words + ["--export", "shiviz"])
    #expect(refused.exitCode == 64)
    #expect(refused.error.contains("say where with --output DIR"))
    let outcome = try analyze(words + ["--export", "shiviz", "--export", "dot", "--output", "out"])
    #expect(outcome.exitCode == 0)
    let log = String(
      decoding: try FileSystem.contents(directory.path + "/out/shiviz.log"), as: UTF8.self)
    #expect(log.contains("=== ‹script›x ==="))
    #expect(log.split(separator: "\n").count == 3 + 2 * 8)
    #expect(log.contains(#"1 {"1":1,"2":2}"#))
    #expect(!log.contains("<script>"))
  }

  @Test(
    "What is wrong is said in one line, with its place and the remedy",
    arguments: [
      (
        ["machine_1.csv"], "time,event,clock,queue,peer\n1,SEND,x,0,\n", 65,
        "'machine_1.csv', line 2, column 'clock': 'x' is not a whole number; "
          + "correct the log or the map"
      ),
      (
        ["machine_1.csv"], "time,event,clock,queue,peer\n1,SLEEP,1,0,\n", 65,
        "'machine_1.csv', line 2: 'SLEEP' is not one of the words for events (internal, send, "
          + "broadcast, receive, recv); correct the log or the map, or set \"otherwise\" to \"skip\" in the map"
      ),
      (
        ["machine_1.csv"], "time;event\n", 65,
        "'machine_1.csv', line 1, column 'event': the header has no column 'event'; it has "
          + "time;event; correct the log or the map"
      ),
      (
        ["machine_9.csv"], "", 66,
        "'machine_9.csv' does not exist; --import MAP takes the map, and then the paths of the "
          + "logs"
      ),
      (
        ["./map"], "", 65,
        "'./map': there is no log in it by this map; name the logs"
      ),
    ] as [([String], String, Int32, String)])
  func failures(logs: [String], text: String, exitCode: Int32, message: String) throws {
    _ = try directory.write(text, to: "machine_1.csv")
    try FileSystem.makeDirectory(directory.path + "/map")
    let outcome = try analyze(["--import", Self.examples + "/comma-separated.json"] + logs)
    #expect(outcome.exitCode == exitCode)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error == "analyze: error: \(message)\n")
  }

  @Test("Each mistake in the map, or in the choice of logs, has its own remedy")
  func remedies() throws {
    let map = Self.examples + "/comma-separated.json"
    let log = Self.examples + "/comma-separated/machine_1.csv"
    for (text, words, message) in [
      (
        "{\"separator\": ", ["bad.json", log],
        "line 1: not JSON: the text ends where a value was expected; correct the map"
      ),
      ("[]", ["bad.json", log], "'bad.json': expected an object in braces; correct the map"),
      ("", [map], "LOG… is missing"),
      (
        "", [map, log, log],
        "a machine has one log, so leave one of them out, or correct the map\n"
      ),
      (
        "", [map, Self.examples + "/comma-separated", Self.examples + "/comma-separated"],
        "comma-separated': it is named twice; leave one of them out"
      ),
    ] {
      _ = try directory.write(text, to: "bad.json")
      let outcome = try analyze(["--import"] + words)
      #expect(outcome.exitCode == (words.count == 1 ? 64 : 65))
      #expect(outcome.error.contains(message), "\(outcome.error)")
    }
  }

  @Test("A send that reads less than the others' numbering allows is told as it reads")
  func lowReading() throws {
    let map = """
      {"separator": ",", "header": true, "machine": {"column": "m"}, "peer": "p", "message": "x",
       "event": {"column": "e", "send": "s", "receive": "r"}, "clock": "c"}
      """
    let log = "m,e,c,p,x\na,s,1,b,\na,s,2,b,\na,s,0,b,\nb,r,1,a,0\nb,r,2,a,1\nb,r,8,a,7\n"
    let outcome = try analyze([
      "--import", try directory.write(map, to: "map.json"), try directory.write(log, to: "a.log"),
    ])
    #expect(outcome.error.contains("received 7 from a, whose next send to b reads 0"))
  }

  @Test("Vector clocks whose names lack a machine are refused; one without a line is warned of")
  func vectorNames() throws {
    func imported(_ names: String) throws -> ToolProcess.Outcome {
      let map = """
        {"separator": "|", "machine": {"column": 1}, "vector": {"column": 2, "names": \(names)}}
        """
      return try analyze([
        "--import", try directory.write(map, to: "map.json"),
        try directory.write("p|[1,0,1]\nq|[0,1,0]\n", to: "v.log"),
      ])
    }
    let lacking = try imported(#"["p", "x", "y"]"#)
    #expect(lacking.exitCode == 65 && lacking.error.contains("no entry is that of machine 'q'"))
    let more = try imported(#"["p", "q", "x"]"#)
    #expect(more.exitCode == 0)
    #expect(more.error.contains("vector clocks count events of 'x', of which there is no line"))
  }

  @Test("A log for ShiViz whose executions have no event is refused")
  func noEvent() throws {
    let log = "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n^=== (?<trace>.*) ===$\n=== Run 1 ===\n"
    let outcome = try analyze(["--import", "shiviz", try directory.write(log, to: "f.log")])
    #expect(outcome.exitCode == 65 && outcome.output == "")
    #expect(outcome.error.hasSuffix("f.log': no execution has an event\n"))
  }

  @Test("An empty log is a machine without events, and the tool leaves nothing behind")
  func emptyLog() throws {
    let temporary = directory.path + "/tmp"
    try FileSystem.makeDirectory(temporary)
    _ = try directory.write("", to: "machine_1.csv")
    let outcome = try BuiltTool.analyze.run(
      afterShell: "cd '\(directory.path)'; export TMPDIR='\(temporary)'",
      ["--import", Self.examples + "/comma-separated.json", "machine_1.csv"])
    #expect(outcome.exitCode == 0)
    #expect(outcome.output.contains("machine_1,0,1,,,imported,0,0,0,0,,,,,,,,,,,,,,,,,,\n"))
    #expect(
      outcome.error.contains(
        "warning: 'machine_1.csv': the file is empty; there is no event in it\n"))
    #expect(try FileSystem.entries(temporary).isEmpty)
  }
}
