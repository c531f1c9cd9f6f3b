import CommandLineKit
import LogicalTime
import RunRecord
import ScaleModel
import TextFormats
import WallTime

/// `scalemodel bank`: `scalemodel tell` in the words of accounts.
struct BankCommand {
  private static let json = Option.flag("--json", help: "print the account as JSON")

  static let command = Command(
    name: "scalemodel bank", summary: "Read and change the accounts of a running bank.",
    argumentsUsage: "[RUN | --cluster FILE] OPERATION ID…",
    argumentCount: 0...5,
    details: """
      OPERATION is balance ID, deposit ID AMOUNT, withdraw ID AMOUNT or transfer FROM TO AMOUNT.
      RUN is the run's directory (runs/latest); write ./deposit for a directory of that
      name. With --cluster the machine is asked on its own host.
      'balance ID' is 'scalemodel tell ID', and 'transfer FROM TO AMOUNT' is 'scalemodel tell
      FROM transfer TO AMOUNT'. An instruction is refused when the account has too little money,
      the machines have no channel between them, or the run ends before the tick. It then changes
      nothing, uses no tick, writes no journal line.
      """,
    example: """
      scalemodel run --workload bank --duration 60s &
      scalemodel bank deposit 0 500
      scalemodel bank transfer 0 2 1200
      scalemodel bank --cluster cluster.json balance 1
      """,
    argumentHint: ValueHint(
      words: operations.map(\.word), paths: .directories),
    options: [ClusterOptions.cluster.shape, HandClient.timeout.shape, json.shape])

  /// The operations, with the names of their arguments.
  private static let operations: [(word: String, arguments: [String])] = [
    ("balance", ["ID"]), ("deposit", ["ID", "AMOUNT"]), ("withdraw", ["ID", "AMOUNT"]),
    ("transfer", ["FROM", "TO", "AMOUNT"]),
  ]

  let console: Console
  private let client: HandClient
  private let word: String
  private let isJSON: Bool

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    var rest = words.arguments[...]
    // A first word that is no operation names the run.
    let isOperation = Self.operations.contains { $0.word == rest.first }
    let run = isOperation ? nil : rest.popFirst()
    let (operation, given) = try Self.operation(rest)
    word = operation.word
    let machine = try HandClient.machine(given[0], called: operation.arguments[0])
    client = try HandClient(
      words, run: run, machine: machine,
      instruction: try Self.instruction(operation.word, given, machine)?.words ?? [],
      argument: operation.arguments[0])
    isJSON = words.has(Self.json)
  }

  /// The operation of a call, and its arguments: as many as it has.
  private static func operation(
    _ words: ArraySlice<String>
  ) throws(UsageError) -> (operation: (word: String, arguments: [String]), given: [String]) {
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
    return (operation, given)
  }

  /// What the account is told; nil when its balance is asked for.
  private static func instruction(
    _ word: String, _ given: [String], _ machine: Int
  ) throws(UsageError) -> BankInstruction? {
    if word == "balance" { return nil }
    let target = word == "transfer" ? try HandClient.machine(given[1], called: "TO") : nil
    let text = given[given.count - 1]
    guard let amount = Int64(text), amount > 0 else {
      throw .malformedValue(
        option: "AMOUNT", value: text, expected: "a whole number from 1 to \(Int64.max)")
    }
    guard let target else { return word == "deposit" ? .deposit(amount) : .withdraw(amount) }
    guard target != machine else {
      throw .contradiction("transfer \(machine) \(target): an account sends nothing to itself")
    }
    return .transfer(amount, to: MachineID(target))
  }

  /// An account as `--json` prints it.
  private struct Account: Encodable {
    var machine: MachineID
    var balance: Int64
    var tick: UInt64
    var clock: UInt64
  }

  /// Asks the machine, waits for its answer, and prints it.
  func run() throws -> ExitCode {
    let standing = try client.standing(asking: word)
    guard let balance = standing.state["balance"].integer else {
      throw client.refusal(
        of: word, because: "there are no accounts; start a bank with --workload bank")
    }
    if isJSON {
      let account = Account(
        machine: standing.machine, balance: balance, tick: standing.tick, clock: standing.clock)
      try console.print(json: JSONText.encode(account))
    } else {
      try console.print(
        "machine \(standing.machine): balance $\(balance) at tick \(standing.tick), "
          + "clock \(standing.clock)\n")
    }
    return .done
  }
}
