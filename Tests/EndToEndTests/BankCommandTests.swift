import SystemCalls
import TestSupport
import Testing

/// Account operations by hand, at running banks.
@Suite("scalemodel bank", .ownThreads)
struct BankCommandTests {
  private static let runtimes = ["threads", "processes"]

  @Test(
    "Deposit, withdrawal and transfer take a tick each, stand in the journal, and tell the balance",
    arguments: runtimes)
  func work(runtime: String) throws {
    let bank = try RunningBank("--runtime \(runtime) --rates 50,50,50 --transfer 0")
    #expect(try bank.account("balance 0").balance == 1000)
    let deposit = try bank.account("deposit 0 500")
    let withdrawal = try bank.account("withdraw 1 1000")
    let transfer = try bank.account("transfer 0 1 700")
    #expect([deposit.balance, withdrawal.balance, transfer.balance] == [1500, 0, 800])
    #expect([deposit.machine, withdrawal.machine, transfer.machine] == [0, 1, 0])
    #expect(waitUntil { (try? bank.account("balance 1").balance) == 700 })
    #expect(try bank.snapshot(by: 2).byHand == -500)
    try bank.end()
    typealias Line = (Int, RunningBank.Account, String, String, String, String)
    let lines: [Line] = [
      (0, deposit, "deposit", "", "", "500"), (1, withdrawal, "withdraw", "", "", "1000"),
      (0, transfer, "send", "1", "\(transfer.clock)", "700"),
    ]
    for (machine, account, event, peer, message, amount) in lines {
      let line = try #require(
        bank.journal(machine).first { $0[0] == "\(account.tick)" && $0[2] != "snapshot" })
      let expected = [
        event, "\(account.clock)", peer, message, amount, "\(account.balance)",
      ]
      #expect([2, 3, 5, 6, 7, 8].map { String(line[$0]) } == expected)
    }
    #expect(try bank.journal(2).allSatisfy { $0[2] == "internal" || $0[2] == "snapshot" })
  }

  @Test("Waiting instructions take one tick each, ahead of the inbox")
  func queue() throws {
    let bank = try RunningBank("--rates 1,200,200 --transfer 1 --balance 100000")
    let workers = try (1...3).map { try bank.startWork("deposit 0 \($0)") }
    let outcomes = workers.map { $0.finish(seconds: deadlineSeconds) }
    #expect(outcomes.allSatisfy { $0.exitCode == 0 })
    try bank.end()
    let ticks = try bank.journal(0).filter { $0[2] == "deposit" }.compactMap { Int($0[0]) }
    #expect(ticks.count == 3)
    #expect(Set(ticks).count == 3)
    let waiting = try bank.journal(0).filter { $0[2] == "deposit" }.compactMap { Int($0[4]) }
    #expect(waiting.contains { $0 > 0 }, "messages waited, and had to wait on")
  }

  @Test(
    "What is refused says why, changes nothing, and leaves no line in the journal",
    arguments: runtimes)
  func refused(runtime: String) throws {
    let bank = try RunningBank("--runtime \(runtime) --rates 50,50,50 --transfer 0 --topology line")
    let path = bank.run.path
    let refusals = [
      (
        "withdraw 0 1001", 1,
        "withdraw refused by '\(path)': insufficient funds: the balance is $1000, less than $1001"
      ),
      (
        "transfer 0 1 9223372036854775807", 1,
        "transfer refused by '\(path)': insufficient funds: the balance is $1000, less than "
          + "$9223372036854775807"
      ),
      (
        "transfer 2 0 5", 1,
        "transfer refused by '\(path)': machine 2 has no channel to machine 0; it is no neighbour"
      ),
      (
        "deposit 0 9223372036854775807", 1,
        "deposit refused by '\(path)': $9223372036854775807 more might not fit 64 bits with the "
          + "money of all accounts; this one takes $3074457345618257602 at most"
      ),
      ("transfer 2 2 5", 64, "transfer 2 2: an account sends nothing to itself"),
      (
        "deposit 3 5", 64,
        "ID: '3' is not possible; expected one of the run's machines, 0 to 2"
      ),
      (
        "transfer 0 4294967295 5", 1,
        "transfer refused by '\(path)': machine 0 has no channel to machine 4294967295; it is no "
          + "neighbour"
      ),
      (
        "balance -1", 64,
        "ID: '-1' is not possible; expected a machine's id, from 0 to 4294967295"
      ),
    ]
    for (words, exitCode, message) in refusals { expect(try bank.work(words), exitCode, message) }
    for amount in ["0", "-5", "1.5", "9223372036854775808", "x"] {
      expect(
        try bank.work("deposit 0 \(amount)"), 64,
        "AMOUNT: '\(amount)' is not possible; expected a whole number from 1 to "
          + "9223372036854775807")
    }
    #expect(try (0...2).map { try bank.account("balance \($0)").balance } == [1000, 1000, 1000])
    try bank.end()
    for machine in 0...2 {
      #expect(try bank.journal(machine).allSatisfy { $0[2] == "internal" })
    }
  }

  @Test("An instruction is refused when no tick comes in time, or no more ticks at all")
  func tooLate() throws {
    let bank = try RunningBank("--rates 1,50,50 --transfer 0")
    // One tick a second: after one has passed, the next is far away.
    _ = try bank.account("deposit 0 1")
    expect(
      try bank.work("deposit 0 1 --timeout 1ms"), 1,
      "deposit refused by '\(bank.run.path)': no tick could carry it out in time")
    _ = try bank.account("deposit 0 1")
    let last = try bank.startRequest("deposit 0 1 --timeout 30s", before: 1)
    bank.tool.process.signal(SIGINT)
    let outcome = last.finish(seconds: deadlineSeconds)
    try bank.end()
    let deposits = try bank.journal(0).count { $0[2] == "deposit" }
    // Whether its tick came before the end depends on timing; the answer must match what happened.
    if outcome.exitCode == 0 {
      #expect(deposits == 3)
    } else {
      #expect(deposits == 2)
      #expect(outcome.error.hasPrefix("scalemodel: error: deposit refused by"))
    }
  }

  @Test("A dead machine has no account, and nothing can be sent to it")
  func dead() throws {
    let bank = try RunningBank(
      "--runtime processes --rates 50,50,50 --transfer 0 --on-failure continue")
    let machines = try ProcessTable.children(of: bank.tool.process.id)
    // A stopped machine receives an instruction, and dies with it.
    #expect(kill(machines[2], SIGSTOP) == 0)
    let waiting = try bank.startRequest("deposit 2 5", before: 1)
    let other = try bank.work("balance 2 --timeout 1ms")
    #expect(other.exitCode == 69, "a stopped machine says nothing")
    #expect(kill(machines[2], SIGKILL) == 0)
    expect(
      waiting.finish(seconds: deadlineSeconds), 1,
      "deposit refused by '\(bank.run.path)': machine 2 died before it answered; its journal says "
        + "whether it was carried out")
    expect(
      try bank.work("deposit 2 5"), 1, "deposit refused by '\(bank.run.path)': machine 2 is dead")
    #expect(
      waitUntil {
        (try? bank.work("transfer 0 2 5").error.contains("the channel has closed")) == true
      })
    #expect(try bank.account("transfer 0 1 5").balance <= 995)
    try bank.end()
  }

  @Test("Without a bank there are no accounts")
  func noBank() throws {
    let directory = try TemporaryDirectory()
    let run = directory.run
    let tool = try BuiltTool.scalemodel.start([
      "run", "--rates", "50,50,50", "--duration", "60s", "--quiet", "--output", run.path,
    ])
    #expect(tool.wait(seconds: deadlineSeconds) { run.isUnderWay() })
    expect(
      try BuiltTool.scalemodel.run(["bank", run.path, "balance", "0"]), 1,
      "balance refused by '\(run.path)': there are no accounts; start a bank with --workload bank")
    #expect(tool.interrupt().exitCode == 130)
    expect(
      try BuiltTool.scalemodel.run(["bank", run.path, "balance", "0"]), 69,
      "the run in '\(run.path)' is over (interrupted); instructions by hand are taken while it runs"
    )
  }

  @Test(
    "Words that are wrong, or no run: one line, nothing done",
    arguments: [
      ("", 64, "balance, deposit, withdraw or transfer is missing; see 'scalemodel bank --help'"),
      ("x", 64, "balance, deposit, withdraw or transfer is missing; see 'scalemodel bank --help'"),
      ("balance", 64, "balance ID is missing; see 'scalemodel bank --help'"),
      ("transfer 1 2", 64, "transfer AMOUNT is missing; see 'scalemodel bank --help'"),
      ("balance 1 2", 64, "unexpected '2'; see 'scalemodel bank --help'"),
      ("x deposit 1 2 3", 64, "unexpected '3'; see 'scalemodel bank --help'"),
      (
        "x depsit 1 2", 64,
        "'depsit' is neither balance, deposit, withdraw nor transfer; did you mean 'deposit'?"
      ),
      ("balance 1", 66, "there is no run in 'runs/latest'; start one with 'scalemodel run'"),
      (
        "./deposit deposit 1 2", 66,
        "there is no run in './deposit'; start one with 'scalemodel run'"
      ),
    ])
  func usage(words: String, exitCode: Int, message: String) throws {
    let directory = try TemporaryDirectory()
    expect(
      try BuiltTool.scalemodel.run(
        ["bank"] + words.split(separator: " ").map(String.init), in: directory.path), exitCode,
      message)
  }
}
