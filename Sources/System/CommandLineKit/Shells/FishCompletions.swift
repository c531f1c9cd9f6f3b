/// Completions for fish: a `complete` line per command and option.
struct FishCompletions {
  private let tool: Tool

  init(of tool: Tool) {
    self.tool = tool
  }

  /// The file that fish reads.
  var text: String {
    guard !tool.commands.isEmpty else {
      return tool.completionHeader(for: .fish) + "\ncomplete -c \(tool.name) -f\n"
        + lines(of: tool.root, condition: nil)
    }
    let isCommand = "__\(tool.name)_command"
    let names = tool.commands.map { command in
      "complete -c \(tool.name) -n \(isCommand) -a \(command.word) "
        + "-d \(Self.quoted(command.summary))\n"
    }.joined()
    return tool.completionHeader(for: .fish) + """

      # Whether the tool's first word is this command; without one, whether it is none.
      function \(isCommand)
        set -l words (commandline -opc)
        if test (count $argv) -eq 0
          test (count $words) -eq 1; or string match -q -- '-*' "$words[2]"
        else
          test (count $words) -gt 1; and test "$words[2]" = "$argv[1]"
        end
      end

      complete -c \(tool.name) -f

      """ + names + lines(of: tool.root, condition: isCommand)
      + tool.commands.map { lines(of: $0, condition: "\(isCommand) \($0.word)") }.joined()
  }

  private func lines(of command: Command, condition: String?) -> String {
    let start = "complete -c \(tool.name)" + (condition.map { " -n '\($0)'" } ?? "")
    var lines = command.options.map { option in
      "\(start) -l \(option.name.drop { $0 == "-" })"
        + (option.takesValue ? " -r" + Self.values(option.hint) : "")
        + " -d \(Self.quoted(option.help))\n"
    }
    if command.argumentHint != .nothing {
      lines.append(start + Self.values(command.argumentHint) + "\n")
    }
    return lines.joined()
  }

  private static func values(_ hint: ValueHint) -> String {
    let words = hint.words.joined(separator: " ")
    return switch hint.paths {
    case .files: " -F" + (words.isEmpty ? "" : " -a '\(words)'")
    case .directories:
      " -f -a '\(words.isEmpty ? "" : words + " ")(__fish_complete_directories)'"
    case nil: " -f" + (words.isEmpty ? "" : " -a '\(words)'")
    }
  }

  /// The text in fish's single quotes, in which a backslash escapes.
  private static func quoted(_ text: String) -> String {
    let doubled = text.split(separator: "\\", omittingEmptySubsequences: false)
    return ShellWords.singleQuoted(doubled.joined(separator: "\\\\"))
  }
}
