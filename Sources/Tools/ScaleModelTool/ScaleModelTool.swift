import AnalyzeTool
import CommandLineKit
import LogicalTime

/// The tool `scalemodel`: finds the command, and handles what all commands share.
struct ScaleModelTool {
  let console: Console

  private static let tool = Tool(
    Command(
      name: Installation.name,
      summary: """
        A laboratory for logical time. Runs a small asynchronous distributed system as a scale
        model: a few machines, some instructions a second each, with Lamport clocks and journals.
        """,
      argumentsUsage: "COMMAND", argumentCount: 0...1,
      details: """
        '\(Installation.name) COMMAND --help' explains a command, and \
        '\(Installation.name) --help-man COMMAND' prints its manual page.
        """,
      example: """
        \(Installation.name) run --rates 1,3,6 --duration 60s --seed 7
        \(Installation.name) --completions bash > \(Installation.name).bash
        """,
      options: Tool.options),
    commands: [
      RunCommand.command, PageCommand.command, ExploreCommand.command, SnapshotCommand.command,
      TellCommand.command,
      BankCommand.command,
      SweepCommand.command, MachineCommand.command, ClusterInitCommand.command,
      ScriptCommand.command, ReplayCommand.command, NewCommand.command,
      AnalyzeTool.command.called("scalemodel \(AnalyzeTool.command.name)"),
    ].map { $0.called("\(Installation.name) \($0.word)") })

  /// Carries out the words of a call.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  /// - Returns: The exit code.
  /// - Throws: `UsageError` or `ToolFailure`, with the text for the user.
  func run(_ words: [String]) throws -> ExitCode {
    guard let first = words.first else {
      throw UsageError.missingArgument("COMMAND", command: console.tool)
    }
    if first == "help" || first == "-h" || Self.tool.root.hasOption(first) {
      let words = first == "help" ? ["--help"] + words.dropFirst() : words
      try console.print(try Self.tool.text(askedBy: Self.tool.root.parse(words)) ?? "")
      return .done
    }
    let command = try command(called: first)
    let parsed = try command.parse(Array(words.dropFirst()))
    if parsed.wantsHelp {
      try console.print(command.helpText)
      return .done
    }
    switch first {
    case "run": return try RunCommand(console: console, words: parsed).run()
    case "page": return try PageCommand(console: console, words: parsed).run()
    case "explore": return try ExploreCommand(console: console, words: parsed).run()
    case "tell": return try TellCommand(console: console, words: parsed).run()
    case "bank": return try BankCommand(console: console, words: parsed).run()
    case "sweep": return try SweepCommand(console: console, words: parsed).run()
    case "machine": return try MachineCommand(console: console, words: parsed).run()
    case "cluster-init": return try ClusterInitCommand(console: console, words: parsed).run()
    case "script": return try ScriptCommand(console: console, words: parsed).run()
    case "new": return try NewCommand(console: console, words: parsed).run()
    case "replay": return try ReplayCommand(console: console, words: parsed).run()
    default: return try SnapshotCommand(console: console, words: parsed).run()
    }
  }

  /// The command of a word.
  ///
  /// - Throws: `UsageError` with the word probably meant, including a command left out.
  private func command(called word: String) throws(UsageError) -> Command {
    let commands = Self.tool.commands
    if let command = commands.first(where: { $0.word == word }) { return command }
    let understood = commands.map(\.word) + ["--help", "--version"]
    let nearest =
      commands.first { $0.hasOption(word) }.map { "\($0.name) \(word)" }
      ?? Spelling.nearest(to: word, among: understood)
    throw .unknownCommand(word, nearest: nearest, tool: console.tool)
  }
}
