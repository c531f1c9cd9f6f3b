import SystemCalls
import TestSupport
import Testing

/// Logs with missing data: nothing in the output looks measured.
@Suite("analyze --import of logs that lack something, as built", .ownThreads)
struct ImportLacksTests {
  /// A run of two machines at 1 and 2 instructions a second, with every column that a log can have.
  private static let columns = [
    "machine", "time", "event", "clock", "queue", "peer", "message", "tick",
  ]
  private static let rows = [
    ["b", "0.5", "INT", "1", "0", "", "", "1"], ["a", "1.0", "SEND", "1", "0", "b", "1", "1"],
    ["b", "1", "INT", "2", "1", "", "", "2"], ["b", "1.5", "RECV", "3", "0", "a", "1", "3"],
    ["a", "2.0", "INT", "2", "0", "", "", "2"], ["b", "2", "SEND", "4", "0", "all", "4", "4"],
    ["a", "3.0", "RECV", "5", "0", "b", "4", "3"],
  ]
  private static let keys = [
    ("clock", #""clock""#), ("time", #"{"column": "time", "unit": "s"}"#), ("queue", #""queue""#),
    ("peer", #"{"column": "peer", "all": "all"}"#), ("message", #""message""#),
    ("tick", #""tick""#), ("rates", "[1, 2]"), ("die", "10"),
  ]
  private static let figures = ["clock", "drift", "queue", "jumps", "lateness", "spacetime"]

  /// Logs without one kind of data, and the consequences.
  struct Case: Sendable, CustomTestStringConvertible {
    let lack: String
    var isOnlyOfOneMachine = false
    /// The figures that explain why they are empty.
    var empty: [String] = []
    /// The cells of `runs.csv` that stay empty.
    var emptyCells: [String] = []
    /// Texts that are in no page and no export, but would be with complete logs.
    var untold: [String] = []
    /// How many lines `timeline.csv` has.
    var timelineCount = 8
    /// How many events know of another machine, by the vector clocks for ShiViz.
    var knowingCount = 3

    var testDescription: String { lack.isEmpty ? "nothing" : lack }
  }

  static let cases = [
    Case(lack: ""),
    Case(lack: "tick", untold: [#""tick":"#]),
    Case(
      lack: "time", empty: ["clock", "drift", "queue", "lateness", "spacetime"],
      emptyCells: [
        "clock_rate_hz_mean", "drift_mean_mean", "drift_max_mean",
        "lateness_max_us_mean",
      ],
      untold: ["value=\"time\"", "<dt>duration</dt>", "(?<timestamp>"], timelineCount: 1),
    Case(
      lack: "clock", empty: ["clock", "drift", "jumps"],
      emptyCells: [
        "final_clock_mean", "jump_mean_mean", "drift_mean_mean", "drift_max_mean",
        "clock_rate_hz_mean",
      ],
      untold: ["value=\"clock\"", "(?<lamport>", #": clock""#, #": drift""#],
      timelineCount: 1),
    Case(
      lack: "queue", empty: ["queue"], emptyCells: ["queue_mean_mean", "queue_final_mean"],
      untold: [">waiting in the queue", "(?<queue>", #": queue""#, ", queue 0"]),
    Case(
      lack: "queue", isOnlyOfOneMachine: true,
      emptyCells: ["queue_mean_mean", "queue_final_mean"],
      untold: [#""pid":1,"tid":1,"ts":1000000,"name":"machine a: queue""#]),
    Case(
      lack: "peer", untold: ["receive 1 from a", #""ph":"s""#, "constraint=false"], knowingCount: 0
    ),
    // The order of the channel determines the message of a receipt.
    Case(lack: "message"),
    Case(
      lack: "rates", empty: ["lateness"],
      emptyCells: ["rates", "rank", "rate_hz_mean", "lateness_max_us_mean"],
      untold: ["/s)", " Hz)", "instructions a second"]),
    Case(lack: "die", emptyCells: ["die"], untold: ["sides of the die"]),
  ]

  /// Writes map and log without the missing data.
  private static func write(_ item: Case, in directory: TemporaryDirectory) throws {
    let keys = keys.filter { $0.0 != item.lack || item.isOnlyOfOneMachine }
    let map =
      #"{"separator": ",", "header": true, "machine": {"column": "machine"}, "#
      + #""event": {"column": "event", "internal": "INT", "send": "SEND", "receive": "RECV"}, "#
      + keys.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
    _ = try directory.write(map, to: "map.json")
    let lines = rows.map { row in
      zip(columns, row).map { column, text in
        column == item.lack && (row[0] == "a" || !item.isOnlyOfOneMachine) ? "" : text
      }.joined(separator: ",")
    }
    let text = ([columns.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    _ = try directory.write(text, to: "all.log")
  }

  private static func text(_ name: String, in directory: TemporaryDirectory) throws -> String {
    String(decoding: try FileSystem.contents("\(directory.path)/out/\(name)"), as: UTF8.self)
  }

  @Test("Figures, page, tables and exports leave out what the logs lack", arguments: cases)
  func lacking(item: Case) throws {
    let directory = try TemporaryDirectory()
    try Self.write(item, in: directory)
    let words = ["--import", "map.json", "all.log", "--output", "out"]
    let outcome = try BuiltTool.analyze.run(
      words + ["--report", "--figures", "--export", "shiviz", "--export", "dot"],
      in: directory.path)
    try #require(outcome.exitCode == 0, "\(outcome.error)")
    let tellsAll = ["", "message"].contains(item.lack) || item.isOnlyOfOneMachine
    #expect(outcome.error.contains("not told: ") == !tellsAll)

    var pages = [try Self.text("report.html", in: directory)]
    for figure in Self.figures {
      let svg = try Self.text(figure + ".svg", in: directory)
      let isEmpty = svg.contains("Nothing to show: the logs do not tell ")
      #expect(isEmpty == item.empty.contains(figure), "\(figure)")
      pages.append(svg)
    }
    pages.append(try Self.text("diagram.dot", in: directory))
    let log = try Self.text("shiviz.log", in: directory)
    pages.append(log)
    #expect(log.matches(of: /"a":\d+,"b":\d+/).count == item.knowingCount)

    let perfetto = try BuiltTool.analyze.run(words + ["--export", "perfetto"], in: directory.path)
    #expect(perfetto.exitCode == (item.lack == "time" ? 64 : 0))
    if item.lack == "time" {
      #expect(perfetto.error.contains("and the logs do not tell the system time of an event"))
    } else {
      pages.append(try Self.text("trace.json", in: directory))
    }
    for words in item.untold { #expect(pages.allSatisfy { !$0.contains(words) }, "\(words)") }
    if item.lack.isEmpty {
      for words in Self.cases.flatMap(\.untold) {
        #expect(pages.contains { $0.contains(words) }, "\(words)")
      }
    }
    try expectTables(of: item, in: directory)
  }

  private func expectTables(of item: Case, in directory: TemporaryDirectory) throws {
    let table = try Self.text("runs.csv", in: directory).split(separator: "\n").map {
      $0.replacing("\"1,2\"", with: "1;2").split(separator: ",", omittingEmptySubsequences: false)
    }
    try #require(table.count == 3)
    for cell in Self.cases.flatMap(\.emptyCells) {
      let index = try #require(table[0].firstIndex { $0 == cell }, "\(cell)")
      #expect(table[1][index].isEmpty == item.emptyCells.contains(cell), "\(cell)")
    }
    let timeline = try Self.text("timeline.csv", in: directory).split(separator: "\n")
    #expect(timeline.count == item.timelineCount)
    // The queue's length is the last cell: present, present for one machine, or absent.
    let hasQueue = timeline.dropFirst().map { $0.last != "," }
    let silentCount = item.lack != "queue" ? 0 : item.isOnlyOfOneMachine ? 3 : 7
    #expect(hasQueue.count { !$0 } == min(silentCount, timeline.count - 1))
  }

  @Test("Logs with neither times nor clocks have no diagram, and say so")
  func nothingToOrderBy() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write(
      #"{"separator": " ", "machine": {"column": 1}, "event": {"column": 2, "internal": "did"}}"#,
      to: "map.json")
    _ = try directory.write("a did\nb did\na did\n", to: "all.log")
    let words = ["--import", "map.json", "all.log", "--output", "out", "--report"]
    #expect(try BuiltTool.analyze.run(words, in: directory.path).exitCode == 0)
    let page = try Self.text("report.html", in: directory)
    #expect(
      page.contains("No diagram: the logs do not tell the system time of an event, nor a clock"))
    #expect(!page.contains("<canvas"))
    let refused = try BuiltTool.analyze.run(words + ["--to", "2s"], in: directory.path)
    #expect(refused.exitCode == 64)
    #expect(refused.error.contains("--from and --to choose by time, and the logs do not tell"))
  }
}
