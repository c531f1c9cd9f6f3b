import LogicalTime
import RunRecord
import ScaleModel
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// Two machines for 1.5 s, with every figure worked out on paper.
@Suite("A run worked out by hand")
struct HandMadeRunTests {
  /// Machine 0 ticks twice a second, 100, 200 and 300 ns late; machine 1 four times, on time.
  private static var fixture: RunFixture {
    var fixture = RunFixture(
      rates: [2, 4],
      journals: [
        [
          "1,1500000100,internal,1,0,,",
          "2,2000000200,receive,4,2,1,3",
          "2,2000000900,snapshot,4,9,1,1-1",
          "3,2500000300,send,5,0,1,5",
        ],
        [
          "1,1250000000,internal,1,0,,",
          "2,1500000000,internal,2,0,,",
          "3,1750000000,send,3,0,*,3",
          "4,2000000000,internal,4,0,,",
          "4,2000000000,snapshot,4,0,,1-1",
          "5,2250000000,internal,5,0,,",
          "6,2500000000,internal,6,0,,",
        ],
      ])
    fixture.startTime = 1_000_000_000
    // Only the initiator's state was gathered.
    let snapshot = """
      {"schema": 1, "id": "1-1", "initiator": 1, "status": "partial",
       "reason": "machine 0: died after recording",
       "requested_time_ns": 1999999500, "completed_time_ns": 2000001000,
       "machines": [{"id": 1, "clock": 4, "tick": 4, "events": 4, "inbox": []}],
       "channels": [{"source": 0, "target": 1, "messages": []}]}
      """
    fixture.otherFiles = [("snapshots/1-1.json", snapshot)]
    fixture.adjust = { $0.snapshots = ["1-1"] }
    return fixture
  }

  @Test(
    "The machine table",
    arguments: [
      (.run, "run", "run"), (.machine, "0", "1"), (.rateHz, "2", "4"), (.seed, "7", "7"),
      (.runtime, "threads", "threads"),
      (.events, "3", "6"), (.internal, "1", "5"), (.sends, "1", "1"), (.receives, "1", "0"),
      (.finalClock, "5", "6"),
      // Machine 0's readings are 1, 4, 5: jumps of 3 and 1.
      (.jumpMean, "2", "1"), (.jumpP50, "1", "1"), (.jumpP95, "3", "1"),
      (.jumpMax, "3", "1"),
      // A line through three readings at equal distances: (5 − 1) / 1.0000002 s.
      (.clockRateHz, "3.99999920000", "4"),
      // The other machine's readings at machine 0's events are 2, 4 and 6.
      (.driftMean, "0.666666666667", "0"), (.driftMax, "1", "0"), (.driftFinal, "1", "0"),
      (.queueMean, "2", ""), (.queueP95, "2", ""), (.queueMax, "2", "0"),
      (.queueFinal, "0", "0"), (.predictedQueueFinal, "0", "0"),
      // From 100 to 300 ns in 1.0000002 s.
      (.tickRateErrorPpm, "0.199999960000", "0"),
      (.latenessP50Us, "0.2", "0"), (.latenessP99Us, "0.3", "0"),
      (.latenessMaxUs, "0.3", "0"),
    ] as [(MachineColumn, String, String)])
  func machineTable(column: MachineColumn, first: String, second: String) throws {
    let rows = try Self.fixture.findings().machines
    #expect(rows.count == 2)
    for (row, expected) in zip(rows, [first, second]) {
      let text = row[column].text
      if let number = Double(expected), let found = Double(text) {
        #expect(abs(number - found) < 1e-11 * max(1, abs(number)))
      } else {
        #expect(text == expected)
      }
    }
  }

  @Test("The other tables, byte for byte")
  func tables() throws {
    try withTemporaryDirectory { directory in
      try Self.fixture.write(to: directory + "/hand, made")
      let tables = try TableFiles { name throws(SystemError) in
        try AtomicFile(directory + "/" + name)
      }
      _ = try RunFindings(
        of: StoredRun(RunDirectory(path: directory + "/hand, made")),
        RunFindings.Options(tables: tables))
      for file in tables.end() { try file.finish() }
      func text(_ name: String) throws -> String {
        String(decoding: try FileSystem.contents(directory + "/" + name), as: UTF8.self)
      }
      #expect(
        try text("jumps.csv") == """
          run,machine,jump,count
          "hand, made",0,1,1
          "hand, made",0,3,1
          "hand, made",1,1,5

          """)
      #expect(
        try text("channels.csv") == """
          run,source,target,sent,received,undelivered
          "hand, made",0,1,1,0,1
          "hand, made",1,0,1,1,0

          """)
      #expect(
        try text("timeline.csv") == """
          run,machine,elapsed_s,clock,drift,queue_length
          "hand, made",1,0.25,1,0,0
          "hand, made",1,0.5,2,0,0
          "hand, made",0,0.5000001,1,1,0
          "hand, made",1,0.75,3,0,0
          "hand, made",1,1,4,0,0
          "hand, made",0,1.0000002,4,0,2
          "hand, made",1,1.25,5,0,0
          "hand, made",1,1.5,6,0,0
          "hand, made",0,1.5000003,5,1,0

          """)
      #expect(
        try text("snapshots.csv") == """
          run,id,initiator,status,latency_us,machines,inbox_messages,channel_messages
          "hand, made",1-1,1,partial,1.5,1,0,0

          """)
      let machines = try text("machines.csv").split(separator: "\n")
      #expect(machines.count == 3)
      #expect(
        machines[0] == """
          run,machine,rate_hz,seed,runtime,events,internal,sends,receives,final_clock,jump_mean,\
          jump_p50,jump_p95,jump_max,clock_rate_hz,drift_mean,drift_max,drift_final,queue_mean,\
          queue_p95,queue_max,queue_final,predicted_queue_final,tick_rate_error_ppm,\
          lateness_p50_us,lateness_p99_us,lateness_max_us
          """)
      #expect(
        machines[2].hasPrefix("\"hand, made\",1,4,7,threads,6,5,1,0,6,1,1,1,1,4,0,0,0,,,0,0,0"))
    }
  }

  @Test("Its checks hold")
  func checks() throws {
    let verdicts = try Self.fixture.findings().verdicts
    #expect(
      verdicts.map(\.check)
        == ["clock", "delivery", "pace", "cut", "channels", "money", "manifest"])
    // A partial snapshot proves no complete one.
    #expect(
      verdicts.map(\.verdict.word) == ["ok", "ok", "ok", "vacuous", "vacuous", "vacuous", "ok"])
  }

  @Test("Events of the same instant count in the order of machine id")
  func sameInstant() throws {
    let rows = try RunFixture(
      rates: [1, 1, 1],
      journals: [
        ["1,5,internal,1,0,,"],
        ["1,4,internal,1,0,,", "2,5,internal,2,0,,"],
        ["1,5,internal,1,0,,"],
      ]
    ).findings().machines
    // Machine 0 does not see machine 1's event at the same instant; machine 2 does.
    #expect(rows.map { $0[.driftFinal].text } == ["0", "0", "1"])
  }

  @Test("A machine without events has empty figures; one event has no jump and no slope")
  func fewEvents() throws {
    let rows = try RunFixture(
      rates: [1, 1], journals: [[], ["1,1000000000,internal,1,0,,"]]
    ).findings().machines
    let texts = rows.map { row in
      MachineColumn.columns(named: false).dropFirst(5).map { row[$0].text }.joined(separator: ",")
    }
    #expect(texts[0] == "0,0,0,0,,,,,,,,,,,,,,0,,,,")
    #expect(texts[1] == "1,1,0,0,1,,,,,,0,0,0,,,0,0,0,,0,0,0")
  }

  @Test("Without a start time there is no lateness, and elapsed time counts from the first event")
  func noStartTime() throws {
    var fixture = Self.fixture
    fixture.startTime = nil
    fixture.status = .running
    let findings = try fixture.findings()
    #expect(findings.machines[0][.latenessMaxUs] == .none)
    #expect(findings.machines[0][.tickRateErrorPpm] == .none)
    #expect(findings.warnings.count == 1)
    #expect(findings.verdicts.last?.verdict == .vacuous)
  }

  @Test("Times that go back are measured, and later events still see earlier ones")
  func timesGoingBack() throws {
    let rows = try RunFixture(
      rates: [1, 1],
      journals: [
        ["1,3000000000,internal,1,0,,", "2,1000000000,internal,2,0,,", "3,4,internal,3,0,,"],
        ["1,2000000000,internal,1,0,,", "2,3500000000,internal,2,0,,"],
      ]
    ).findings().machines
    #expect(rows[0][.driftFinal] == .count(0))
    #expect(rows[1][.driftFinal] == .count(1))
    #expect(rows[0][.latenessMaxUs] == .number(2_000_000))
  }

  @Test("Readings up to 2⁶³ − 1 are measured; jumps and drift keep every digit")
  func hugeClocks() throws {
    let rows = try RunFixture(
      rates: [1, 1],
      journals: [
        ["1,1,internal,1,0,,", "2,2,receive,9223372036854775807,0,1,9223372036854775806"],
        ["1,3,internal,0,0,,", "2,4,internal,5,0,,"],
      ]
    ).findings().machines
    #expect(rows[0][.jumpMax].text == "9223372036854775806")
    #expect(rows[1][.driftMax].text == "9223372036854775807")
    #expect(rows[1][.driftFinal].text == "9223372036854775802")
  }

  @Test("A tick that no run can reach is an error with file and line")
  func hugeTick() throws {
    let fixture = RunFixture(
      rates: [1], journals: [["1,1,internal,1,0,,", "9223372036854775807,2,internal,2,0,,"]])
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect(
      "\(error)".hasSuffix(
        "line 3, column 'tick': 9223372036854775807 does not fit: no run lasts that long"))
  }
}
