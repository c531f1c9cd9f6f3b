import FoundationEssentials
import SystemCalls
import Testing

/// A running bank for a test, ended with it.
///
/// Its files are read without the project's own readers.
final class RunningBank {
  let directory: TemporaryDirectory
  let tool: ToolProcess
  let machineCount: Int
  var run: FinishedRun { directory.run }

  /// Starts a bank, and waits until every machine has ticked.
  init(_ words: String, machineCount: Int = 3) throws {
    directory = try TemporaryDirectory()
    self.machineCount = machineCount
    let run = directory.run
    tool = try BuiltTool.scalemodel.start(
      ["run", "--workload", "bank", "--duration", "60s", "--quiet", "--output", run.path]
        + ["--commands", "-"]
        + words.split(separator: " ").map(String.init))
    try #require(
      tool.wait(seconds: deadlineSeconds) { run.isUnderWay(machineCount: machineCount) })
  }

  /// An account as `scalemodel bank --json` prints it.
  struct Account: Decodable, Equatable {
    var machine: Int
    var balance: Int
    var tick: Int
    var clock: Int
  }

  /// Starts `scalemodel bank` with these words.
  func startWork(_ words: String) throws -> ToolProcess {
    try BuiltTool.scalemodel.start(
      ["bank", run.path] + words.split(separator: " ").map(String.init))
  }

  /// Starts `scalemodel bank` with these words, and waits until the bank has its request: the bank
  /// reads requests in the order in which their clients connect, so it has read this one when it
  /// answers the next, for the balance of another machine.
  func startRequest(_ words: String, before machine: Int) throws -> ToolProcess {
    let client = try startWork(words)
    try #require(waitUntil { ProcessTable.waitsAtSocket(client.process.id) })
    _ = try account("balance \(machine)")
    return client
  }

  /// Runs `scalemodel bank` with these words.
  func work(_ words: String) throws -> ToolProcess.Outcome {
    try startWork(words).finish(seconds: deadlineSeconds)
  }

  /// The account after an operation that must succeed.
  func account(_ words: String) throws -> Account {
    let outcome = try work(words + " --json")
    try #require(outcome.exitCode == 0, "\(words): \(outcome.error)")
    return try JSONDecoder().decode(Account.self, from: Data(outcome.output.utf8))
  }

  /// Takes a snapshot from another process.
  func snapshot(by machine: Int) throws -> BankSnapshot {
    let outcome = try BuiltTool.scalemodel.run([
      "snapshot", run.path, "--machine", "\(machine)", "--json",
    ])
    return try JSONDecoder().decode(BankSnapshot.self, from: Data(outcome.output.utf8))
  }

  /// All snapshots of the run, in no particular order.
  func snapshots() throws -> [BankSnapshot] { try run.bankSnapshots() }

  /// A machine's journal, field by field, without its header.
  func journal(_ machine: Int) throws -> [[Substring]] {
    let text = String(decoding: try FileSystem.contents(run.journalPath(machine)), as: UTF8.self)
    return text.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
  }

  /// Ends the run with Ctrl-C, and expects that `analyze --check` passes.
  @discardableResult
  func end() throws -> ToolProcess.Outcome {
    let outcome = tool.interrupt()
    #expect(outcome.exitCode == 130)
    try expectClean()
    return outcome
  }

  /// Expects that the journals and snapshots pass every check, money included.
  func expectClean(sourceLocation: SourceLocation = #_sourceLocation) throws {
    let check = try BuiltTool.analyze.run([run.path, "--check"])
    #expect(check.exitCode == 0, "\(check.output)", sourceLocation: sourceLocation)
    #expect(check.output.contains(": money: ok\n"), sourceLocation: sourceLocation)
  }
}
