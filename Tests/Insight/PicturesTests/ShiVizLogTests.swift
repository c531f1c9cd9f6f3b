import Analysis
import Pictures
import ScaleModel
import Testing

@testable import RunRecord

/// The reader's rules, by its own expressions, with vector clocks computed independently.
@Suite("ShiViz logs")
struct ShiVizLogTests {
  private static var fixture: ExportFixture {
    var fixture = ExportFixture()
    fixture.interval = .seconds(10)
    return fixture
  }

  @Test("A run of 600 events with snapshots keeps every rule, and every line is an event")
  func wholeRun() throws {
    let (text, lines, warnings, _) = try Self.fixture.export(.shiviz)
    let reader = try ShiVizReader(text)
    #expect(reader.breaches.isEmpty)
    #expect(warnings.isEmpty)
    let events = try #require(reader.executions.first?.events)
    #expect(events.count == lines[0].count && events.count > 600)
    #expect(events.count { $0.kind == "snapshot" } == 15)
    Self.expectClocks(of: events, lines[0])
  }

  @Test(
    "A window is a log of its own: clocks begin at 1, and what was sent before it says nothing",
    arguments: [(0, 10), (7, 31), (25, 26), (59, 90), (80, 90)] as [(Int64, Int64)])
  func window(from: Int64, to: Int64) throws {
    let (text, lines, _, _) = try Self.fixture.export(
      .shiviz, window: TimeWindow(from: from * second, to: to * second))
    let reader = try ShiVizReader(text)
    #expect(reader.breaches.isEmpty)
    let inside = lines[0].filter { (from * second..<to * second).contains($0.time) }
    let events = try #require(reader.executions.first?.events)
    #expect(events.count == inside.count)
    Self.expectClocks(of: events, inside)
  }

  @Test(
    "No label is a property that every JavaScript object has",
    arguments: ["constructor", "toString", "__proto__"])
  func inheritedLabels(name: String) throws {
    let text = try HandMadeExport.text(.shiviz, ["1,5,internal,1,0,,\n"], name: name).text
    #expect(try ShiVizReader(text).executions.map(\.label) == [name + " (2)"])
  }

  @Test("A run without an event is reported as empty")
  func nothing() throws {
    let (text, warnings) = try HandMadeExport.text(.shiviz, ["", ""])
    #expect(try ShiVizReader(text).executions.map(\.events.count) == [0])
    #expect(warnings == ["'run' has no event to export there"])
  }

  @Test("Sends without a clock come before their receipts, whatever the times say")
  func withoutClocks() throws {
    let imported = Manifest.Imported(
      machines: ["a", "b"], lacks: [.clock], machinesWithoutQueue: [])
    let text = try HandMadeExport.text(
      .shiviz, ["1,900,send,0,0,1,77\n", "1,5,internal,0,0,,\n2,6,receive,0,0,0,77\n"],
      imported: imported
    ).text
    let reader = try ShiVizReader(text)
    #expect(reader.breaches.isEmpty)
    #expect(reader.executions.first?.events.last?.clock == ["a": 1, "b": 2])
  }

  @Test("A snapshot's events are a consistent cut, by the clocks alone")
  func cuts() throws {
    var fixture = Self.fixture
    fixture.rates = [2, 5, 3, 6]
    let events = try #require(
      ShiVizReader(fixture.export(.shiviz).text).executions.first?.events)
    let cuts = events.filter { $0.kind == "snapshot" }
    let ids = Set(cuts.compactMap { $0.story.split(separator: " ").dropFirst().first })
    #expect(ids.count == 5)
    for id in ids {
      let cut = cuts.filter { $0.story.hasPrefix("snapshot \(id) ") }
      #expect(cut.count == 4)
      for event in cut {
        for other in cut where other.host != event.host {
          // Nothing that one machine knows of another is after the other's cut.
          #expect(event.clock[other.host] ?? 0 <= other.clock[other.host] ?? 0)
        }
      }
    }
  }

  @Test("Three runs of one name are three executions, and no name is markup")
  func threeRuns() throws {
    var fixture = Self.fixture
    fixture.seeds = [1, 2, 3]
    fixture.name = "it's a \"run\" <script>alert(1)</script>\n=== x ==="
    let (text, lines, _, _) = try fixture.export(.shiviz)
    let reader = try ShiVizReader(text)
    #expect(reader.breaches.isEmpty)
    let label = "it's a \"run\" ‹script›alert(1)‹/script› === x ==="
    #expect(reader.executions.map(\.label) == [label, label + " (2)", label + " (3)"])
    for (execution, lines) in zip(reader.executions, lines) {
      #expect(execution.events.count == lines.count)
      Self.expectClocks(of: execution.events, lines)
    }
  }

  @Test("More events than ShiViz can handle are written, with a warning")
  func longRun() throws {
    var fixture = ExportFixture()
    fixture.rates = [600, 300]
    fixture.seconds = 40
    fixture.delay = "1ms"
    let (text, _, warnings, _) = try fixture.export(.shiviz)
    #expect(text.utf8.count { $0 == UInt8(ascii: "\n") } == 2 * 36_000 + 3)
    #expect(
      warnings == [
        "36000 events are more than ShiViz shows in reasonable time, which grows with their "
          + "square; choose fewer than 30000 with --from and --to"
      ])
  }

  /// Computes every clock from the journals, slowly, and compares.
  private static func expectClocks(
    of events: [ShiVizReader.Event], _ lines: [ExportFixture.Line]
  ) {
    var passedCounts: [String: Int] = [:]
    var latest: [String: [String: Int]] = [:]
    var written: [ExportFixture.Line: [String: Int]] = [:]
    for event in events {
      let own = lines.filter { "m\($0.machine)" == event.host }
      let index = passedCounts[event.host, default: 0]
      guard index < own.count else { continue }
      let line = own[index]
      #expect(line.time == event.timestamp && line.event == event.kind)
      var clock = latest[event.host] ?? [:]
      let cause =
        switch line.event {
        case "receive": lines.first { $0.isSend(of: line) }
        case "snapshot":
          lines.first {
            $0.event == "snapshot" && $0.message == line.message && "\($0.machine)" == line.peer
          }
        default: ExportFixture.Line?.none
        }
      if let cause {
        // Causes come first, so the clock of this one is known.
        #expect(written[cause] != nil)
        clock.merge(written[cause] ?? [:]) { max($0, $1) }
      }
      clock[event.host, default: 0] += 1
      #expect(clock == event.clock)
      (latest[event.host], written[line]) = (clock, clock)
      passedCounts[event.host] = index + 1
    }
  }
}
