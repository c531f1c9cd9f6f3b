import SystemCalls
import TestSupport
import Testing

/// The requirements of a snapshot service over bank accounts, at machine processes: money is
/// deposited and moved by hand, and found by every snapshot; a killed machine leaves a partial
/// snapshot behind.
@Suite("A bank's snapshots are consistent, or name what is missing", .ownThreads)
struct ConsistentSnapshotTests {
  /// Three empty accounts; only the tests move money on them.
  private static let emptyBank = "--runtime processes --rates 200,200,200 --balance 0 --transfer 0"

  @Test("A basic snapshot captures the deposits")
  func basic() throws {
    let bank = try RunningBank(Self.emptyBank)
    _ = try bank.account("deposit 0 1000")
    _ = try bank.account("deposit 1 1000")
    let snapshot = try bank.snapshot(by: 0)
    #expect(snapshot.status == "complete")
    #expect(snapshot.machines.map(\.balance) == [1000, 1000, 0])
    #expect(snapshot.machines.map { $0.byHand ?? 0 } == [1000, 1000, 0])
    #expect(snapshot.total == 2000)
    try bank.end()
  }

  @Test("During transfers the value of states and channels is conserved")
  func duringTransfers() throws {
    let bank = try RunningBank(Self.emptyBank + " --delay 100ms")
    _ = try bank.account("deposit 0 1000")
    _ = try bank.account("deposit 1 1000")
    let stop = bank.directory.path + "/stop"
    let clients = try [("0", "1"), ("1", "0")].map { source, target in
      try BuiltTool.scalemodel.start(
        afterShell: "set -e; until [ -e '\(stop)' ]; do",
        ["bank", bank.run.path, "transfer", source, target, "1"], rest: "; done")
    }
    // Ten snapshots, and as many more as it takes to catch money on its way.
    var snapshots: [BankSnapshot] = []
    while snapshots.count < 10 || !snapshots.contains(where: { $0.amountOnChannels > 0 }) {
      try #require(snapshots.count < 500)
      snapshots.append(try bank.snapshot(by: 2))
    }
    #expect(snapshots.allSatisfy { $0.status == "complete" && $0.total == 2000 })
    _ = try FileSystem.replace(stop, with: "")
    let counts = clients.map { client in
      #expect(client.finish(seconds: deadlineSeconds).exitCode == 0)
      return Self.answerCount(of: client)
    }
    let balance = 1000 - counts[0] + counts[1]
    #expect(waitUntil { (try? bank.account("balance 0").balance) == balance })
    try bank.end()
    for machine in 0...1 {
      #expect(try bank.journal(machine).count { $0[2] == "send" } == counts[machine])
    }
  }

  @Test("Concurrent snapshots of different initiators all complete")
  func concurrent() throws {
    let bank = try RunningBank(Self.emptyBank + " --delay 200ms")
    _ = try bank.account("deposit 0 1000")
    _ = try bank.account("deposit 1 1000")
    // Markers are in flight so long that each snapshot begins before any other is complete.
    bank.tool.type("snapshot 0\nsnapshot 1\nsnapshot 2\nsnapshot 1\n")
    let ids = ["0-1", "1-1", "2-1", "1-2"]
    #expect(
      waitUntil { ids.allSatisfy { FileSystem.exists(bank.run.path + "/snapshots/\($0).json") } })
    try bank.end()
    let files = try ids.map { try bank.run.snapshot($0) }
    #expect(files.allSatisfy { $0.status == "complete" && $0.machines.map(\.id) == [0, 1, 2] })
    let lastBegun = try #require(files.map(\.requestedTime).max())
    #expect(files.allSatisfy { lastBegun < $0.completedTime }, "they were under way at once")
    #expect(try bank.snapshots().map(\.total) == [2000, 2000, 2000, 2000])
  }

  @Test(
    "A participant is killed before any marker reaches it: each snapshot under way ends partial",
    .long,
    arguments: [SIGKILL, SIGTERM])
  func killedBeforeMarker(signal: Int32) throws {
    let bank = try RunningBank(Self.emptyBank + " --delay 1500ms --on-failure continue")
    _ = try bank.account("deposit 0 1000")
    let machines = try ProcessTable.children(of: bank.tool.process.id)
    try #require(machines.count == 3)
    bank.tool.type("snapshot 0\nsnapshot 1\n")
    try #require(
      waitUntil { Self.hasBegun("0-1", 0, of: bank) && Self.hasBegun("1-1", 1, of: bank) })
    try #require(kill(machines[2], signal) == 0)
    let paths = ["0-1", "1-1"].map { bank.run.path + "/snapshots/\($0).json" }
    #expect(waitUntil { paths.allSatisfy { FileSystem.exists($0) } })
    try bank.end()
    let snapshots = try bank.snapshots()
    #expect(snapshots.count == 2)
    for snapshot in snapshots {
      #expect(snapshot.status == "partial")
      #expect(snapshot.machines.map(\.id) == [0, 1], "two of three")
      #expect(snapshot.machines.map(\.balance) == [1000, 0])
      #expect(snapshot.reason?.hasPrefix("machine 2: died before recording; ") == true)
    }
  }

  @Test("A participant is killed amid transfers and snapshots: none reports too much")
  func killedAmidSnapshots() throws {
    let bank = try RunningBank(
      "--runtime processes --rates 500,500,500 --transfer 0.5 --delay 20ms --on-failure continue "
        + "--snapshot-every 5ms")
    let machines = try ProcessTable.children(of: bank.tool.process.id)
    try #require(machines.count == 3)
    let path = bank.run.path + "/snapshots"
    func count() -> Int { (try? FileSystem.entries(path).count) ?? 0 }
    try #require(waitUntil { count() >= 20 })
    try #require(kill(machines[1], SIGKILL) == 0)
    let countAtDeath = count()
    // Markers that wait for a dead machine are given up after a second.
    #expect(waitUntil { count() >= countAtDeath + 60 })
    try bank.end()
    let snapshots = try bank.snapshots()
    let complete = snapshots.filter { $0.status == "complete" }
    let partial = snapshots.filter { $0.status == "partial" }
    #expect(complete.count >= 20)
    #expect(complete.allSatisfy { $0.machines.count == 3 && $0.total == 3000 })
    #expect(complete.contains { $0.amountOnChannels > 0 })
    #expect(partial.count >= 10)
    #expect(
      partial.allSatisfy {
        $0.reason?.contains(/died|closed|unreachable|run ended/) == true
          && $0.amountOnAccounts <= 3000
      })
    #expect(partial.contains { $0.machines.map(\.id) == [0, 2] })
  }

  /// How many of a client's transfers have been carried out.
  private static func answerCount(of client: ToolProcess) -> Int {
    client.output.split(separator: "\n").count { $0.contains(": balance $") }
  }

  /// Whether a machine's journal has a line of the snapshot; a bank's has two columns more than
  /// others.
  private static func hasBegun(_ id: String, _ machine: Int, of bank: RunningBank) -> Bool {
    let lines = (try? bank.journal(machine)) ?? []
    return lines.contains { $0.count == 9 && $0[2] == "snapshot" && $0[6] == id[...] }
  }
}
