import CommandLineKit

/// The tool `scalemodel`: finds the command that is meant, and answers what concerns them all.
struct ScaleModelTool {
  let console: Console

  /// Every command, in the order help lists them.
  private let commands: [Command] = [RunCommand.command, SnapshotCommand.command]

  /// Carries out the words of a call.
  ///
  /// - Parameter words: What the user typed after the tool's name.
  /// - Returns: What to tell the shell.
  /// - Throws: `UsageError` or `ToolFailure`, in the words the user is to read.
  func run(_ words: [String]) throws -> ExitCode {
    guard let first = words.first else {
      throw UsageError.missingArgument("COMMAND", command: "scalemodel")
    }
    switch first {
    case "--version":
      try console.print("scalemodel \(ProgramVersion.current)\n")
      return .done
    case "--help", "-h", "help":
      try console.print(helpText)
      return .done
    default:
      break
    }
    let names = commands.map { String($0.name.split(separator: " ")[1]) }
    guard let index = names.firstIndex(of: first) else {
      throw UsageError.unknownCommand(
        first, nearest: Spelling.nearest(to: first, among: names), tool: "scalemodel")
    }
    let parsed = try commands[index].parse(Array(words.dropFirst()))
    if parsed.wantsHelp {
      try console.print(commands[index].helpText)
      return .done
    }
    switch first {
    case "run": return try RunCommand(console: console, words: parsed).run()
    default: return try SnapshotCommand(console: console, words: parsed).run()
    }
  }

  private var helpText: String {
    let rows = commands.map { ["  " + $0.name, $0.summary] }
    return """
      scalemodel: a laboratory for logical time. Runs a small asynchronous distributed system as a
      scale model: a few machines, some instructions a second each, with Lamport clocks and journals.

      commands:
      \(TextTable(rows: rows, alignments: [.left, .left]).text)
      'scalemodel COMMAND --help' explains a command; 'analyze --help' what comes afterwards.

      """
  }
}
