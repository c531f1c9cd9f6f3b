import RunRecord
import ScaleModel
import Snapshots
import SystemCalls
import TestSupport
import Testing

@testable import Analysis

/// The order of all events of a run when causes are in other journals.
@Suite("Events, causes first")
struct CausalEventsTests {
  /// The events as `machine:reading`, snapshots with an `s`.
  private static func order(
    _ journals: [[String]], _ window: TimeWindow = TimeWindow(), startTime: Int64 = 0
  ) throws -> [String] {
    var fixture = RunFixture(rates: journals.map { _ in 1 }, journals: journals)
    fixture.startTime = startTime
    return try withTemporaryDirectory { directory in
      try fixture.write(to: directory + "/run")
      let run = try StoredRun(RunDirectory(path: directory + "/run"))
      let events = try CausalEvents(of: run, in: window)
      var order: [String] = []
      while let event = try events.next() {
        order.append(
          "\(event.machine):\(event.line.clock)\(event.line.kind == .snapshot ? "s" : "")")
      }
      return order
    }
  }

  @Test("By time, then by machine; a receipt waits for its send, a snapshot for its marker's")
  func causesFirst() throws {
    // Machine 0's wall clock is behind: it receives before machine 1 sends.
    let order = try Self.order([
      ["1,10,receive,6,0,1,5", "1,11,snapshot,6,0,1,1-1", "2,12,internal,7,0,,"],
      ["1,5,internal,1,0,,", "2,20,send,5,0,0,5", "2,30,snapshot,5,0,,1-1", "3,30,internal,6,0,,"],
      ["1,5,internal,1,0,,", "2,25,internal,2,0,,"],
    ])
    #expect(
      order == ["1:1", "2:1", "1:5", "0:6", "2:2", "1:5s", "0:6s", "0:7", "1:6"])
  }

  @Test(
    "Invented causes in a damaged journal hold no event back, and none is left out",
    arguments: [
      // Each receives what the other sends only afterwards.
      [
        ["1,1,receive,10,0,1,9", "2,2,send,11,0,1,11"],
        ["1,1,receive,12,0,0,11", "2,2,send,9,0,0,9"],
      ],
      // From itself, from a machine that does not exist, and messages that were never sent.
      [["1,1,receive,9,0,0,8"], ["1,1,receive,9,0,7,8", "2,2,receive,99,0,0,98"]],
      // A marker that was never sent, times that go back, readings that go back.
      [
        ["1,9,internal,5,0,,", "1,3,snapshot,5,0,1,1-7", "2,1,internal,2,0,,"],
        ["1,4,receive,6,0,0,5"],
      ],
      [["1,1,receive,9223372036854775807,0,1,9223372036854775806"], []],
      [[], []],
    ])
  func nothingIsLeftOut(journals: [[String]]) throws {
    let order = try Self.order(journals)
    #expect(order.count == journals.joined().count)
    for machine in journals.indices {
      let own = order.filter { $0.hasPrefix("\(machine):") }
      #expect(own.count == journals[machine].count)
    }
  }

  @Test(
    "A window counts from the run's start, and keeps a machine's lines together",
    arguments: [
      (nil, nil, ["0:1", "0:2", "0:3", "0:4"]), (5, nil, ["0:2", "0:3", "0:4"]),
      (nil, 8, ["0:1"]), (6, 9, ["0:2", "0:3"]), (100, 200, []), (.max, .max, []),
    ] as [(Int64?, Int64?, [String])])
  func window(from: Int64?, to: Int64?, expected: [String]) throws {
    // The third line's time goes back; it stays after the second.
    let lines = [
      "1,1001,internal,1,0,,", "2,1008,internal,2,0,,", "3,1003,internal,3,0,,",
      "4,1009,internal,4,0,,",
    ]
    #expect(
      try Self.order([lines], TimeWindow(from: from, to: to), startTime: 1000) == expected)
  }

  @Test("In a long run with snapshots every cause comes before its effect")
  func longRun() throws {
    let run = try ModelRun(
      rates: [90, 40, 70, 10], seconds: 20, seed: 5, delay: Delay("~200ms") ?? .none,
      snapshots: [(3000, 0), (9000, 2), (9010, 3)])
    let journals = run.journals
    try withTemporaryDirectory { directory in
      try run.fixture.write(to: directory + "/run")
      let recorded = try StoredRun(RunDirectory(path: directory + "/run"))
      let events = try CausalEvents(of: recorded)
      var sent: Set<[UInt64]> = []
      var count = 0
      while let event = try events.next() {
        count += 1
        let line = event.line
        if line.kind == .send { sent.insert([UInt64(event.machine.index), line.messageReading]) }
        if line.kind == .receive {
          #expect(sent.contains([UInt64(line.peerNumber), line.messageReading]))
        }
        if let next = event.nextTime { #expect(next >= event.time) }
      }
      #expect(count == journals.joined().count && count > 4000)
    }
  }
}
