/// A tool and its commands, and the texts that it prints about itself.
///
/// All texts derive from the declarations of the commands' options: the help, the completions of
/// shells and the manual pages.
package struct Tool: Sendable {
  /// The tool itself as a command; its options are those that ask for these texts.
  package let root: Command
  /// Its commands, in the order of the help; empty for a tool that is one command.
  package let commands: [Command]

  /// Describes a tool.
  ///
  /// - Parameters:
  ///   - root: The tool as a command; ``options`` are among its options.
  ///   - commands: Its commands; none for a tool that is one command.
  package init(_ root: Command, commands: [Command] = []) {
    self.root = root
    self.commands = commands
  }

  /// Its name, which users type.
  package var name: String { root.name }

  private static let version = Option.flag("--version", help: "print the version")
  private static let completions = Option<Shell>.word(
    "--completions", "SHELL", help: "print the completions for bash, zsh or fish")
  private static let manual = Option.flag("--help-man", help: "print the manual page, for man")

  /// The options that ask for a text about the tool.
  package static let options = [version.shape, completions.shape, manual.shape]

  /// Finds the text about the tool that a call asks for.
  ///
  /// An argument names the command that help or a manual page is about.
  ///
  /// - Parameter words: The call, parsed by ``root``.
  /// - Returns: The text; nil when the call asks for something else.
  /// - Throws: A shell that is not known.
  package func text(askedBy words: ParsedWords) throws(UsageError) -> String? {
    let command =
      words.arguments.first.flatMap { word in commands.first { $0.word == word } } ?? root
    if words.has(Self.manual) {
      return ManualPage(of: command, in: self).text
    }
    if words.wantsHelp {
      return command == root && !commands.isEmpty ? helpText : command.helpText
    }
    if words.has(Self.version) { return "\(name) \(ProgramVersion.current)\n" }
    return try words.value(of: Self.completions).map { completions(for: $0) }
  }

  /// The completions of the tool for a shell: a file that it reads.
  package func completions(for shell: Shell) -> String {
    switch shell {
    case .bash: BashCompletions(of: self).text
    case .zsh: ZshCompletions(of: self).text
    case .fish: FishCompletions(of: self).text
    }
  }

  /// What `--help` prints for a tool with commands: the commands, and the tool's own options.
  private var helpText: String {
    TextFill.fill("\(name): \(root.summary.prefix(1).lowercased() + root.summary.dropFirst())")
      + "\n\ncommands:\n"
      + Command.list(commands.map { ($0.name, $0.summary) })
      + "\noptions:\n" + root.optionList + "\n" + TextFill.fill(root.details) + "\n"
  }
}

extension Command: Equatable {
  /// Whether both are the same command: names are unique in a tool.
  package static func == (one: Command, other: Command) -> Bool { one.name == other.name }
}
