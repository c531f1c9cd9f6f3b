import CommandLineKit
import LogicalTime

/// The tool `scalemodel`: finds the command, and handles what all commands share.
struct ScaleModelTool {
  let console: Console

  /// Every command, in the order of the help.
  private let commands: [Command] = [
    RunCommand.command, SnapshotCommand.command, AccountCommand.command, SweepCommand.command,
    MachineCommand.command, ClusterInitCommand.command, ScriptCommand.command,
    ReplayCommand.command,
  ]

  /// Carries out the words of a call.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  /// - Returns: The exit code.
  /// - Throws: `UsageError` or `ToolFailure`, with the text for the user.
  func run(_ words: [String]) throws -> ExitCode {
    guard let first = words.first else {
      throw UsageError.missingArgument("COMMAND", command: "scalemodel")
    }
    switch first {
    case "--version":
      try console.print("scalemodel \(ProgramVersion.current)\n")
      return .done
    case "--help", "-h", "help":
      let command = words.dropFirst().first.flatMap { word in commands.first { $0.word == word } }
      try console.print(command?.helpText ?? helpText)
      return .done
    default:
      break
    }
    let command = try command(called: first)
    let parsed = try command.parse(Array(words.dropFirst()))
    if parsed.wantsHelp {
      try console.print(command.helpText)
      return .done
    }
    switch first {
    case "run": return try RunCommand(console: console, words: parsed).run()
    case "bank": return try AccountCommand(console: console, words: parsed).run()
    case "sweep": return try SweepCommand(console: console, words: parsed).run()
    case "machine": return try MachineCommand(console: console, words: parsed).run()
    case "cluster-init": return try ClusterInitCommand(console: console, words: parsed).run()
    case "script": return try ScriptCommand(console: console, words: parsed).run()
    case "replay": return try ReplayCommand(console: console, words: parsed).run()
    default: return try SnapshotCommand(console: console, words: parsed).run()
    }
  }

  /// The command of a word.
  ///
  /// - Throws: `UsageError` with the word probably meant, including a command left out.
  private func command(called word: String) throws(UsageError) -> Command {
    if let command = commands.first(where: { $0.word == word }) { return command }
    let understood = commands.map(\.word) + ["--help", "--version"]
    let nearest =
      commands.first { $0.hasOption(word) }.map { "\($0.name) \(word)" }
      ?? Spelling.nearest(to: word, among: understood)
    throw .unknownCommand(word, nearest: nearest, tool: "scalemodel")
  }

  private var helpText: String {
    """
    scalemodel: a laboratory for logical time. Runs a small asynchronous distributed
    system as a scale model: a few machines, some instructions a second each, with
    Lamport clocks and journals.

    commands:
    \(Command.list(commands.map { ($0.name, $0.summary) }))
    'scalemodel COMMAND --help' explains a command, 'analyze --help' the tool that
    measures, checks and draws finished runs.

    """
  }
}
