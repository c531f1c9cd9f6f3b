import SystemCalls
import TestSupport
import Testing

/// `analyze --from --to`: tables of a time window, computed again from the journals.
@Suite("A warm-up is left out", .ownThreads)
struct WarmUpTests {
  @Test(
    "Every figure is that of the stretch alone",
    arguments: [
      (from: 10.0 as Double?, to: nil as Double?), (10, 40), (nil, 7.25), (0.3, 0.9),
    ])
  func figures(stretch: (from: Double?, to: Double?)) throws {
    let directory = try TemporaryDirectory()
    _ = try Self.run(in: directory)
    let tables = try Self.tables(directory, stretch)
    let journals = try directory.run.journals().map { $0.lines.filter { $0.event != "snapshot" } }
    let (low, high) = (Self.nanoseconds(stretch.from) ?? 0, Self.nanoseconds(stretch.to) ?? .max)
    let kept = journals.map { $0.filter { low <= $0.systemTime && $0.systemTime < high } }
    let rows = try #require(tables["machines.csv"])
    #expect(rows.count == 3)
    for (machine, lines) in kept.enumerated() {
      func figure(_ name: String) -> Double? { rows[machine][name].flatMap(Double.init) }
      let clocks = lines.map(\.clock)
      let jumps = zip(clocks.dropFirst(), clocks).map { $0 - $1 }
      let receipts = lines.filter { $0.event == "receive" }
      #expect(figure("events") == Double(lines.count))
      #expect(figure("sends") == Double(lines.count { $0.event == "send" }))
      #expect(figure("receives") == Double(receipts.count))
      #expect(figure("final_clock") == clocks.last.map { Double($0) })
      #expect(figure("jump_max") == jumps.max().map { Double($0) })
      #expect(Self.isClose(figure("jump_mean"), Self.mean(jumps)))
      #expect(figure("queue_max") == lines.map(\.queueLength).max().map { Double($0) })
      #expect(figure("queue_final") == lines.last.map { Double($0.queueLength) })
      #expect(Self.isClose(figure("queue_mean"), Self.mean(receipts.map(\.queueLength))))
      let drifts = Self.drifts(of: machine, journals).filter { low <= $0.time && $0.time < high }
      #expect(figure("drift_max") == drifts.map(\.drift).max().map { Double($0) })
      #expect(figure("drift_final") == drifts.last.map { Double($0.drift) })
      #expect(Self.isClose(figure("drift_mean"), Self.mean(drifts.map(\.drift))))
      #expect(rows[machine]["from_s"].flatMap(Double.init) == stretch.from ?? 0)
      #expect(rows[machine]["to_s"].flatMap(Double.init) == stretch.to)
      let counts = try #require(tables["jumps.csv"]).filter { $0["machine"] == "\(machine)" }
      #expect(counts.compactMap { $0["count"].flatMap(Int.init) }.reduce(0, +) == jumps.count)
    }
    let timeline = try #require(tables["timeline.csv"])
    #expect(timeline.count == kept.map(\.count).reduce(0, +))
    for row in try #require(tables["channels.csv"]) {
      let source = try #require(row["source"].flatMap(Int.init))
      let target = try #require(row["target"].flatMap(Int.init))
      func sent(_ lines: [Journal.Line]) -> Int {
        lines.count { $0.event == "send" && ($0.peer == "*" || $0.peer == "\(target)") }
      }
      func received(_ lines: [Journal.Line]) -> Int {
        lines.count { $0.event == "receive" && $0.peer == "\(source)" }
      }
      #expect(row["sent"] == "\(sent(kept[source]))")
      #expect(row["received"] == "\(received(kept[target]))")
      let before = journals.map { $0.filter { $0.systemTime < high } }
      #expect(row["undelivered"] == "\(sent(before[source]) - received(before[target]))")
    }
    let snapshots = try #require(tables["snapshots.csv"])
    let times = [5, 15, 25, 35, 45, 55].map { Int64($0) * 1_000_000_000 }
    #expect(snapshots.count == times.count { low <= $0 && $0 < high })
    for name in ["jumps.csv", "timeline.csv", "channels.csv", "pacing.csv", "runs.csv"] {
      let rows = try #require(tables[name])
      #expect(rows.allSatisfy { $0["from_s"].flatMap(Double.init) == stretch.from ?? 0 })
    }
  }

  @Test("Without a window no table has more columns; checks always cover whole runs")
  func whole() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.run(in: directory)
    let tables = try Self.tables(directory, (nil, nil))
    #expect(tables.values.allSatisfy { $0.allSatisfy { $0["from_s"] == nil } })
    let verdicts = try BuiltTool.analyze.run([path, "--check"])
    let stretch = try BuiltTool.analyze.run([path, "--check", "--from", "30s"])
    #expect(stretch.output == verdicts.output)
    #expect(stretch.error == "analyze: the checks are of whole runs\n")
    #expect(stretch.exitCode == 0)
  }

  @Test("JSON, comparison and notebook page name their time window", .long)
  func notes() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.run(in: directory)
    let json = try BuiltTool.analyze.run([path, "--json", "--from", "10s", "--to", "20s"])
    #expect(json.output.contains("\"window\" : {\n    \"from_s\" : 10,\n    \"to_s\" : 20\n  }"))
    let table = try BuiltTool.analyze.run([path, "--from", "10s"])
    #expect(table.output.contains(/,from_s,to_s\n/))
    #expect(table.output.contains(/,10,\n/))

    let fixture = try SweepFixture(
      """
      "repetitions": 3, "options": { "duration": "20s", "runtime": "virtual", "rates": "1,3" },
      "axes": { "die": [10, 4] }
      """)
    #expect(try fixture.sweep("out").exitCode == 0)
    let runs = try fixture.runs("out").map(\.path)
    let comparison = try BuiltTool.analyze.run(
      Array(runs[0..<3]) + ["--against"] + Array(runs[3..<6]) + ["--from", "5s"])
    #expect(comparison.output.contains(/,differs,from_s,to_s\n/))
    #expect(comparison.output.contains("0,1,events,3,16,0,3,16,0,0,0,0,no,5,\n"))
    let page = fixture.output("page.md")
    let notebook = try BuiltTool.analyze.run([
      fixture.output("out"), "--notebook", page, "--from", "5s",
    ])
    #expect(notebook.exitCode == 0)
    let text = String(decoding: try FileSystem.contents(page), as: UTF8.self)
    #expect(text.contains("Only events from 5s on of every run are counted"))
    #expect(text.contains(/analyze sweeps\/trial --notebook \S+ --from 5s\n/))
  }

  @Test("A window without an event is empty, with a warning")
  func empty() throws {
    let directory = try TemporaryDirectory()
    let path = try Self.run(in: directory)
    let outcome = try BuiltTool.analyze.run([path, "--from", "2m"])
    #expect(outcome.error == "analyze: warning: 'run' has no event from 120s on\n")
    #expect(outcome.output.contains(/\nrun,0,1,3,virtual,0,0,0,0,,/))
    #expect(outcome.exitCode == 0)
  }

  // MARK: The expected tables

  private static func run(in directory: TemporaryDirectory) throws -> String {
    let outcome = try BuiltTool.scalemodel.run([
      "run", "--runtime", "virtual", "--rates", "1,3,6", "--seed", "3", "--delay", "~300ms",
      "--snapshot-at", "5s", "--snapshot-every", "10s", "--output", directory.run.path,
    ])
    try #require(outcome.exitCode == 0)
    return directory.run.path
  }

  /// All tables, by file: a dictionary per row.
  private static func tables(
    _ directory: TemporaryDirectory, _ stretch: (from: Double?, to: Double?)
  ) throws -> [String: [[String: String]]] {
    let target = directory.path + "/tables"
    let window = [("--from", stretch.from), ("--to", stretch.to)].flatMap { option, seconds in
      seconds.map { [option, "\(Int($0 * 1000))ms"] } ?? []
    }
    let outcome = try BuiltTool.analyze.run([directory.run.path, "--output", target] + window)
    try #require(outcome.exitCode == 0)
    var tables: [String: [[String: String]]] = [:]
    for name in try FileSystem.entries(target) {
      let text = String(decoding: try FileSystem.contents("\(target)/\(name)"), as: UTF8.self)
      // Only the cell of the rates contains commas.
      let lines = text.split(separator: "\n").map {
        $0.replacing("\"1,3,6\"", with: "rates").split(
          separator: ",", omittingEmptySubsequences: false
        ).map(String.init)
      }
      tables[name] = lines.dropFirst().map { cells in
        Dictionary(uniqueKeysWithValues: zip(lines[0], cells))
      }
    }
    return tables
  }

  /// A machine's drift at each of its events, by the definition.
  private static func drifts(
    of machine: Int, _ journals: [[Journal.Line]]
  ) -> [(time: Int64, drift: Int)] {
    let all = journals.enumerated().flatMap { id, lines in
      lines.map { (time: $0.systemTime, machine: id, clock: $0.clock) }
    }.sorted { ($0.time, $0.machine) < ($1.time, $1.machine) }
    var largest = 0
    var drifts: [(time: Int64, drift: Int)] = []
    for event in all {
      largest = max(largest, event.clock)
      if event.machine == machine { drifts.append((event.time, largest - event.clock)) }
    }
    return drifts
  }

  private static func nanoseconds(_ seconds: Double?) -> Int64? { seconds.map { Int64($0 * 1e9) } }

  private static func mean(_ values: [Int]) -> Double? {
    values.isEmpty ? nil : Double(values.reduce(0, +)) / Double(values.count)
  }

  private static func isClose(_ one: Double?, _ other: Double?) -> Bool {
    guard let one, let other else { return one == nil && other == nil }
    return abs(one - other) <= 1e-9 * max(1, abs(other))
  }
}
