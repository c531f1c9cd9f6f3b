/// Completions for zsh: a function for its `_arguments`.
///
/// The file works both in a directory of `fpath` and read by `source`.
struct ZshCompletions {
  private let tool: Tool

  init(of tool: Tool) {
    self.tool = tool
  }

  /// The file that zsh reads.
  var text: String {
    "#compdef \(tool.name)\n" + tool.completionHeader(for: .zsh) + """

      _\(tool.name)() {
      \(tool.commands.isEmpty ? call(of: tool.root, indent: "  ") : choice)
      }

      if [[ $funcstack[1] == _\(tool.name) ]]; then _\(tool.name) "$@"
      else compdef _\(tool.name) \(tool.name); fi

      """
  }

  private var choice: String {
    let names = tool.commands.map { command in
      "    " + ShellWords.singleQuoted("\(command.word):\(command.summary)") + "\n"
    }.joined()
    let branches = tool.commands.map { command in
      "      \(command.word))\n\(call(of: command, indent: "        ")) ;;\n"
    }.joined()
    let own = specifications(of: tool.root).map { " " + $0 }.joined(separator: " \\\n     ")
    return """
        local curcontext=$curcontext state line
        local -A opt_args
        local -a commands=(
      \(names)  )
        _arguments -C -S : \\
         \(own) \\
          '1:command:->command' '*::argument:->argument' && return
        case $state in
          command) _describe -t commands command commands ;;
          argument) case $words[1] in
      \(branches)    esac ;;
        esac
      """
  }

  /// The call of `_arguments` for a command.
  private func call(of command: Command, indent: String) -> String {
    var specifications = specifications(of: command)
    if command.argumentCount.upperBound > 0 {
      specifications.append(
        Self.quoted(
          "*:\(Self.escaped(command.argumentsUsage)):\(Self.action(command.argumentHint))"))
    }
    return "\(indent)_arguments -S : \\\n\(indent)  "
      + specifications.joined(separator: " \\\n\(indent)  ")
  }

  private func specifications(of command: Command) -> [String] {
    command.options.map { option in
      let help = Self.escaped(option.help)
      guard option.takesValue else { return Self.quoted("*\(option.name)[\(help)]") }
      return Self.quoted(
        "*\(option.name)=[\(help)]:\(Self.escaped(option.placeholder)):\(Self.action(option.hint))")
    }
  }

  /// What zsh does to complete a value; a space for a value that it cannot.
  private static func action(_ hint: ValueHint) -> String {
    let words = hint.words.joined(separator: " ")
    let paths = hint.paths.map { $0 == .files ? "_files" : "_files -/" }
    guard let paths else { return words.isEmpty ? " " : "(\(words))" }
    if words.isEmpty { return paths }
    return "{_alternative 'word\\:word\\:(\(escaped(words)))' 'path\\:path\\:\(paths)'}"
  }

  private static func quoted(_ text: String) -> String { ShellWords.singleQuoted(text) }

  /// The text with the characters escaped that end a part of a specification.
  private static func escaped(_ text: String) -> String {
    text.reduce(into: "") { escaped, character in
      if "[]:\\".contains(character) { escaped.append("\\") }
      escaped.append(character)
    }
  }
}
