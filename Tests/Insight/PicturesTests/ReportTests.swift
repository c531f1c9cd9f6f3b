import Analysis
import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import Testing
import VirtualTime

@testable import Pictures

/// Pages and figures of hand-written runs.
@Suite("Reports")
struct ReportTests {
  private static let header = "tick,system_time_ns,event,clock,queue_length,peer,message\n"

  /// Writes a run of two machines at 2 and 1 ticks a second, and opens it.
  private static func withRun<Result>(
    _ name: String, _ journals: [String], _ body: (StoredRun) throws -> Result
  ) throws -> Result {
    let directory = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(directory) }
    let run = RunDirectory(path: directory + "/" + name)
    try run.create(replaces: false)
    let plan = RunPlan(
      rates: [2, 1], duration: .seconds(2), dieSides: 10, seed: 7, topologyChoice: .complete,
      topology: try TopologyChoice.complete.topology(machineCount: 2, seed: 7), delay: .none,
      workload: .chatter)
    var manifest = Manifest(plan: plan, runtime: "threads", version: "1", journal: true, host: nil)
    manifest.startTimeNs = 0
    manifest.status = .failed
    manifest.reason = "machine 1: </script><b>gone"
    try manifest.write(to: run)
    for (machine, journal) in journals.enumerated() {
      try FileSystem.replace(run.journalPath(of: MachineID(machine)), with: header + journal)
    }
    return try body(try StoredRun(run))
  }

  /// Two messages wait together; the first is received two ticks after its arrival.
  private static let waiting = [
    "1,500000000,send,1,0,1,1\n2,1000000000,send,2,0,*,2\n3,1500000000,internal,3,0,,\n",
    "1,1000000000,internal,1,1,,\n2,2000000000,receive,2,1,0,1\n3,3000000000,receive,3,0,0,2\n",
  ]

  @Test("Queue lengths tell between which of its events the receiver got a message")
  func arrivals() throws {
    try Self.withRun("run", Self.waiting) { run in
      let messages = try SpaceTime(of: run).messages(to: 1)
      #expect(messages.map(\.sendTime) == [500_000_000, 1_000_000_000])
      #expect(messages.map(\.arrivalIndex) == [0, 1])
      // The first arrived before the receiver's first event, the second after it.
      #expect(messages.map(\.arrivalTime) == [500_000_000, 1_000_000_000])
      #expect(messages.map(\.receiptTime) == [2_000_000_000, 3_000_000_000])
    }
  }

  @Test("A message that no channel lost has a receipt, and a lost one has none and ends in a cross")
  func losses() throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(path) }
    let directory = RunDirectory(path: path + "/run")
    try directory.create(replaces: false)
    var plan = RunPlan(
      rates: [4, 6, 6], duration: .seconds(40), dieSides: 6, seed: 3, topologyChoice: .complete,
      topology: Topology(completeWith: 3), delay: .uniform(.seconds(0), .seconds(1)),
      workload: .chatter)
    plan.promises = ChannelPromises(order: .none, loss: 0.2, duplicate: 0.2)
    var manifest = Manifest(plan: plan, runtime: "virtual", version: "1", journal: true, host: nil)
    _ = try VirtualRun(plan: plan).carryOut(journalsIn: directory, takeSnapshot: { _ in })
    manifest.startTimeNs = 0
    manifest.status = .finished
    try manifest.write(to: directory)
    let run = try SpaceTime(of: StoredRun(directory), TimeWindow(from: 0, to: 10_000_000_000))
    #expect(run.losses.count > 20)
    var (receiptCount, doubledCount) = (0, 0)
    for (source, lines) in run.lines.enumerated() {
      for (index, line) in lines.enumerated()
      where line.kind == .send && line.systemTime < 30_000_000_000 {
        let targets =
          line.peer == .all ? (0..<3).filter { $0 != source } : [Int(line.peerNumber)]
        for target in targets {
          let receipts = run.messages(to: target).filter {
            ($0.source, $0.sendIndex) == (source, index)
          }
          let isLost = run.losses.contains {
            ($0.source, $0.sendIndex, $0.target) == (source, index, target)
          }
          #expect(isLost == receipts.isEmpty)
          // Each copy arrives after its send, and is received after it arrived.
          #expect(
            receipts.allSatisfy {
              line.systemTime <= $0.arrivalTime && $0.arrivalTime <= $0.receiptTime
            })
          receiptCount += receipts.count
          doubledCount += receipts.count == 2 ? 1 : 0
        }
      }
    }
    #expect(receiptCount > 50 && doubledCount > 10)
    let svg = SpaceTimeDrawing(run).svg(id: "s")
    let inWindow = run.losses.count {
      run.window.contains(run.lines[$0.source][$0.sendIndex].systemTime)
    }
    // One cross for each, and one in the legend.
    #expect(svg.split(separator: "class=\"lost\"").count == inWindow + 2)
    #expect(svg.contains(", \(inWindow) lost"))
  }

  @Test("A message that was received before a cut and sent after it is drawn as what it is")
  func orphans() throws {
    let path = try FileSystem.makeTemporaryDirectory(prefix: "scalemodel-pictures-")
    defer { try? FileSystem.removeTree(path) }
    let directory = RunDirectory(path: path + "/run")
    try directory.create(replaces: false)
    var plan = RunPlan(
      rates: [4, 5, 6], duration: .seconds(60), dieSides: 4, seed: 4, topologyChoice: .complete,
      topology: Topology(completeWith: 3), delay: .constant(TimeSpan(nanoseconds: 500_000_000)),
      workload: .chatter)
    plan.snapshotAlgorithm = .naive
    plan.snapshotSpread = .seconds(3)
    var manifest = Manifest(plan: plan, runtime: "virtual", version: "1", journal: true, host: nil)
    var files: [SnapshotFile] = []
    _ = try VirtualRun(plan: plan, snapshots: SnapshotSchedule(interval: .seconds(5))).carryOut(
      journalsIn: directory, takeSnapshot: { files.append($0) })
    try FileSystem.makeDirectory(directory.snapshotsPath)
    for file in files { try file.write(to: directory) }
    manifest.snapshots = files.map { "\($0.id)" }
    manifest.startTimeNs = 0
    manifest.status = .finished
    try manifest.write(to: directory)
    let run = try SpaceTime(of: StoredRun(directory), TimeWindow(from: 0, to: 60_000_000_000))
    #expect(!run.cutsAreConsistent)
    let rows = try RunFindings(of: StoredRun(directory), RunFindings.Options(snapshots: true))
      .snapshots
    let messages = (0..<3).flatMap { run.messages(to: $0) }
    let count = run.cuts.reduce(0) { sum, cut in
      sum + messages.count { run.crossing(of: $0, at: cut) == .orphan }
    }
    let counted = rows.compactMap { $0[.orphans].value }.reduce(0, +)
    #expect(counted > 5 && Double(count) == counted, "\(counted), \(count)")
    #expect(SpaceTimeDrawing(run).svg(id: "s").contains("class=\"orphan\""))
  }

  @Test("In a later window, messages keep their receipts and lose their sends")
  func part() throws {
    try Self.withRun("run", Self.waiting) { run in
      let part = try SpaceTime(of: run, TimeWindow(from: 1_700_000_000, to: 2_500_000_000))
      #expect(part.window == 1_700_000_000...2_500_000_000)
      // The page keeps the whole of so short a run; only the window is smaller.
      #expect(!part.isPart && part.lineCount == 6)
    }
  }

  /// Names and journals that must not break a page.
  @Test(
    "Whatever a run is called, and whatever is in it, the page stays a page",
    arguments: [
      ("</script><script>alert(1)", waiting), ("it's \"quoted\" & <b>", waiting),
      ("nothing happened", ["", ""]), ("one event", ["1,500000000,internal,1,0,,\n", ""]),
      (
        "huge clocks",
        [
          "1,500000000,internal,1,0,,\n2,1000000000,send,9223372036854775806,0,1,9223372036854775806\n",
          "1,1500000000,receive,9223372036854775807,0,0,9223372036854775806\n",
        ]
      ),
      ("back in time", ["1,900000000,internal,1,0,,\n2,400000000,internal,2,0,,\n", ""]),
      ("no send", ["", "1,1000000000,receive,8,4000000000,0,7\n"]),
    ])
  func page(name: String, journals: [String]) throws {
    let name = name.split(separator: "/").joined(separator: "|")
    try Self.withRun(name, journals) { run in
      var found = try RunFindings(
        of: run, RunFindings.Options(checks: true, snapshots: true, series: true))
      let taken = found.takeSeries()
      let series = try #require(taken)
      let spaceTime = try SpaceTime(of: run)
      let html = try ReportPage(of: run, found, series, spaceTime).html()
      #expect(html.contains("<h1>\(MarkupText.escaped(name))</h1>"))
      #expect(html.split(separator: "<script").count == 4)
      #expect(html.contains("machine 1: &lt;/script&gt;&lt;b&gt;gone"))
      let figures = RunFigures(of: series).figures.map { $0.chart.svg(id: $0.name) }
      for svg in figures + [SpaceTimeDrawing(spaceTime).svg(id: "spacetime")] {
        #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\""))
        #expect(!svg.contains("<script") && !svg.contains("<b>"))
      }
    }
  }

  @Test("A page compares clocks; where physical ones differ it has their offsets, event by event")
  func clocks() throws {
    try Self.withRun("run", Self.waiting) { run in
      let spaceTime = try SpaceTime(of: run)
      var options = RunFindings.Options(snapshots: true, series: true)
      options.clocks = true
      var found = try RunFindings(of: run, options)
      let taken = found.takeSeries()
      let html = try ReportPage(of: run, found, #require(taken), spaceTime).html()
      #expect(html.contains("<button type=\"button\" data-keep=\"first\">"))
      #expect(html.contains("id=\"clocks\"") && html.contains(">hybrid-vector</th>"))
      #expect(!html.contains("\"offsets\""), "These clocks show true time")
      var clocks = PhysicalClocks()
      clocks.leads = ["8h@1"].compactMap { PhysicalClocks.Lead($0) }
      let machines = (0..<2).map { PhysicalClock(of: MachineID($0), clocks, seed: 1) }
      let data = DiagramData(
        spaceTime, witnesses: [], deaths: [], from: 0, physicalClocks: machines)
      #expect(data.json.contains("\"offsets\""))
      // Three events of machine 0 without an offset; then one change for machine 1, as a number of
      // seven bits a byte, whose lowest bit is its sign; its offset stays.
      var change: UInt64 = 2 * 8 * 3_600_000_000_000
      var bytes: [UInt8] = [0, 0, 0]
      while change >= 128 {
        bytes.append(UInt8(change & 127) | 128)
        change >>= 7
      }
      bytes += [UInt8(change), 0, 0]
      #expect(EventBytes(offsetsOf: machines, at: spaceTime.lines).bytes == bytes)
    }
  }

  @Test("Figures of many machines have bands and a few curves, never a line for each")
  func crowd() throws {
    let sample = { (column: Int, value: Int64) in
      SeriesSample(column: Int64(column), time: Int64(column) * 1_000_000_000, value: value)
    }
    let machines = (0..<500).map { machine in
      MachineSeries(
        machine: MachineID(machine), rate: 1,
        samples: (1...60).map { sample($0, Int64($0 * (machine + 1))) },
        jumps: [Tally(value: Double(machine + 1), count: 59)], lateness: [])
    }
    let series = RunSeries(name: "crowd", machines: machines, seconds: 60)
    for figure in RunFigures(of: series).figures {
      #expect(figure.chart.series.count <= 6)
      #expect(figure.chart.svg(id: figure.name).utf8.count < 60_000)
    }
    let clock = try #require(RunFigures(of: series).figures.first { $0.name == "clock" }).chart
    #expect(clock.series.map(\.name).contains("machine 499 (1/s)"))
    #expect(clock.series.map(\.name).contains("machine 0 (1/s)"))
  }
}
