import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import Testing
import Workloads

@testable import Analysis

/// What classic algorithms cost, as tables have it beside their laws.
@Suite("Measures of workloads")
struct MeasureTests {
  /// A measure by its value and prediction.
  private typealias Figure = (value: Double?, predicted: Double?)

  private func figures(of run: StoredRun, _ window: TimeWindow = TimeWindow()) throws -> (
    String
  ) -> Figure {
    let rows = try RunFindings(of: run, RunFindings.Options(window: window)).measures
    return { name in
      let row = rows.first { $0[.measure].text == name }
      return (row?[.value].value, row?[.predicted].value)
    }
  }

  private func figures<Work: NamedWorkload>(_ run: WorkloadRun<Work>) throws -> (String) -> Figure {
    try run.stored { try figures(of: $0) }
  }

  /// How far a figure is from its prediction, as a share; nil without both.
  private func error(_ figure: Figure) -> Double? {
    guard let value = figure.value, let predicted = figure.predicted else { return nil }
    return abs(value / predicted - 1)
  }

  /// Mutual exclusion whose ticks are short beside the delay, as its laws want.
  private func mutex<Work: NamedWorkload>(
    _ type: Work.Type, want: String, inside: Int = 3, seconds: Int64
  ) -> WorkloadRun<Work> {
    var run = WorkloadRun(type, rates: [10, 10, 10])
    run.options = ["want": want, "inside": "\(inside)"]
    (run.delay, run.seconds) = ("20s", seconds)
    return run
  }

  @Test(
    "When quiet, an entry takes 3(N-1) or 2(N-1) messages exactly, and waits two delays", .long)
  func quietMutex() throws {
    let lamport = try figures(mutex(LamportMutex.self, want: "0.00008", seconds: 2000))
    let permission = try figures(mutex(RicartAgrawalaMutex.self, want: "0.00008", seconds: 2000))
    for (figures, messages) in [(lamport, 6.0), (permission, 4)] {
      #expect(figures("messages_per_entry") == (messages, messages))
      let wait = figures("wait_mean_s")
      #expect(wait.predicted == 40)
      #expect(try #require(error(wait)) < 0.02, "\(wait)")
      #expect(figures("entries_per_s").predicted == nil)
    }
  }

  @Test("When all want to enter, one enters every d + E seconds, and waits for all others")
  func saturatedMutex() throws {
    let lamport = try figures(
      mutex(LamportMutex.self, want: "1", inside: 40, seconds: 1000))
    let permission = try figures(
      mutex(RicartAgrawalaMutex.self, want: "1", inside: 40, seconds: 1000))
    for figures in [lamport, permission] {
      #expect(figures("entries_per_s").predicted == 1.0 / 24)
      #expect(figures("wait_mean_s").predicted == 68)
      for name in ["messages_per_entry", "entries_per_s", "wait_mean_s"] {
        #expect(try #require(error(figures(name))) < 0.03, "\(name): \(figures(name))")
      }
    }
  }

  @Test("Between quiet and saturated, and where delays differ, no law is claimed but of messages")
  func unclaimed() throws {
    let topology = Topology(completeWith: 3)
    for (want, delay) in [("0.5", "20s"), ("1", "~20s"), ("0", "0")] {
      let values = try WorkloadOptionValues(["want": want], of: LamportMutex.options)
      let measures = try LamportMutex(values, topology: topology)
        .measures(rates: [10, 10, 10], delay: #require(Delay(delay)))
      #expect(measures.map(\.predicted) == [6, nil, nil], "\(want) \(delay)")
    }
  }

  /// A machine answers each request twice.
  private enum DoubledReply: Mistake {
    static func receive(
      _ message: Message<MutexMessage>, at base: inout LamportMutex, _ here: Surroundings
    ) -> [Instruction<MutexMessage>] {
      let owed = base.receive(message, here)
      return owed + owed
    }
  }

  @Test("An algorithm that sends a reply twice costs 4(N-1), and its law says 3(N-1)")
  func mutant() throws {
    let figures = try figures(
      mutex(Broken<DoubledReply>.self, want: "0.00008", seconds: 2000))
    #expect(figures("messages_per_entry") == (8, 6))
  }

  @Test("An election takes as many messages as the numbers that were passed on")
  func election() throws {
    var run = WorkloadRun(RingElection.self, rates: Array(repeating: 10, count: 40))
    (run.topology, run.delay, run.seconds) = (.ring, "0", 9)
    let harmonic = (1...40).reduce(0) { $0 + 1 / Double($1) }
    try run.stored { stored in
      let found = try RunFindings(of: stored, RunFindings.Options(checks: true))
      let row = try #require(found.measures.first)
      #expect(row[.measure] == .text("messages_until_elected"))
      #expect(try #require(row[.predicted].value) == 40 * harmonic)
      // Each machine's news of the leader is one message more.
      let sends = found.machines.reduce(0) { $0 + ($1[.sends].value ?? 0) }
      #expect(row[.value].value == sends - 40)
    }
  }

  @Test("Each message of work is signalled once; the root knows after the end, and then a snapshot")
  func termination() throws {
    var run = WorkloadRun(DijkstraScholten.self, rates: [10, 10, 10, 10])
    run.delay = "500ms"
    let figures = try figures(run)
    #expect(figures("signals_per_work_message") == (1, 1))
    let detection = try #require(figures("detection_latency_s").value)
    let snapshot = try #require(figures("snapshot_latency_s").value)
    #expect(detection > 0.5 && detection < 10)
    // A snapshot every 7 s takes two delays.
    #expect(snapshot >= 0.5 && snapshot < detection + 8.1, "\(snapshot), \(detection)")
  }

  @Test("An echo has one message on every channel; a token's passes are counted")
  func echoAndToken() throws {
    var echo = WorkloadRun(EchoWave.self, rates: [6, 9, 4, 7])
    #expect(try figures(echo)("messages_until_finished") == (12, 12))
    echo.topology = .ring
    #expect(try figures(echo)("messages_until_finished") == (8, 8))
    var token = WorkloadRun(TokenRing.self, rates: [10, 10, 10])
    token.options = ["pass": "1"]
    token.delay = "150ms"
    // Received at the second tick after the send, and passed on at the third.
    let passes = try #require(figures(token)("passes_per_s").value)
    #expect(abs(passes * 0.3 - 1) < 0.01, "\(passes)")
  }

  @Test("Too few entries have no figure; a window leaves out the events outside of it")
  func few() throws {
    var run = mutex(LamportMutex.self, want: "1", inside: 40, seconds: 50)
    run.delay = "20s"
    try run.stored { stored in
      let all = try figures(of: stored)
      #expect(all("messages_per_entry").value == nil && all("entries_per_s").value == nil)
      #expect(all("wait_mean_s").value != nil)
    }
    try run.stored { stored in
      let late = try figures(of: stored, TimeWindow(from: 49_000_000_000))
      #expect(late("wait_mean_s").value == nil)
    }
  }

  @Test("A workload that names nothing has no measures, and no more columns")
  func none() throws {
    let fixture = RunFixture(rates: [1, 1], journals: [["1,10,internal,1,0,,"], []])
    #expect(try fixture.findings().measures.isEmpty)
    #expect(RunStatistics().columnNames == GroupColumn.allCases.map(\.name))
  }

  @Test("runs.csv has the mean of each measure, its interval, and the prediction")
  func statistics() throws {
    var statistics = RunStatistics()
    for seed in 1...3 as ClosedRange<UInt64> {
      var run = mutex(RicartAgrawalaMutex.self, want: "1", inside: 40, seconds: 200)
      run.seed = seed
      try run.stored { statistics.add(try RunFindings(of: $0), of: $0.manifest) }
    }
    let lines = statistics.csv().split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    #expect(lines.count == 4)
    let header = try #require(lines.first)
    #expect(header.suffix(15).first == "messages_per_entry_mean")
    // Three rates in quotes are two commas more.
    #expect(lines.dropFirst().allSatisfy { $0.count == header.count + 2 })
    let index = try #require(header.firstIndex(of: "predicted_entries_per_s"))
    #expect(lines[1][index + 2] == "0.0416666666667")
    #expect(statistics.groups[0].measures["entries_per_s"]?.figure.count == 3)
  }

  @Test("A manifest keeps measures as they were; one of an unknown field is refused by its key")
  func manifest() throws {
    var run = mutex(LamportMutex.self, want: "1", seconds: 1)
    let written = try run.stored { $0.manifest.measures }
    #expect(written?.map(\.name) == ["messages_per_entry", "wait_mean_s", "entries_per_s"])
    #expect(written?.map(\.kind) == [.messagesEach, .stay, .rate])
    for measure in [
      NamedMeasure.rate("passes_per_s", of: FieldMatch("phrase")),
      .rate("passes_per_s", of: FieldMatch("phase", is: .text("outside"))),
      .rate("passes_per_s", of: FieldMatch("phase", at: 3)),
      .rate("Passes", of: FieldMatch("phase")),
      .lag("late_s", from: FieldMatch("phase"), toSnapshotOf: "exclusion"),
    ] {
      run.adjust = { $0.measures = [measure] }
      do {
        _ = try run.stored { _ in Issue.record("\(measure) was read") }
      } catch let error as RunRecordError {
        #expect("\(error)".contains("measures"), "\(error)")
      }
    }
  }
}
