/// A command's manual page, in the language of `man`.
struct ManualPage {
  private let command: Command
  private let tool: Tool

  init(of command: Command, in tool: Tool) {
    self.command = command
    self.tool = tool
  }

  /// The page; plain ASCII, so that it is the same in every locale.
  var text: String {
    let name = Self.pageName(of: command)
    return Self.lines([
      ".\\\" Made by '\(tool.name) --help-man'.",
      ".TH \(Self.escaped(name.uppercased())) 1 \"\" \"scalemodel \(ProgramVersion.current)\"",
      ".SH NAME",
      "\(Self.escaped(name)) \\- \(Self.escaped(Self.phrase(command.summary)))",
      ".SH SYNOPSIS",
      ".B \(Self.escaped(command.name))",
      Self.escaped(command.argumentWords),
      ".SH DESCRIPTION",
      Self.escaped(command.summary),
    ]) + Self.prose(command.details) + commands
      + ".SH OPTIONS\n" + command.optionRows.map(Self.entry).joined()
      + ".SH EXIT STATUS\n"
      + ExitCode.allCases.map { Self.entry("\($0.rawValue)", $0.meaning) }.joined()
      + ".SH EXAMPLES\n.nf\n" + Self.escapedLines(command.example) + ".fi\n" + others
  }

  /// The tool's commands, on the page of the tool itself.
  private var commands: String {
    guard command == tool.root, !tool.commands.isEmpty else { return "" }
    return ".SH COMMANDS\n" + tool.commands.map { Self.entry($0.name, $0.summary) }.joined()
  }

  private var others: String {
    let pages = [tool.root] + tool.commands
    let names = pages.filter { $0 != command }.map(Self.pageName)
    guard !names.isEmpty else { return "" }
    return ".SH SEE ALSO\n"
      + names.map { "\(Self.escaped($0))(1)" }.joined(separator: ",\n") + "\n"
  }

  private static func pageName(of command: Command) -> String {
    command.name.split(separator: " ").joined(separator: "-")
  }

  /// The first sentence of a summary as the phrase that `whatis` shows.
  private static func phrase(_ summary: String) -> String {
    let text =
      summary.firstRange(of: ". ").map { summary[..<$0.lowerBound] }
      ?? (summary.hasSuffix(".") ? summary.dropLast() : summary[...])
    return text.prefix(1).lowercased() + text.dropFirst()
  }

  private static func entry(_ label: String, _ text: String) -> String {
    ".TP\n.B \(escaped(label))\n\(escaped(text))\n"
  }

  /// Paragraphs and entries of a help text; a deeper entry is indented further.
  private static func prose(_ text: String) -> String {
    TextFill.blocks(of: text).map { block in
      let label = block.label.drop { $0 == " " }
      let indent = block.label.count - label.count
      let words = escaped(block.words.joined(separator: " "))
      if block.words.isEmpty && label.isEmpty { return "" }
      if indent == 0 { return ".PP\n\(words)\n" }
      if label.isEmpty { return ".RS\n\(words)\n.RE\n.PP\n" }
      let name = label.prefix(label.count - block.gap)
      let entry = entry(String(name), block.words.joined(separator: " "))
      return indent > 2 ? ".RS 4\n\(entry).RE\n" : entry
    }.joined()
  }

  private static func lines(_ lines: [String]) -> String {
    lines.filter { !$0.isEmpty }.map { $0 + "\n" }.joined()
  }

  private static func escapedLines(_ text: String) -> String {
    lines(text.split(separator: "\n").map { escaped(String($0)) })
  }

  /// A line of text with what `man` would interpret escaped.
  private static func escaped(_ line: String) -> String {
    let isControl = line.hasPrefix(".") || line.hasPrefix("'")
    return line.unicodeScalars.reduce(into: isControl ? "\\&" : "") { text, scalar in
      switch scalar {
      case "\\": text += "\\e"
      case "-": text += "\\-"
      case "'": text += "\\(aq"
      case "`": text += "\\(ga"
      case "^": text += "\\(ha"
      case "~": text += "\\(ti"
      case "\"": text += "\\(dq"
      case " "..."}": text.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        text += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
  }
}
