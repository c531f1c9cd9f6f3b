import CommandLineKit
import RunRecord
import TextFormats
import WallTime

/// `scalemodel tell`: gives a machine of a running model an instruction by hand.
struct TellCommand {
  private static let json = Option.flag("--json", help: "print the machine's state as JSON")

  static let command = Command(
    name: "scalemodel tell", summary: "Give a machine of a running model an instruction by hand.",
    argumentsUsage: "[RUN | --cluster FILE] MACHINE [INSTRUCTION…]",
    argumentCount: 0...wordCountMax,
    details: """
      RUN is the run's directory (runs/latest); a first word that is a whole number is the
      machine. With --cluster the machine is asked on its own host. Without an instruction
      the machine's state is printed, at once.
      The words of INSTRUCTION are the workload's own: 'want' asks to enter in mutex-lamport
      and mutex-ricart-agrawala; the bank has 'deposit AMOUNT', 'withdraw AMOUNT' and
      'transfer MACHINE AMOUNT'; a program is asked.
      An instruction uses the machine's next tick, ahead of its inbox, one per tick in the
      order of arrival; the state after it is printed. One that is refused changes nothing,
      uses no tick, and writes no journal line.
      """,
    example: """
      scalemodel run --workload mutex-lamport --want 0 --duration 60s &
      scalemodel tell 0 want
      scalemodel tell 0
      """,
    argumentHint: .directories,
    options: [ClusterOptions.cluster.shape, HandClient.timeout.shape, json.shape])

  /// The most words of a call.
  private static let wordCountMax = 100

  /// The most bytes of an instruction.
  private static let byteCountMax = 1000

  let console: Console
  private let client: HandClient
  private let instruction: [String]
  private let isJSON: Bool

  /// Reads the words of a call.
  init(console: Console, words: ParsedWords) throws {
    self.console = console
    var rest = words.arguments[...]
    // A first word that is no whole number names the run.
    let run = rest.first.flatMap { Int($0) == nil ? rest.popFirst() : nil }
    guard let word = rest.popFirst() else {
      throw UsageError.missingArgument("MACHINE", command: Self.command.name)
    }
    let machine = try HandClient.machine(word, called: "MACHINE")
    instruction = Array(rest)
    let byteCount = instruction.reduce(0) { $0 + $1.utf8.count }
    guard byteCount <= Self.byteCountMax else {
      throw UsageError.contradiction(
        "INSTRUCTION has \(byteCount) bytes; a machine is told \(Self.byteCountMax) at most")
    }
    client = try HandClient(
      words, run: run, machine: machine, instruction: instruction, argument: "MACHINE")
    isJSON = words.has(Self.json)
  }

  /// Asks the machine, waits for its answer, and prints it.
  func run() throws -> ExitCode {
    let standing = try client.standing(asking: instruction.first ?? "state")
    if isJSON {
      try console.print(json: JSONText.encode(standing))
    } else {
      try console.print(Self.line(standing))
    }
    return .done
  }

  private static func line(_ standing: MachineStanding) -> String {
    let state = standing.state.entries
      .map { "\($0.name) \(ShownText.escaped($0.value.description)), " }.joined()
    return "machine \(standing.machine): \(state)tick \(standing.tick), clock \(standing.clock)\n"
  }
}
