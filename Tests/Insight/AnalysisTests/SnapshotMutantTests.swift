import RunRecord
import SystemCalls
import Testing
import TextFormats

@testable import Analysis

/// A bank of two machines with one snapshot, and what can be wrong with it.
@Suite("Snapshot checks reject mutants")
struct SnapshotMutantTests {
  private static let journals = SampleBank.journals
  private static let snapshot = SampleBank.snapshot

  private static func file(_ text: String = Self.snapshot) throws -> SnapshotFile {
    try JSONText.decode(Array(text.utf8), path: "0-1.json")
  }

  private static func fixture(_ journals: [[String]] = Self.journals) throws -> RunFixture {
    var fixture = RunFixture(rates: [10, 10], journals: journals)
    fixture.header += ",amount,balance"
    fixture.adjust = {
      $0.plan.balance = 100
      for (index, balance) in [75, 125].enumerated() where $0.machines.count > index {
        $0.machines[index].finalBalance = Int64(balance)
      }
    }
    fixture.snapshots = [try file()]
    return fixture
  }

  @Test("The undamaged run passes", arguments: ["delivery", "cut", "channels", "manifest"])
  func unharmed(check: String) throws {
    #expect(try Self.fixture().verdict(of: check) == "ok")
  }

  /// A change of the snapshot, and the verdict of a check on it.
  struct FileMutant: Sendable {
    let name: String
    let check: String
    let verdict: String
    let change: @Sendable (inout SnapshotFile) -> Void

    init(
      _ name: String, _ check: String, _ verdict: String,
      _ change: @escaping @Sendable (inout SnapshotFile) -> Void
    ) {
      (self.name, self.check, self.verdict, self.change) = (name, check, verdict, change)
    }
  }

  /// A message on channel 1→0 as the file has it, with another reading and amount.
  private static func message(
    _ reading: UInt64, _ amount: Int64, in file: SnapshotFile
  ) -> SnapshotFile.Message {
    var message = file.channels[1].messages[0]
    message.message = reading
    message.amount = amount
    return message
  }

  @Test(
    "A snapshot that disagrees with the journals",
    arguments: [
      FileMutant(
        "a record that stops early", "channels",
        "0-1.json: channel 1→0: 0 messages in inbox and channel; of 1 sent before the cut 0 were "
          + "received, so 1 cross it", { $0.channels[1].messages = [] }),
      FileMutant(
        "a message dropped from an inbox", "channels",
        "0-1.json: channel 0→1: 0 messages in inbox and channel; of 2 sent before the cut 1 were "
          + "received, so 1 cross it", { $0.machines[1].inbox = [] }),
      FileMutant(
        "a message dropped from an inbox", "cut",
        "machine-1.csv:4: snapshot 0-1 has its cut here, but the queue_length is 1; "
          + "the file says 0", { $0.machines[1].inbox = [] }),
      FileMutant(
        "a late marker: a message sent after it is on its channel", "channels",
        "0-1.json: messages[0] of channel 0→1, 0:3: machine 0 did not send it to machine 1 before "
          + "its cut", { $0.channels[0].messages = [message(3, 10, in: $0)] }),
      FileMutant(
        "a message received before the cut", "channels",
        "0-1.json: messages[0] of channel 0→1, 0:1: it was received before the cut",
        { $0.channels[0].messages = [message(1, 10, in: $0)] }),
      FileMutant(
        "a wrong message of the same value", "channels",
        "0-1.json: inbox[0] of machine 1, 0:1: it was received before the cut",
        { $0.machines[1].inbox[0].message = 1 }),
      FileMutant(
        "an invented message", "channels",
        "0-1.json: messages[1] of channel 1→0, 1:4: machine 1 did not send it to machine 0 before "
          + "its cut", { $0.channels[1].messages.append(message(4, 5, in: $0)) }),
      FileMutant(
        "a wrong amount", "channels", "0-1.json: message 1:3 carries 6; its send says 5",
        { $0.channels[1].messages[0].amount = 6 }),
      FileMutant(
        "no amount", "channels", "0-1.json: message 1:3 carries nothing; its send says 5",
        { $0.channels[1].messages[0].amount = nil }),
      FileMutant(
        "a message moved from inbox to channel", "cut",
        "machine-1.csv:4: snapshot 0-1 has its cut here, but the queue_length is 1; "
          + "the file says 0",
        {
          $0.machines[1].inbox = []
          $0.channels[0].messages = [message(2, 10, in: $0)]
        }),
      FileMutant(
        "a message moved from inbox to channel", "channels",
        "0-1.json: messages[0] of channel 0→1, 0:2: the first marker came behind it on that channel",
        {
          $0.machines[1].inbox = []
          $0.channels[0].messages = [message(2, 10, in: $0)]
        }),
      FileMutant(
        "a wrong clock", "cut",
        "machine-0.csv:4: snapshot 0-1 has its cut here, but the clock is 2; the file says 3",
        { $0.machines[0].clock = 3 }),
      FileMutant(
        "a wrong tick", "cut",
        "machine-0.csv:4: snapshot 0-1 has its cut here, but the tick is 2; the file says 1",
        { $0.machines[0].tick = 1 }),
      FileMutant(
        "a wrong balance", "cut",
        "machine-0.csv:4: snapshot 0-1 has its cut here, but the balance is 80; the file says 90",
        { $0.machines[0].balance = 90 }),
      FileMutant(
        "a cut too late", "cut",
        "machine-0.csv:4: the line is of snapshot 0-1, which puts its cut at line 5",
        { $0.machines[0].events = 3 }),
      FileMutant(
        "a cut too early", "cut",
        "machine-1.csv:3: snapshot 0-1 has its cut here, but the event is 'send'",
        { $0.machines[1].events = 1 }),
      FileMutant(
        "a cut behind the end", "cut",
        "machine-1.csv:4: the line is of snapshot 0-1, which puts its cut at line 102",
        { $0.machines[1].events = 100 }),
    ])
  func wrongFile(mutant: FileMutant) throws {
    var fixture = try Self.fixture()
    mutant.change(&fixture.snapshots[0])
    #expect(try fixture.verdict(of: mutant.check) == mutant.verdict, "\(mutant.name)")
  }

  @Test(
    "A journal that disagrees with the snapshot",
    arguments: [
      (0, 4, [], "machine-0.csv:4: snapshot 0-1 has its cut here, but the event is 'send'"),
      (
        0, 4, ["2,25,snapshot,2,0,,0-2,,80"],
        "machine-0.csv:4: snapshot 0-1 has its cut here, but the line is of snapshot 0-2"
      ),
      (
        0, 6, ["4,40,receive,4,0,1,3,5,75", "4,41,snapshot,4,0,1,2-1,,75"],
        "machine-0.csv:7: the line is of snapshot 2-1, which the manifest does not list"
      ),
      (
        0, 6, ["4,40,receive,4,0,1,3,5,75", "4,41,snapshot,4,0,1,0-1,,75"],
        "machine-0.csv:7: the line is of snapshot 0-1, which puts its cut at line 4"
      ),
      (
        1, 4, ["2,26,snapshot,3,1,,0-1,,105"],
        "machine-1.csv:4: snapshot 0-1 has its cut here, "
          + "but no marker came first; only the initiator needs none"
      ),
      (
        0, 4, ["2,25,snapshot,2,0,1,0-1,,80"],
        "machine-0.csv:4: snapshot 0-1 has its cut here, "
          + "but a marker came first; the initiator needs none"
      ),
      (
        1, 4, ["2,26,snapshot,3,1,7,0-1,,105"],
        "machine-1.csv:4: snapshot 0-1 has its cut here, "
          + "but its marker came from machine 7, which has no channel to it"
      ),
      (
        1, 4, ["2,21,snapshot,3,1,0,0-1,,105"],
        "machine-1.csv:4: the snapshot's line is earlier than the line before it"
      ),
      // Machine 1 receives 0:3 before its cut; machine 0 sent it after its own.
      (
        1, 4, ["3,26,receive,4,1,0,3,10,125", "3,27,snapshot,4,1,0,0-1,,125"],
        "machine-1.csv:4: snapshot 0-1 has its cut here, but the event is 'receive'"
      ),
    ] as [(Int, Int, [String], String)])
  func wrongJournal(machine: Int, line: Int, replacement: [String], verdict: String) throws {
    var journals = Self.journals
    journals[machine].replaceSubrange(line - 2...line - 2, with: replacement)
    #expect(try Self.fixture(journals).verdict(of: "cut") == verdict)
  }

  @Test("A journal that ends before the cut")
  func shortJournal() throws {
    var journals = Self.journals
    journals[1].removeSubrange(2...)
    #expect(
      try Self.fixture(journals).verdict(of: "cut")
        == "machine-1.csv:3: the journal ends here; snapshot 0-1 puts its cut at line 4")
  }

  /// Machine 0 recorded before it sent 10, machine 1 after it had received them and sent 10 back:
  /// 100 and 100, as at the start, and all clocks and places are true.
  @Test("A cut that balances to the penny, with a receipt before it and its send after it")
  func balancedButInconsistent() throws {
    var fixture = try Self.fixture([
      ["0,5,snapshot,0,0,,0-1,,100", "1,10,send,1,0,1,1,10,90", "2,40,receive,4,0,1,3,10,100"],
      [
        "1,12,receive,2,0,0,1,10,110", "2,22,send,3,0,0,3,10,100", "2,26,snapshot,3,0,0,0-1,,100",
      ],
    ])
    fixture.snapshots[0].machines[0].clock = 0
    fixture.snapshots[0].machines[0].tick = 0
    fixture.snapshots[0].machines[0].events = 0
    fixture.snapshots[0].machines[0].balance = 100
    fixture.snapshots[0].machines[1].balance = 100
    fixture.snapshots[0].machines[1].inbox = []
    fixture.snapshots[0].channels[1].messages = []
    fixture.adjust = {
      $0.plan.balance = 100
      for index in $0.machines.indices { $0.machines[index].finalBalance = 100 }
    }
    for check in ["clock", "delivery", "pace", "manifest"] {
      #expect(try fixture.verdict(of: check) == "ok")
    }
    #expect(
      try fixture.verdict(of: "cut")
        == "machine-1.csv:2: received 1 from machine 0 before the cut of snapshot 0-1; "
        + "machine 0 passed that cut at 0, before sending it")
    #expect(
      try fixture.verdict(of: "channels")
        == "0-1.json: channel 1→0: 0 messages in inbox and channel; of 1 sent before the cut 0 were "
        + "received, so 1 cross it")
    // With that message listed, the problem left is that machine 1 has received too much.
    fixture.snapshots[0].channels[1].messages = [Self.message(3, 10, in: try Self.file())]
    #expect(
      try fixture.verdict(of: "channels")
        == "0-1.json: channel 0→1: 1 message was received before the cut, but only 0 were sent")
  }

  @Test("Only channels that are counted as empty may be left out")
  func emptyChannels() throws {
    var fixture = try Self.fixture()
    fixture.snapshots[0].channels.removeFirst()
    fixture.snapshots[0].emptyChannels = 1
    #expect(try fixture.verdict(of: "channels") == "ok")
    fixture.snapshots[0].channels = []
    fixture.snapshots[0].emptyChannels = 2
    #expect(try fixture.verdict(of: "channels").hasPrefix("0-1.json: channel 1→0: 0 messages in"))
  }

  @Test("Two messages of different channels in the wrong order in an inbox")
  func wrongOrderBetweenChannels() throws {
    var fixture = RunFixture(
      rates: [1, 1, 1],
      journals: [
        ["0,5,snapshot,0,2,,0-1", "1,10,receive,2,1,1,1", "2,20,receive,3,0,2,1"],
        ["1,1,send,1,0,0,1", "1,6,snapshot,1,0,0,0-1"],
        ["1,2,send,1,0,0,1", "1,6,snapshot,1,0,0,0-1"],
      ])
    let order = { (first: Int, second: Int) in
      """
      {"schema": 1, "id": "0-1", "initiator": 0, "status": "complete",
       "requested_time_ns": 5, "completed_time_ns": 7, "empty_channels": 6, "channels": [],
       "machines": [
         {"id": 0, "clock": 0, "tick": 0, "events": 0,
          "inbox": [{"source": \(first), "message": 1}, {"source": \(second), "message": 1}]},
         {"id": 1, "clock": 1, "tick": 1, "events": 1, "inbox": []},
         {"id": 2, "clock": 1, "tick": 1, "events": 1, "inbox": []}]}
      """
    }
    fixture.snapshots = [try Self.file(order(1, 2))]
    #expect(try fixture.verdict(of: "channels") == "ok")
    fixture.snapshots = [try Self.file(order(2, 1))]
    #expect(try fixture.verdict(of: "cut") == "ok")
    #expect(
      try fixture.verdict(of: "channels")
        == "0-1.json: inbox[0] of machine 0, 2:1: machine 0 received 1:1 at that turn "
        + "(line 3 of its journal)")
  }

  @Test("A manifest that lists other snapshots than the files")
  func manifest() throws {
    var fixture = try Self.fixture()
    fixture.adjust = { $0.snapshots.append("1-1") }
    let missing = try fixture.verdict(of: "manifest")
    #expect(missing.hasPrefix("run.json: it lists snapshot 1-1, but '"))
    #expect(missing.hasSuffix("/run/snapshots/1-1.json' does not exist"))
    fixture.adjust = { $0.snapshots.append("0-1") }
    let doubled = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect(
      "\(doubled)".hasSuffix("/run.json', column 'snapshots[1]': snapshot 0-1 is listed twice"))
    fixture.adjust = { $0.snapshots = [] }
    #expect(
      try fixture.verdict(of: "manifest").hasPrefix("run.json: it does not list snapshot 0-1, but"))
    fixture.adjust = { $0.snapshots = ["one"] }
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect(
      "\(error)".hasSuffix(
        "/run.json', column 'snapshots[0]': 'one' is not a snapshot's id, "
          + "which is <initiator>-<number>"))
  }

  @Test("A partly written file, or another file, is no snapshot")
  func filesLeftOut() throws {
    var fixture = try Self.fixture()
    fixture.otherFiles = [("snapshots/0-2.json.partial", "{"), ("snapshots/notes.txt", "x")]
    #expect(try fixture.verdict(of: "manifest") == "ok")
    #expect(try fixture.verdict(of: "channels") == "ok")
  }

  /// A file that no run writes, and the key that the error names.
  struct Damage: Sendable {
    let location: String
    let problem: String
    let replace: (String, String)
    var name = "0-1.json"
  }

  @Test(
    "The error for a damaged file names the file and the key",
    arguments: [
      Damage(location: "0-1.json', line ", problem: "", replace: ("}]}]}", "")),
      Damage(
        location: "0-1.json', column 'schema': ",
        problem: "schema 2 is not one this version reads (1)",
        replace: (#""schema": 1"#, #""schema": 2"#)),
      Damage(
        location: "0-2.json', column 'id': ", problem: "it is snapshot 0-1, not 0-2",
        replace: ("", ""),
        name: "0-2.json"),
      Damage(
        location: "0-01.json': ", problem: "a snapshot's file is named for its id",
        replace: ("", ""),
        name: "0-01.json"),
      Damage(
        location: "0-1.json', column 'id': ", problem: "A snapshot id reads like 0-1, not 0_1",
        replace: (#""id": "0-1""#, #""id": "0_1""#)),
      Damage(
        location: "0-1.json', column 'machines[1].id': ",
        problem: "there is no machine 2 in the run",
        replace: (#"{"id": 1"#, #"{"id": 2"#)),
      Damage(
        location: "0-1.json', column 'machines[1].id': ",
        problem: "machine 0 has two states in one snapshot",
        replace: (#"{"id": 1"#, #"{"id": 0"#)),
      Damage(
        location: "0-1.json', column 'machines[1].clock': ", problem: "the key is missing",
        replace: (#""clock": 3, "#, "")),
      Damage(
        location: "0-1.json', column 'machines[0].events': ",
        problem: "no journal has so many lines",
        replace: (#""events": 2, "inbox""#, #""events": 18446744073709551615, "inbox""#)),
      Damage(
        location: "0-1.json', column 'machines[1].inbox[0].source': ",
        problem: "the run has no channel 1→1",
        replace: (#"[{"source": 0, "#, #"[{"source": 1, "#)),
      Damage(
        location: "0-1.json', column 'machines[1].inbox[0].source': ",
        problem: "the key is missing",
        replace: (#"[{"source": 0, "#, "[{")),
      Damage(
        location: "0-1.json', column 'channels[0]': ", problem: "the run has no channel 0→5",
        replace: (#""target": 1"#, #""target": 5"#)),
      Damage(
        location: "0-1.json', column 'channels[1]': ",
        problem: "channel 0→1 has two states in one snapshot",
        replace: (#""source": 1, "target": 0"#, #""source": 0, "target": 1"#)),
      Damage(
        location: "0-1.json', column 'channels': ",
        problem: "0→1 is missing; a complete snapshot has every channel",
        replace: (#"{"source": 0, "target": 1, "messages": []},"#, "")),
      Damage(
        location: "0-1.json', column 'machines': ",
        problem: "machine 0 is missing; a complete snapshot has every machine",
        replace: (
          #"{"id": 0, "clock": 2, "tick": 2, "events": 2, "inbox": [], "balance": 80},"#, ""
        )),
      Damage(
        location: "0-1.json', column 'empty_channels': ",
        problem: "1 besides the 2 that are listed",
        replace: (#""machines""#, #""empty_channels": 1, "machines""#)),
      Damage(
        location: "0-1.json', column 'reason': ", problem: "a complete snapshot lacks nothing",
        replace: (#""machines""#, #""reason": "channel 0→1: run ended", "machines""#)),
      Damage(
        location: "0-1.json', column 'completed_time_ns': ",
        problem: "it is before requested_time_ns",
        replace: (#""completed_time_ns": 43"#, #""completed_time_ns": 23"#)),
      Damage(
        location: "7-1.json', column 'initiator': ", problem: "there is no machine 7 in the run",
        replace: (#""id": "0-1", "initiator": 0"#, #""id": "7-1", "initiator": 7"#),
        name: "7-1.json"),
    ])
  func damaged(damage: Damage) throws {
    var fixture = try Self.fixture()
    fixture.snapshots = []
    let text = Self.snapshot.replacing(damage.replace.0, with: damage.replace.1, maxReplacements: 1)
    if !damage.replace.0.isEmpty { #expect(text != Self.snapshot) }
    fixture.otherFiles = [
      ("snapshots/\(damage.name)", damage.replace.0.isEmpty ? Self.snapshot : text)
    ]
    let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
    #expect("\(error)".contains("/run/snapshots/\(damage.location)\(damage.problem)"), "\(error)")
    // The machine table needs no snapshot.
    #expect(try fixture.findings(checks: false).machines.count == 2)
  }
}
