import RunRecord
import ScaleModel
import Testing
import TextFormats

@testable import Analysis

/// A bank of two machines with one snapshot, and the ways to lose or invent money in it.
@Suite("The check money")
struct ConservationCheckTests {
  private static let journals = SampleBank.journals
  private static let snapshot = SampleBank.snapshot

  private static func fixture(_ journals: [[String]] = Self.journals) throws -> RunFixture {
    var fixture = RunFixture(rates: [10, 10], journals: journals)
    fixture.header += ",amount,balance"
    fixture.snapshots = [try JSONText.decode(Array(snapshot.utf8), path: "0-1.json")]
    fixture.adjust = { manifest in
      manifest.plan.workload = "bank"
      manifest.plan.balance = 100
      for (index, balance) in [75, 125].enumerated() where index < manifest.machines.count {
        manifest.machines[index].finalBalance = Int64(balance)
      }
    }
    return fixture
  }

  @Test("The undamaged run passes every check")
  func unharmed() throws {
    for (check, verdict) in try Self.fixture().findings().verdicts {
      #expect(verdict == .ok, "\(check)")
    }
  }

  @Test("Without a bank there is nothing to look at")
  func vacuous() throws {
    var fixture = try Self.fixture()
    fixture.adjust = { _ in }
    #expect(try fixture.verdict(of: "money") == "vacuous")
    fixture = try Self.fixture([[], []])
    fixture.snapshots = []
    #expect(try fixture.verdict(of: "money") == "vacuous")
  }

  @Test(
    "A journal with wrong money",
    arguments: [
      // A changed amount, at a send and at a receipt, alone and with the balance.
      (0, 2, "1,10,send,1,0,1,1,11,90", "machine-0.csv:2: the balance is 90; after 100 it is 89"),
      (1, 2, "1,12,receive,2,0,0,1,9,110", "machine-1.csv:2: the balance is 110; after 100 it is"),
      (
        1, 2, "1,12,receive,2,0,0,1,12,112",
        "machine-1.csv:2: received $12 in message 1 from machine 0, whose next transfer to it is "
          + "$10 in message 1"
      ),
      (0, 2, "1,10,send,1,0,1,1,0,100", "machine-0.csv:2: the amount is 0; only more than 0 can"),
      (0, 2, "1,10,send,1,0,1,1,-10,110", "machine-0.csv:2: the amount is -10; only more"),
      (0, 2, "1,10,send,1,0,1,1,,90", "machine-0.csv:2: the amount is missing"),
      (
        1, 6, "4,42,internal,5,1,,,7,122",
        "machine-1.csv:6: the amount is 7, and the event moves nothing"
      ),
      // A changed balance.
      (
        1, 6, "4,42,internal,5,1,,,,116", "machine-1.csv:6: the balance is 116; after 115 it is 115"
      ),
      (0, 4, "2,25,snapshot,2,0,,0-1,,81", "machine-0.csv:4: the balance is 81; after 80 it is 80"),
      (0, 5, "3,30,send,3,0,1,3,90,-10", "machine-0.csv:5: the balance is -10; an account holds"),
      (0, 6, "4,40,receive,4,0,1,3,5,", "machine-0.csv:6: the balance is missing"),
      (
        0, 6, "4,40,receive,4,0,1,3,9223372036854775807,75",
        "machine-0.csv:6: $70 and $9223372036854775807 do not fit 64 bits"
      ),
      // Money from nowhere, money to all, money of another message.
      (
        1, 6, "4,42,receive,5,0,0,9,10,125",
        "machine-1.csv:6: received $10 in message 9 from machine 0, whose next transfer"
      ),
      (0, 2, "1,10,send,1,0,*,1,10,90", "machine-0.csv:2: the money goes to all"),
      // Deposits and withdrawals are allowed; here the snapshot lacks a deposit.
      (
        0, 2, "1,10,deposit,1,0,,,10,90",
        "machine-0.csv:2: the balance is 90; after 100 it is 110"
      ),
    ])
  func wrongJournal(machine: Int, line: Int, replacement: String, verdict: String) throws {
    var journals = Self.journals
    journals[machine][line - 2] = replacement
    let found = try Self.fixture(journals).verdict(of: "money")
    #expect(found.hasPrefix(verdict), "\(found)")
  }

  @Test("A receipt without a send, and one that occurs twice")
  func receiptsTooMany() throws {
    var journals = Self.journals
    journals[1].append("6,62,receive,7,0,0,3,10,135")
    #expect(
      try Self.fixture(journals).verdict(of: "money")
        == "machine-1.csv:8: received $10 in message 3 from machine 0, which sent it no more money")
  }

  @Test("A receipt is right even when wall clocks disagree")
  func disagreeingTime() throws {
    var journals = Self.journals
    journals[0] = journals[0].map { line in
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      fields[1] = "1\(fields[1])00000000"
      return fields.joined(separator: ",")
    }
    #expect(try Self.fixture(journals).verdict(of: "money") == "ok")
  }

  /// A change of the snapshot, and the total that the check then finds.
  struct Mutant: Sendable {
    let name: String
    let total: Int
    let change: @Sendable (inout SnapshotFile) -> Void

    init(_ name: String, _ total: Int, _ change: @escaping @Sendable (inout SnapshotFile) -> Void) {
      (self.name, self.total, self.change) = (name, total, change)
    }
  }

  @Test(
    "A snapshot that finds more or less money",
    arguments: [
      Mutant("money doubled on a channel", 205) {
        $0.channels[0].messages = $0.channels[1].messages
      },
      Mutant("money doubled in an inbox", 210) { $0.machines[1].inbox += $0.machines[1].inbox },
      Mutant("money lost from a channel", 195) { $0.channels[1].messages = [] },
      Mutant("a balance changed", 199) { $0.machines[0].balance = 79 },
      Mutant("an amount changed", 201) { $0.machines[1].inbox[0].amount = 11 },
    ])
  func wrongSnapshot(mutant: Mutant) throws {
    var fixture = try Self.fixture()
    mutant.change(&fixture.snapshots[0])
    let verdict = try fixture.verdict(of: "money")
    #expect(verdict.hasPrefix("0-1.json: $"))
    #expect(verdict.hasSuffix(" are $\(mutant.total); there is $200"))
  }

  @Test("Another workload that conserves something has the check under its own name")
  func anotherWorkload() throws {
    func verdict(received level: Int) throws -> String {
      var fixture = RunFixture(
        rates: [1, 1],
        journals: [["1,10,send,1,0,1,1,2,3"], ["1,20,receive,2,0,0,1,2,\(level)"]])
      fixture.header += ",tokens,level"
      fixture.adjust = {
        let names = FieldNames(
          message: [FieldDeclaration("tokens", .integer)],
          state: [FieldDeclaration("level", .integer)],
          journaledState: [FieldDeclaration("level", .integer)])
        $0.plan.workload = "pouring"
        $0.plan.messageFields = names.message
        $0.plan.stateFields = names.state
        $0.plan.startStates = [[.integer(5)]]
        $0.plan.declaredConserved = ConservedQuantity(
          ConservedFields(
            message: 0, state: 0,
            words: .init(name: "tokens", symbol: "#", holder: "bucket", move: "pour")), names)
      }
      return try fixture.verdict(of: "tokens")
    }
    #expect(try verdict(received: 7) == "ok")
    #expect(
      try verdict(received: 8) == "machine-1.csv:2: the level is 8; after 5 it is 7 here")
  }

  @Test("A snapshot whose amount or balance is missing, or overflows")
  func uncountableSnapshot() throws {
    let changes: [(inout SnapshotFile) -> Void] = [
      { $0.machines[0].balance = nil }, { $0.machines[1].inbox[0].amount = nil },
      { $0.channels[1].messages[0].amount = .max },
    ]
    for change in changes {
      var fixture = try Self.fixture()
      change(&fixture.snapshots[0])
      #expect(
        try fixture.verdict(of: "money")
          == "0-1.json: a balance or an amount is missing, or their sum does not fit 64 bits")
    }
  }

  @Test("Deposits and withdrawals before a cut are part of its snapshot's sum")
  func byHand() throws {
    var journals = Self.journals
    journals[0] = [
      "1,5,deposit,1,0,,,30,130", "2,10,withdraw,2,0,,,10,120", "2,25,snapshot,2,0,,0-1,,120",
      "3,30,deposit,3,0,,,5,125",
    ]
    journals[1] = ["1,12,internal,1,0,,,,100", "1,26,snapshot,1,0,0,0-1,,100"]
    var fixture = try Self.fixture(journals)
    fixture.snapshots[0].machines[0].balance = 120
    fixture.snapshots[0].machines[1].balance = 100
    fixture.snapshots[0].machines[1].events = 1
    fixture.snapshots[0].machines[1].clock = 1
    fixture.snapshots[0].machines[1].tick = 1
    fixture.snapshots[0].machines[1].inbox = []
    fixture.snapshots[0].channels[1].messages = []
    #expect(
      try fixture.verdict(of: "money")
        == "0-1.json: $0 came by hand to machine 0; its journal says $20")
    fixture.snapshots[0].machines[0].byHand = 20
    #expect(try fixture.verdict(of: "cut") == "ok")
    #expect(try fixture.verdict(of: "money") == "ok")
    fixture.snapshots[0].machines[0].balance = 100
    #expect(
      try fixture.verdict(of: "money")
        == "0-1.json: $200 on accounts and $0 in inboxes and channels are $200; there is $220")
  }

  @Test("The manifest has each machine's net deposits, or is wrong")
  func byHandInManifest() throws {
    var fixture = try Self.fixture([
      ["1,5,deposit,1,0,,,30,130", "2,10,withdraw,2,0,,,50,80"], ["1,12,internal,1,0,,,,100"],
    ])
    fixture.snapshots = []
    let adjust = fixture.adjust
    for (byHand, verdict) in [
      (-20, "ok"), (20, "run.json: machines[0].by_hand is 20, its journal says -20"),
      (nil, "run.json: machines[0].by_hand is missing, its journal says -20"),
    ] as [(Int64?, String)] {
      fixture.adjust = {
        adjust(&$0)
        $0.machines[0].finalBalance = 80
        $0.machines[0].byHand = byHand
        $0.machines[1].finalBalance = 100
      }
      #expect(try fixture.verdict(of: "manifest") == verdict)
    }
    #expect(try fixture.verdict(of: "money") == "ok")
  }

  @Test("A manifest with wrong money")
  func manifest() throws {
    var fixture = try Self.fixture()
    let adjust = fixture.adjust
    fixture.adjust = {
      adjust(&$0)
      $0.machines[1].finalBalance = 124
    }
    #expect(
      try fixture.verdict(of: "manifest")
        == "run.json: machines[1].final_balance is 124, its journal says 125")
    for (balance, problem) in [
      (nil, "the key is missing"), (-1, "the money of all accounts is from 0 to"),
      (.max, "the money of all accounts is from 0 to"),
    ] as [(Int64?, String)] {
      fixture.adjust = {
        adjust(&$0)
        $0.plan.balance = balance
      }
      let error = try #require(throws: RunRecordError.self) { try fixture.findings() }
      #expect("\(error)".contains("column 'plan.balance': \(problem)"), "\(error)")
    }
  }
}
