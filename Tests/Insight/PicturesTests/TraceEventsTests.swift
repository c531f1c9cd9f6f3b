import Analysis
import FoundationEssentials
import Pictures
import ScaleModel
import Testing

/// The trace viewer's rules, checked on the decoded JSON.
@Suite("Trace events for Perfetto")
struct TraceEventsTests {
  private struct Trace: Decodable {
    let traceEvents: [Event]
  }

  private struct Event: Decodable {
    let ph: String
    let pid: Int
    let tid: Int
    let name: String
    let ts: Double?
    let dur: Double?
    let cat: String?
    let id: Int?
    let bp: String?
    let s: String?
    let args: Arguments?

    struct Arguments: Decodable {
      let name: String?
      let clock: Int?
      let reading: Int?
      let length: Int?
      let behind: Int?
    }

    /// The key that binds a flow to its slice: process, thread and time.
    var point: String { "\(pid) \(tid) \(ts ?? -1)" }
  }

  private static var fixture: ExportFixture {
    var fixture = ExportFixture()
    fixture.interval = .seconds(10)
    return fixture
  }

  private func trace(_ text: String) throws -> [Event] {
    try JSONDecoder().decode(Trace.self, from: Data(text.utf8)).traceEvents
  }

  @Test("Every event is a slice, every snapshot line an instant, every delivered message an arrow")
  func everythingIsThere() throws {
    let (text, lines, _, _) = try Self.fixture.export(.perfetto)
    let events = try trace(text)
    #expect(breaches(of: events) == [])
    #expect(events.count { $0.ph == "X" } == lines[0].count { $0.event != "snapshot" })
    #expect(events.count { $0.ph == "i" } == 15)
    #expect(events.filter { $0.ph == "i" }.allSatisfy { $0.s == "t" })
    #expect(events.count { $0.ph == "s" } == lines[0].count { $0.event == "receive" })
    #expect(events.count { $0.ph == "s" } > 50)
    // A send to two machines is one slice and two arrows.
    let starts = Dictionary(grouping: events.filter { $0.ph == "s" }, by: \.point)
    #expect(starts.contains { $0.value.count == 2 })
  }

  @Test("Machines are threads in id order, and times are microseconds since the start")
  func names() throws {
    let events = try trace(Self.fixture.export(.perfetto).text)
    let names = events.filter { $0.ph == "M" && $0.name == "thread_name" }
    #expect(
      names.map(\.args?.name) == ["machine 0 (1 Hz)", "machine 1 (3 Hz)", "machine 2 (6 Hz)"])
    #expect(names.map(\.tid) == [1, 2, 3] && names.allSatisfy { $0.pid == 1 })
    let second = events.filter { $0.ph == "X" && $0.tid == 3 }.map(\.ts)
    #expect(second.prefix(3) == [166_666.666, 333_333.333, 500_000])
  }

  @Test("Counters follow clock, queue and drift")
  func counters() throws {
    let (text, lines, _, _) = try Self.fixture.export(.perfetto)
    let events = try trace(text).filter { $0.ph == "C" }
    let readings = events.filter { $0.name.hasSuffix(": clock") }
    #expect(readings.count == lines[0].count { $0.event != "snapshot" })
    let queues = events.filter { $0.name == "machine 0: queue" }.compactMap(\.args?.length)
    #expect(queues.max() ?? 0 > 10)
    #expect(zip(queues, queues.dropFirst()).allSatisfy { $0 != $1 })
    #expect(events.contains { $0.name == "machine 0: drift" && $0.args?.behind ?? 0 > 50 })
    #expect(events.allSatisfy { $0.args?.behind ?? 0 >= 0 })
  }

  @Test(
    "A window has the arrows whose both ends are in it, and drift knows what was before",
    arguments: [(7, 31), (20, 22)] as [(Int64, Int64)])
  func window(from: Int64, to: Int64) throws {
    let (text, lines, _, _) = try Self.fixture.export(
      .perfetto, window: TimeWindow(from: from * second, to: to * second))
    let events = try trace(text)
    #expect(breaches(of: events) == [])
    let inside = lines[0].filter { (from * second..<to * second).contains($0.time) }
    let delivered = inside.filter { line in
      line.event == "receive" && inside.contains { $0.isSend(of: line) }
    }
    #expect(events.count { $0.ph == "f" } == delivered.count)
    #expect(delivered.count < inside.count { $0.event == "receive" })
    let first = events.first { $0.ph == "C" && $0.name == "machine 0: drift" }
    #expect(first?.args?.behind ?? 0 > 5)
  }

  @Test("Slices stay apart where ticks are closer than a slice is long")
  func fastTicks() throws {
    var fixture = ExportFixture()
    fixture.rates = [2000, 3001]
    fixture.seconds = 1
    fixture.delay = "0"
    let events = try trace(fixture.export(.perfetto).text)
    #expect(breaches(of: events) == [])
    #expect(events.count { $0.ph == "X" } == 5001)
  }

  @Test(
    "Events of one machine at the same time are slices one after the other, each with its arrows")
  func sameTime() throws {
    let text = try HandMadeExport.text(
      .perfetto,
      [
        "1,5000,send,1,0,1,1\n2,5000,send,2,0,1,2\n3,5000,internal,3,0,,\n4,5002,send,4,0,1,4\n",
        "1,6000,receive,2,2,0,1\n2,6000,receive,3,1,0,2\n3,6000,receive,5,0,0,4\n",
      ]
    ).text
    let events = try trace(text)
    #expect(breaches(of: events) == [])
    let sent = events.filter { $0.ph == "X" && $0.tid == 1 }
    #expect(sent.map(\.ts) == [5, 5.001, 5.002, 5.003])
    #expect(sent.prefix(3).map(\.dur) == [0.001, 0.001, 0.001])
    // The first, the second and the fourth are received by three different slices.
    #expect(events.filter { $0.ph == "s" }.map(\.ts) == [5, 5.001, 5.003])
    #expect(events.filter { $0.ph == "f" }.map(\.ts) == [6, 6.001, 6.002])
  }

  @Test(
    "A message received before it was sent, by clocks that differ, has no arrow, and that is said")
  func backward() throws {
    let (text, warnings) = try HandMadeExport.text(
      .perfetto,
      [
        "1,9000,send,1,0,1,1\n2,9100,send,2,0,1,2\n",
        "1,6000,receive,2,1,0,1\n2,9500,receive,3,0,0,2\n",
      ])
    let events = try trace(text)
    #expect(breaches(of: events) == [])
    #expect(events.count { $0.ph == "X" } == 4 && events.count { $0.ph == "f" } == 1)
    #expect(warnings.count == 1 && warnings[0].contains("no arrow for 1 message"))
  }

  @Test("Several runs are shown side by side, whatever their names")
  func severalRuns() throws {
    var fixture = Self.fixture
    fixture.seeds = [1, 2]
    fixture.name = "it's a \"run\" <script>\\\n"
    let events = try trace(fixture.export(.perfetto).text)
    #expect(breaches(of: events) == [])
    let names = events.filter { $0.name == "process_name" }
    #expect(names.map(\.pid) == [1, 4])
    #expect(names.last?.args?.name == fixture.name)
    let machines = events.filter { $0.name == "thread_name" }
    #expect(machines.map(\.pid) == [1, 1, 1, 4, 4, 4])
    #expect(machines.map(\.tid) == [1, 2, 3, 4, 5, 6])
  }

  /// The events' violations of the viewer's rules.
  private func breaches(of events: [Event]) -> [String] {
    var breaches: [String] = []
    var slices: Set<String> = []
    var starts: [Int: Event] = [:]
    var ended: Set<Int> = []
    for event in events {
      switch event.ph {
      case "X": slices.insert(event.point)
      case "s":
        if !slices.contains(event.point) { breaches.append("s before its slice at \(event.point)") }
        if let id = event.id, starts.updateValue(event, forKey: id) != nil {
          breaches.append("two arrows share the id \(id)")
        }
      case "f":
        guard let id = event.id, let start = starts[id] else {
          breaches.append("an arrow without a start at \(event.point)")
          continue
        }
        if !slices.contains(event.point) { breaches.append("f before its slice at \(event.point)") }
        if event.bp != "e" || (start.cat, start.name) != (event.cat, event.name) {
          breaches.append("the ends of arrow \(id) do not fit")
        }
        if start.ts ?? 0 > event.ts ?? -1 { breaches.append("arrow \(id) goes back") }
        if !ended.insert(id).inserted { breaches.append("arrow \(id) ends twice") }
      case "M", "C", "i": break
      default: breaches.append("phase \(event.ph)")
      }
    }
    let slicePoints = events.filter { $0.ph == "X" }.map(\.point)
    if Set(slicePoints).count < slicePoints.count { breaches.append("two slices begin together") }
    if ended.count != starts.count { breaches.append("an arrow does not end") }
    let tracks = Dictionary(grouping: events.filter { $0.ph == "X" }) { "\($0.pid) \($0.tid)" }
    for track in tracks.values {
      let ordered = track.sorted { ($0.ts ?? 0) < ($1.ts ?? 0) }
      for (slice, next) in zip(ordered, ordered.dropFirst())
      where (slice.ts ?? 0) + (slice.dur ?? 0) > (next.ts ?? 0) + 1e-6 {
        breaches.append("slices overlap at \(next.point)")
      }
    }
    return breaches
  }
}
