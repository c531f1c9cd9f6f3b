import CommandLineKit
import LogicalTime
import RunControl
import RunRecord
import TextFormats
import WallTime

/// `scalemodel bank`: operates on the accounts of a bank that runs in another shell.
struct AccountCommand {
  private static let timeout = LocalControlClient.timeout(
    help: "how long to wait for the machine's next tick (10s)")
  private static let json = Option.flag("--json", help: "print the account as JSON")

  static let command = Command(
    name: "scalemodel bank", summary: "Read and change the accounts of a running bank.",
    argumentsUsage: "[RUN | --cluster FILE] OPERATION ID…",
    argumentCount: 0...5,
    details: """
      OPERATION is balance ID, deposit ID AMOUNT, withdraw ID AMOUNT or transfer FROM TO AMOUNT.
      RUN is the run's directory (runs/latest); write ./deposit for a directory of that
      name. With --cluster the machine is asked on its own host.
      'balance' is answered at once. The others use the machine's next tick, ahead of its inbox, one
      per tick in the order of arrival; the answer has the balance after it. An instruction is
      refused when the account has too little money, the machines have no channel between them, or
      the run ends before the tick. It then changes nothing, uses no tick, writes no journal line.
      """,
    example: """
      scalemodel run --workload bank --duration 60s &
      scalemodel bank deposit 0 500
      scalemodel bank transfer 0 2 1200
      scalemodel bank --cluster cluster.json balance 1
      """,
    argumentHint: ValueHint(
      words: operations.map(\.word), paths: .directories),
    options: [ClusterOptions.cluster.shape, timeout.shape, json.shape])

  /// The operations, with the names of their arguments.
  private static let operations: [(word: String, arguments: [String])] = [
    ("balance", ["ID"]), ("deposit", ["ID", "AMOUNT"]), ("withdraw", ["ID", "AMOUNT"]),
    ("transfer", ["FROM", "TO", "AMOUNT"]),
  ]

  let console: Console
  private let directory: RunDirectory
  private let request: ControlRequest
  private let isJSON: Bool
  /// The client of a machine on its own host; nil when the run is found by its directory.
  private let remoteClient: RemoteControlClient?

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    var rest = words.arguments[...]
    // A first word that is no operation names the run.
    let isOperation = Self.operations.contains { $0.word == rest.first }
    directory = RunDirectory(path: isOperation ? RunDirectory.latestPath : rest.popFirst() ?? "")
    request = try Self.request(
      rest, timeout: try words.value(of: Self.timeout)?.nanoseconds)
    remoteClient = try ClusterOptions.client(
      words, run: isOperation ? nil : words.arguments.first, machine: request.machine,
      option: request.target == nil ? "ID" : "FROM")
    isJSON = words.has(Self.json)
  }

  private static func request(
    _ words: ArraySlice<String>, timeout: Int64?
  ) throws(UsageError) -> ControlRequest {
    guard let word = words.first else {
      throw .missingArgument("balance, deposit, withdraw or transfer", command: command.name)
    }
    guard let operation = operations.first(where: { $0.word == word }) else {
      let nearest = Spelling.nearest(to: word, among: operations.map(\.word))
      throw .contradiction(
        "'\(word)' is neither balance, deposit, withdraw nor transfer; "
          + (nearest.map { "did you mean '\($0)'?" } ?? "see '\(command.name) --help'"))
    }
    let given = Array(words.dropFirst())
    guard given.count >= operation.arguments.count else {
      throw .missingArgument("\(word) \(operation.arguments[given.count])", command: command.name)
    }
    guard given.count == operation.arguments.count else {
      throw .unexpectedArgument(given[operation.arguments.count], command: command.name)
    }
    var machines: [Int] = []
    for (name, text) in zip(operation.arguments, given) where name != "AMOUNT" {
      machines.append(try machine(text, called: name))
    }
    var request = ControlRequest(
      command: word, machine: machines[0],
      timeoutNanoseconds: timeout ?? ControlRequest.accountTimeout)
    if machines.count == 2 {
      guard machines[0] != machines[1] else {
        throw .contradiction(
          "transfer \(machines[0]) \(machines[1]): an account sends nothing to itself")
      }
      request.target = machines[1]
    }
    if word != "balance" { request.amount = try amount(given[given.count - 1]) }
    return request
  }

  private static func machine(_ word: String, called name: String) throws(UsageError) -> Int {
    guard let number = UInt32(word) else {
      throw .malformedValue(
        option: name, value: word, expected: "a machine's id, from 0 to \(UInt32.max)")
    }
    return Int(number)
  }

  private static func amount(_ word: String) throws(UsageError) -> Int64 {
    guard let amount = Int64(word), amount > 0 else {
      throw .malformedValue(
        option: "AMOUNT", value: word, expected: "a whole number from 1 to \(Int64.max)")
    }
    return amount
  }

  /// Asks the run, waits for its answer, and prints it.
  func run() throws -> ExitCode {
    let localClient = LocalControlClient(
      directory: directory, wish: "instructions by hand",
      virtualAdvice: "only banks in 'threads' and 'processes' have accounts by hand")
    switch try remoteClient?.answer(to: request) ?? localClient.answer(to: request) {
    case .account(let account):
      if isJSON {
        try console.print(json: JSONText.encode(account))
      } else {
        try console.print(Self.line(account))
      }
      return .done
    case .unknownMachine(let machineCount):
      let machines = [request.machine, request.target].compactMap { $0 }
      let index = machines.firstIndex { $0 >= machineCount } ?? 0
      let names = Self.operations.first { $0.word == request.command }?.arguments ?? []
      throw UsageError.malformedValue(
        option: names[index], value: "\(machines[index])",
        expected: "one of the run's machines, 0 to \(machineCount - 1)")
    case .refused(let reason):
      throw ToolFailure(.failed, "\(request.command) refused by \(name): \(reason)")
    case .settled, .taken, .begun, .status:
      throw ToolFailure(.unavailable, "the run gave an unexpected answer; do the versions match?")
    }
  }

  /// The run's name in errors.
  private var name: String {
    remoteClient == nil ? "'\(directory.path)'" : "machine \(request.machine ?? 0)"
  }

  private static func line(_ account: AccountState) -> String {
    "machine \(account.machine): balance $\(account.balance) at tick \(account.tick), "
      + "clock \(account.clock)\n"
  }
}
