import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import LogImport

/// Foreign logs: the runs they become, and the errors of those that cannot be imported.
@Suite("Imported logs")
struct LoggedRunTests {
  /// A map for `time,event,clock,queue,peer`, one file per machine.
  private static let map = """
    {"separator": ",", "machine": {"file": "([a-z]*[0-9]+)"},
     "event": {"column": 2, "internal": "int", "send": ["snd", "send"], "sendToAll": "all",
               "receive": "rcv"},
     "time": {"column": 1, "unit": "ms"}, "clock": 3, "queue": 4, "peer": 5}
    """

  private struct Imported {
    var journals: [String]
    var manifest: Manifest
    var warnings: [String]
    var names: [String]
  }

  /// Imports logs, given with their names.
  private static func imported(
    _ logs: [(name: String, text: String)], map: String = map
  ) throws -> Imported {
    try withImport(logs.map { ($0.name, Array($0.text.utf8)) }, map: map) { logs, directory in
      try logs.write(to: directory)
      return Imported(
        journals: try logs.machineNames.indices.map {
          let bytes = try FileSystem.contents(directory.journalPath(of: MachineID($0)))
          return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n").dropFirst().joined(separator: " ")
        },
        manifest: try Manifest.read(from: directory), warnings: logs.warnings,
        names: logs.machineNames)
    }
  }

  private static func withImport<Result>(
    _ logs: [(name: String, bytes: [UInt8])], map: String,
    _ body: (LoggedRun, RunDirectory) throws -> Result
  ) throws -> Result {
    try withTemporaryDirectory { path in
      try FileSystem.replace(path + "/map.json", with: map)
      for log in logs {
        let file = try AtomicFile(path + "/" + log.name)
        file.append(log.bytes)
        try file.finish()
      }
      let directory = RunDirectory(path: path + "/run")
      try directory.create(replaces: false)
      return try body(
        LoggedRun(mapPath: path + "/map.json", paths: logs.map { path + "/" + $0.name }), directory)
    }
  }

  /// The error of logs that cannot be imported: file, line, column and problem.
  private static func problem(
    _ logs: [(name: String, bytes: [UInt8])], map: String = map
  ) throws -> String {
    do {
      try withImport(logs, map: map) { logs, directory in try logs.write(to: directory) }
    } catch let error as RunRecordError {
      return words(of: error)
    }
    return "nothing"
  }

  private static func words(of error: RunRecordError) -> String {
    guard case .malformed(let path, let line, let column, let problem) = error else {
      return "\(error)"
    }
    let location = [FileSystem.lastPart(of: path), line.map { "\($0)" }, column].compactMap { $0 }
    return location.joined(separator: ":") + ": " + problem
  }

  @Test("Lines become events; ticks are counted, the queue stays as it was said last")
  func events() throws {
    let run = try Self.imported([
      ("m2.log", "5,INT,1,,\n6.5,Snd,2,,m10\n8,all,3,0,\n"),
      ("m10.log", "7,rcv,3,2,m2\n9,int,4\n10,rcv,5,1,m2\n"),
    ])
    #expect(run.names == ["m2", "m10"])
    #expect(
      run.journals == [
        "1,5000000,internal,1,0,, 2,6500000,send,2,0,1,2 3,8000000,send,3,0,*,3",
        "1,7000000,receive,3,2,0,2 2,9000000,internal,4,2,, 3,10000000,receive,5,1,0,3",
      ])
    #expect(run.manifest.imported?.lacks == [.tick, .rate, .die])
    #expect(run.manifest.startTimeNs == nil && run.manifest.durationNs == 5_000_000)
    #expect(run.warnings.isEmpty)
  }

  @Test("With rates, the start is the latest that makes no first event early")
  func start() throws {
    let map = Self.map.replacing(
      "\"clock\": 3", with: "\"clock\": 3, \"rates\": [2, 4], \"die\": 10")
    let run = try Self.imported([("0", "1000,int,1,,\n"), ("1", "800,int,1,,\n")], map: map)
    // Due after 500 and 250 ms.
    #expect(run.manifest.startTimeNs == 500_000_000)
    #expect(run.manifest.plan.rates == [2, 4])
    #expect(run.manifest.imported?.lacks == [.tick, .queue])
    #expect(run.manifest.plan.workload == "chatter")
  }

  @Test(
    "Bytes as they come: CRLF, a byte-order mark, no last line end, blank lines, quotes",
    arguments: [
      "1,int,1,,\n2,int,2,,\n", "1,int,1,,\r\n2,int,2,,\r\n", "\u{FEFF}1,int,1,,\n2,int,2,,",
      "\n1,int,1,,\n  \n\n2,int,2,,\n", " 1 , int , 1 , , \n\"2\",\"int\",\"2\",,\n",
      "1,int,1\n2,int,2",
    ])
  func bytes(text: String) throws {
    let run = try Self.imported([("m0", text)])
    #expect(run.journals == ["1,1000000,internal,1,0,, 2,2000000,internal,2,0,,"])
  }

  @Test("Huge clocks, times going back and empty logs are imported as they are")
  func extremes() throws {
    let run = try Self.imported([
      ("0", "4611686018427,int,9223372036854775807,4294967295,\n5,int,3,0,\n"), ("1", ""),
    ])
    #expect(
      run.journals == [
        "1,4611686018427000000,internal,9223372036854775807,4294967295,, 2,5000000,internal,3,0,,",
        "",
      ])
    #expect(run.warnings.count == 2)
    #expect(
      run.warnings.first?.hasSuffix("/1': the file is empty; there is no event in it") == true)
    #expect(run.warnings.last?.hasPrefix("time goes back by 4611686018.422 s at '") == true)
  }

  @Test(
    "What is wrong with a line is said with its place",
    arguments: [
      (
        "1,int,1,,\n1,jump,2,,\n",
        "m0:2: 'jump' is not one of the words for events (int, snd, send, all, rcv)"
      ),
      ("1\n", "m0:1: ',' parts it into 1 field, expected 5"),
      ("1,int,-5,,\n", "m0:1:clock: '-5' is negative"),
      ("1,int,,,\n", "m0:1:clock: the number is missing"),
      ("1,int,1.5,,\n", "m0:1:clock: '1.5' is not a whole number"),
      (
        "1,int,9223372036854775808,,\n",
        "m0:1:clock: '9223372036854775808' does not fit; the largest is 9223372036854775807"
      ),
      ("1,int,1,4294967296,\n", "m0:1:queue: '4294967296' does not fit; the largest is 4294967295"),
      (",int,1,,\n", "m0:1:time: the time is missing"),
      (
        "noon,int,1,,\n",
        "m0:1:time: 'noon' is no time; expected a number in the unit 'ms', 0 or more"
      ),
      ("-1,int,1,,\n", "m0:1:time: '-1' is no time; expected a number in the unit 'ms', 0 or more"),
      ("1,snd,1,,m7\n", "m0:1:peer: 'm7' is not one of the machines (m0)"),
      (
        "<script>,int,1,,\n",
        "m0:1:time: '<script>' is no time; expected a number in the unit 'ms', 0 or more"
      ),
    ])
  func malformedLine(text: String, expected: String) throws {
    #expect(try Self.problem([("m0", Array(text.utf8))]) == expected)
  }

  @Test("Binary rubbish is no text, and is refused by its line, whatever the map says")
  func rubbish() throws {
    var bytes = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 * 7919 >> 3) }
    #expect(try Self.problem([("m0", bytes)]).hasPrefix("m0:1: "))
    bytes += Array("\n1,int,1,,\n".utf8)
    let map = Self.map.replacing("{\"separator\"", with: "{\"otherwise\": \"skip\", \"separator\"")
    #expect(try Self.problem([("m0", bytes)], map: map).hasPrefix("m0:1: "))
  }

  @Test("UTF-16 and a path that is not a file are reported")
  func otherTexts() throws {
    for mark: [UInt8] in [[0xFF, 0xFE], [0xFE, 0xFF]] {
      #expect(
        try Self.problem([("m0", mark + Array("1,int,1,,\n".utf8))])
          == "m0: its text is UTF-16; save it as UTF-8 (iconv -f UTF-16 -t UTF-8)")
    }
    for (mark, packer) in [([0x1F, 0x8B], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd")] {
      #expect(
        try Self.problem([("m0", mark.map { UInt8($0) })])
          .hasPrefix("m0: it is compressed (\(packer)); unpack it first"))
    }
    try withTemporaryDirectory { path in
      try FileSystem.replace(path + "/map.json", with: Self.map)
      try FileSystem.makeDirectory(path + "/run1")
      let error = try #require(throws: RunRecordError.self) {
        try LoggedRun(mapPath: path + "/map.json", paths: [path + "/run1"])
      }
      #expect(Self.words(of: error) == "run1: it is not a file; give the logs by their paths")
    }
  }

  @Test("Two logs of one machine are refused, by file and by column")
  func duplicates() throws {
    let line = Array("1,int,1,,\n".utf8)
    #expect(
      try Self.problem([("a1.log", line), ("a1.txt", line)])
        .hasPrefix("a1.txt: it is the log of machine 'a1', and so is '"))
    let map = Self.map.replacing("{\"file\": \"([a-z]*[0-9]+)\"}", with: "{\"column\": 5}")
      .replacing(", \"peer\": 5", with: "")
    let named = Array("1,int,1,,x\n2,int,1,,y\n".utf8)
    #expect(try Self.problem([("a", named)], map: map) == "nothing")
    #expect(
      try Self.problem([("a", named), ("b", named)], map: map)
        .hasPrefix("b: it is the log of machine 'x', and so is '"))
    #expect(
      try Self.problem([("a", Array("1,int,1,,\n".utf8))], map: map)
        == "a:1:machine: the machine is missing")
    #expect(
      try Self.problem([("a", [])], map: map)
        .hasPrefix("map.json:machine: the logs have no event, so they name no machine"))
  }

  @Test("A time of day passes midnight, on every machine alike")
  func midnight() throws {
    let map = Self.map.replacing("\"unit\": \"ms\"", with: "\"unit\": \"time of day\"")
    let run = try Self.imported(
      [
        ("0", "23:59:59,int,1,,\n00:00:01,int,2,,\n23:59:58,int,3,,\n"),
        ("1", "00:00:02,int,1,,\n"), ("2", "23:59:57,int,1,,\n"),
      ], map: map)
    let times = run.journals.flatMap { $0.split(separator: " ") }.compactMap {
      Int64($0.split(separator: ",")[1]).map { $0 / 1_000_000_000 - 86_400 }
    }
    #expect(times == [86_399, 86_401, 86_398, 86_402, 86_397])
  }

  @Test("A line of a journal is found again in the logs")
  func locations() throws {
    let map = Self.map.replacing("{\"separator\"", with: "{\"otherwise\": \"skip\", \"separator\"")
    let text = Array("hello\n1,int,1,,\n\nnoise\n2,int,2,,\n".utf8)
    try Self.withImport([("m0", text), ("m1", text)], map: map) { logs, _ in
      let location = try #require(logs.location(ofJournalLine: 3, of: 1))
      #expect(FileSystem.lastPart(of: location.path) == "m1" && location.line == 5)
      #expect(logs.location(ofJournalLine: 4, of: 1) == nil)
    }
  }
}
