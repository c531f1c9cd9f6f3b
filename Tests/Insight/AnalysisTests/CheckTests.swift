import LogicalTime
import RunRecord
import ScaleModel
import TestSupport
import Testing

@testable import Analysis

/// Good runs pass every check; each mutant fails the right check, at the right line.
@Suite("Checks reject mutants")
struct CheckTests {
  /// Two machines that exchange a few messages.
  private static let good = [
    [
      "1,10,send,1,0,1,1",
      "2,20,send,2,0,*,2",
      "3,30,internal,3,0,,",
      "4,40,receive,6,1,1,5",
      "5,50,receive,7,0,1,6",
      "6,60,send,8,0,1,8",
    ],
    [
      "1,11,receive,2,1,0,1",
      "2,21,receive,3,0,0,2",
      "3,31,internal,4,0,,",
      "4,36,send,5,0,0,5",
      "5,37,send,6,0,*,6",
      "5,38,snapshot,6,0,,1-1",
      "6,70,receive,9,0,0,8",
    ],
  ]

  private static func fixture(_ journals: [[String]] = Self.good) -> RunFixture {
    RunFixture(rates: [10, 10], journals: journals)
  }

  /// The good run with one line of one journal replaced by others.
  private static func mutant(machine: Int, line: Int, _ replacement: String...) -> RunFixture {
    var journals = good
    journals[machine].replaceSubrange(line - 2...line - 2, with: replacement)
    return fixture(journals)
  }

  @Test("The undamaged run passes", arguments: ["clock", "delivery", "pace", "manifest"])
  func good(check: String) throws {
    #expect(try Self.fixture().verdict(of: check) == "ok")
  }

  @Test(
    "A wrong reading",
    arguments: [
      (0, 4, "3,30,internal,4,0,,", "the clock reads 4; after 2 the next event reads 3"),
      (0, 4, "3,30,internal,2,0,,", "the clock reads 2; after 2 the next event reads 3"),
      (0, 2, "1,10,send,0,0,1,0", "the clock reads 0; after 0 the next event reads 1"),
      (0, 2, "1,10,send,1,0,1,2", "the message carries 2; its send reads 1"),
      (0, 5, "4,40,receive,5,1,1,5", "the clock reads 5; after 3, receiving 5 reads 6"),
      (0, 5, "4,40,receive,7,1,1,5", "the clock reads 7; after 3, receiving 5 reads 6"),
      (1, 3, "2,21,receive,4,0,0,2", "the clock reads 4; after 2, receiving 2 reads 3"),
      (1, 7, "5,38,snapshot,7,0,,1-1", "the clock reads 7; a snapshot leaves it at 6"),
      (
        1, 4, "3,31,deposit,9,0,,",
        "the clock reads 9; after 3 the next event reads 4"
      ),
    ])
  func wrongReading(machine: Int, line: Int, replacement: String, problem: String) throws {
    let verdict = try Self.mutant(machine: machine, line: line, replacement).verdict(of: "clock")
    #expect(verdict == "machine-\(machine).csv:\(line): \(problem)")
  }

  @Test(
    "A skipped, repeated or invented tick",
    arguments: [
      (0, 2, "2,10,send,1,0,1,1", "the tick is 2, expected 1"),
      (0, 2, "0,10,send,1,0,1,1", "the tick is 0, expected 1"),
      (0, 4, "4,30,internal,3,0,,", "the tick is 4, expected 3"),
      (0, 4, "2,30,internal,3,0,,", "the tick is 2, expected 3"),
      (
        1, 7, "6,38,snapshot,6,0,,1-1",
        "the tick is 6; a snapshot takes none, so it stays 5"
      ),
    ])
  func wrongTick(machine: Int, line: Int, replacement: String, problem: String) throws {
    let verdict = try Self.mutant(machine: machine, line: line, replacement).verdict(of: "pace")
    #expect(verdict == "machine-\(machine).csv:\(line): \(problem)")
  }

  @Test("A lost message: the receipt of the first is missing")
  func lost() throws {
    let verdict = try Self.mutant(machine: 1, line: 2).verdict(of: "delivery")
    #expect(
      verdict
        == "machine-1.csv:2: received 2 from machine 0, whose next message to machine 1 is 1")
  }

  @Test("A doubled message")
  func doubled() throws {
    let verdict = try Self.mutant(
      machine: 1, line: 3, "2,21,receive,3,0,0,2", "3,22,receive,4,0,0,2"
    ).verdict(of: "delivery")
    #expect(
      verdict
        == "machine-1.csv:4: received 2 from machine 0, whose next message to machine 1 is 8")
  }

  @Test("An invented message, after the last that was sent")
  func invented() throws {
    var journals = Self.good
    journals[0].append("7,80,receive,10,0,1,9")
    let verdict = try Self.fixture(journals).verdict(of: "delivery")
    #expect(
      verdict
        == "machine-0.csv:8: received 9 from machine 1, which sent no such message to machine 0")
  }

  @Test("Two messages in the wrong order")
  func reordered() throws {
    var journals = Self.good
    journals[0][3] = "4,40,receive,7,1,1,6"
    journals[0][4] = "5,50,receive,8,0,1,5"
    let verdict = try Self.fixture(journals).verdict(of: "delivery")
    #expect(
      verdict
        == "machine-0.csv:5: received 6 from machine 1, whose next message to machine 0 is 5")
  }

  @Test("A message that was sent to another machine")
  func misdelivered() throws {
    var fixture = RunFixture(
      rates: [1, 1, 1],
      journals: [["1,10,send,1,0,2,1"], ["1,20,receive,2,0,0,1"], ["1,30,receive,2,0,0,1"]])
    #expect(
      try fixture.verdict(of: "delivery")
        == "machine-1.csv:2: received 1 from machine 0, which sent no such message to machine 1")
    fixture.journals[1] = ["1,20,internal,1,0,,"]
    #expect(try fixture.verdict(of: "delivery") == "ok")
  }

  @Test(
    "A channel that does not exist",
    arguments: [
      (0, "1,10,send,1,0,2,1", "sent to machine 2, but there is no channel to it"),
      (0, "1,10,send,1,0,9,1", "sent to machine 9, but there is no channel to it"),
      (0, "1,10,receive,2,0,2,1", "received from machine 2, but there is no channel from it"),
      (0, "1,10,receive,2,0,0,1", "received from machine 0, but there is no channel from it"),
    ])
  func noChannel(machine: Int, line: String, problem: String) throws {
    var fixture = RunFixture(rates: [1, 1, 1, 1], journals: [[line], [], [], []])
    fixture.topologyChoice = .ring
    #expect(try fixture.verdict(of: "delivery") == "machine-0.csv:2: \(problem)")
  }

  @Test("A receipt still has its send when wall clocks disagree")
  func clocksOutOfStep() throws {
    // Machine 0's wall clock is an hour ahead of machine 1's.
    var journals = Self.good
    journals[0] = journals[0].map { line in
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      fields[1] = "36000000000\(fields[1])"
      return fields.joined(separator: ",")
    }
    #expect(try Self.fixture(journals).verdict(of: "delivery") == "ok")
    journals[1].remove(at: 0)
    let verdict = try Self.fixture(journals).verdict(of: "delivery")
    #expect(verdict.hasPrefix("machine-1.csv:2: received 2"))
  }

  @Test(
    "A manifest that disagrees with the journals",
    arguments: [
      ManifestChange("machines[1].ticks is 7, its journal says 6", { $0.machines[1].ticks += 1 }),
      ManifestChange(
        "machines[0].final_clock is 7, its journal says 8", { $0.machines[0].finalClock -= 1 }),
      ManifestChange(
        "machines[0].final_queue_length is 3, its journal says 0",
        { $0.machines[0].finalQueueLength = 3 }),
      ManifestChange("machines[1].rate_hz is 9, the plan says 10", { $0.machines[1].rateHz = 9 }),
      ManifestChange("machines[0].id is 1, the plan says 0", { $0.machines.swapAt(0, 1) }),
      ManifestChange("it tells of 1 machine, expected 2", { $0.machines.removeLast() }),
      ManifestChange("it tells of 0 machines, expected 2", { $0.machines = [] }),
    ])
  func manifest(row: ManifestChange) throws {
    var fixture = Self.fixture()
    fixture.adjust = row.change
    #expect(try fixture.verdict(of: "manifest") == "run.json: \(row.expected)")
  }

  @Test("A check with nothing to look at is vacuous")
  func vacuous() throws {
    var fixture = RunFixture(rates: [1, 1], journals: [[], []])
    fixture.status = .running
    for check in ["clock", "delivery", "pace", "cut", "channels", "money", "manifest"] {
      #expect(try fixture.verdict(of: check) == "vacuous")
    }
    fixture.journals[0] = ["1,10,send,1,0,1,1"]
    #expect(try fixture.verdict(of: "delivery") == "vacuous")
    #expect(try fixture.verdict(of: "clock") == "ok")
  }

  @Test(
    "Runs of real machines pass, on every shape",
    arguments: [.complete, .ring, .star, .line, .random(neighbourCount: 2)] as [TopologyChoice],
    [1, 2])
  func realMachines(choice: TopologyChoice, seed: UInt64) throws {
    let fixture = try ModelRun(
      rates: [3, 40, 25, 60, 1, 17], seconds: 3, dieSides: 5, topologyChoice: choice, seed: seed
    ).fixture
    let verdicts = try fixture.findings().verdicts
    #expect(
      verdicts.map(\.check)
        == ["clock", "delivery", "pace", "cut", "channels", "money", "manifest"])
    #expect(
      verdicts.map(\.verdict.word) == ["ok", "ok", "ok", "vacuous", "vacuous", "vacuous", "ok"])
  }

  @Test(
    "Any receipt removed from a long run is missed",
    arguments: 1...(LongTests.areOn ? 12 : 4) as ClosedRange<UInt64>)
  func anyLostReceipt(seed: UInt64) throws {
    var fixture = try ModelRun(rates: [20, 50, 70], seconds: 5, seed: seed).fixture
    let receipts = fixture.journals[1].indices.filter {
      fixture.journals[1][$0].contains("receive")
    }
    // The last receipt of each channel could still be in transit; any earlier one is missed.
    let victim = receipts[Int(seed) * receipts.count / 16]
    fixture.journals[1].remove(at: victim)
    #expect(try fixture.verdict(of: "delivery").hasPrefix("machine-1.csv:"))
    #expect(
      try fixture.verdict(of: "pace") == "machine-1.csv:\(victim + 2): "
        + "the tick is \(victim + 2), expected \(victim + 1)")
  }
}
