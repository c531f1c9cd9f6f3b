/// Completions for bash: a function that works without other packages.
struct BashCompletions {
  private let tool: Tool

  init(of tool: Tool) {
    self.tool = tool
  }

  /// The file that bash reads.
  ///
  /// Readline itself completes paths, since it knows how to quote spaces in them; the function only
  /// says which kind of path is wanted. Without `compopt`, before bash 4, all files are offered.
  var text: String {
    tool.completionHeader(for: .bash) + """

      _\(tool.name)() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
        local words= paths= word
        COMPREPLY=()
        # To bash, '--option=value' is three words.
        if [[ $cur == = ]]; then cur=
        elif [[ $prev == = && $COMP_CWORD -gt 2 ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
      \(choice)
        while IFS= read -r word; do
          [[ -z $word ]] || COMPREPLY+=("$word")
        done < <(compgen -W "$words" -- "$cur")
        case $paths in
          files) ;;
          directories) compopt +o default -o dirnames 2> /dev/null ;;
          *) compopt +o default 2> /dev/null ;;
        esac
      }
      complete -o default -F _\(tool.name) \(tool.name)

      """
  }

  /// Sets `words` and `paths` for the word under the cursor.
  private var choice: String {
    guard !tool.commands.isEmpty else { return values(of: tool.root, indent: "  ") }
    let names = tool.commands.map(\.word).joined(separator: " ")
    let branches = tool.commands.map { command in
      "    \(command.word))\n\(values(of: command, indent: "      "))\n      ;;\n"
    }.joined()
    return """
        if [[ $COMP_CWORD -eq 1 || ${COMP_WORDS[1]} == -* ]]; then
      \(values(of: tool.root, indent: "    ", arguments: ValueHint(words: [names])))
        else case ${COMP_WORDS[1]} in
      \(branches)  esac; fi
      """
  }

  private func values(
    of command: Command, indent: String, arguments: ValueHint? = nil
  ) -> String {
    var lines = ["case $prev in"]
    for option in command.options where option.takesValue && option.hint != .nothing {
      lines.append("  \(option.name)) \(Self.assignment(option.hint)) ;;")
    }
    let silent = command.options.filter { $0.takesValue && $0.hint == .nothing }.map(\.name)
    if !silent.isEmpty { lines.append("  \(silent.joined(separator: " | "))) ;;") }
    let options = command.options.map(\.name).joined(separator: " ")
    let hint = arguments ?? command.argumentHint
    if hint == .nothing {
      lines.append("  *) words='\(options)' ;;")
    } else {
      lines += [
        "  *)", "    if [[ $cur == -* ]]; then words='\(options)'",
        "    else \(Self.assignment(hint)); fi", "    ;;",
      ]
    }
    lines.append("esac")
    return lines.map { indent + $0 }.joined(separator: "\n")
  }

  private static func assignment(_ hint: ValueHint) -> String {
    let words =
      hint.words.isEmpty
      ? [] : ["words=" + ShellWords.singleQuoted(hint.words.joined(separator: " "))]
    let paths =
      switch hint.paths {
      case .files: ["paths=files"]
      case .directories: ["paths=directories"]
      case nil: [String]()
      }
    return (words + paths).joined(separator: " ")
  }
}
