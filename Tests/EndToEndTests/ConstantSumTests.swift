import SystemCalls
import TestSupport
import Testing

/// All the money, in accounts and in flight, adds up to the same in every snapshot of a busy bank:
/// its machines transfer by themselves, clients in other processes do so by hand, and each machine
/// in turn begins a snapshot.
@Suite("The sum of a bank is always the same", .ownThreads)
struct ConstantSumTests {
  private static let busyBank =
    "--runtime processes --rates 300,300,300 --transfer 0.5 --delay 5ms --seed 3"

  /// A client that repeats the same operation, refused or not, until it is told to end.
  private func client(_ bank: RunningBank, _ words: String) throws -> ToolProcess {
    try BuiltTool.scalemodel.start(
      afterShell: "trap 'exit 0' TERM; while true; do",
      ["bank", bank.run.path] + words.split(separator: " ").map(String.init), rest: "; done")
  }

  /// Types `snapshot` a hundred times, each time after the one before is complete.
  private func takeHundred(_ bank: RunningBank) throws {
    for number in 0..<100 {
      let (machine, turn) = (number % 3, number / 3 + 1)
      bank.tool.type("snapshot \(machine)\n")
      try #require(
        waitUntil {
          FileSystem.exists(bank.run.path + "/snapshots/\(machine)-\(turn).json")
        })
    }
  }

  /// Ends a client, and returns how many of its instructions were carried out.
  private func end(_ client: ToolProcess) -> Int {
    client.process.signal(SIGTERM)
    let outcome = client.finish(seconds: deadlineSeconds)
    return outcome.output.split(separator: "\n").count { $0.contains(": balance $") }
  }

  @Test("Over a hundred snapshots, while two clients transfer by hand")
  func transfers() throws {
    let bank = try RunningBank(Self.busyBank)
    let clients = [try client(bank, "transfer 0 1 1"), try client(bank, "transfer 2 0 1")]
    for client in clients {
      let hasWorked = client.wait(seconds: deadlineSeconds) {
        client.output.contains(": balance $")
      }
      try #require(hasWorked)
    }
    try takeHundred(bank)
    for client in clients { _ = end(client) }
    try bank.end()
    let snapshots = try bank.snapshots()
    #expect(snapshots.count == 100)
    #expect(snapshots.allSatisfy { $0.status == "complete" && $0.total == 3000 })
    #expect(snapshots.count { $0.amountOnChannels > 0 } > 10, "money was caught on the fly")
    #expect(Set(snapshots.map(\.amountOnAccounts)).count > 10, "what is on accounts alone varies")
  }

  @Test("Over a hundred snapshots, while two clients deposit and withdraw by hand")
  func depositsAndWithdrawals() throws {
    let bank = try RunningBank(Self.busyBank)
    let clients = [try client(bank, "deposit 0 100"), try client(bank, "withdraw 1 30")]
    try takeHundred(bank)
    let depositCount = end(clients[0])
    _ = end(clients[1])
    try bank.end()
    let snapshots = try bank.snapshots()
    #expect(snapshots.count == 100)
    #expect(
      snapshots.allSatisfy { $0.status == "complete" && $0.total == 3000 + $0.byHand })
    #expect(depositCount > 0)
    #expect(Set(snapshots.map(\.byHand)).count > 3, "the sum grew from snapshot to snapshot")
    #expect(try bank.journal(0).count { $0[2] == "deposit" } >= depositCount)
  }
}
