import Testing

@testable import CommandLineKit

@Suite("Completions and manual pages")
struct ToolTests {
  private static let command = Command(
    name: "tool do", summary: "Do it. All of it.", argumentsUsage: "FILE", argumentCount: 1...1,
    details: """
      A paragraph's first line,
      and its second.
        key   what it is
          sub  what is in it
      .hidden is a file, \\d an expression.
      """,
    example: "tool do 'it'", argumentHint: .files,
    options: [
      Option.text("--note", "TEXT", help: "it's [so]: a \\ there").shape,
      Option.text("--to", "DIR", help: "where to").shape,
      Option<Shell>.word("--in", help: "which one").shape,
    ])
  private static let tool = Tool(
    Command(name: "tool", summary: "A tool.", example: "tool do", options: Tool.options),
    commands: [command])

  @Test(
    "What a shell interprets is quoted",
    arguments: [
      (Shell.zsh, #"'*--note=[it'\''s \[so\]\: a \\ there]:TEXT: '"#),
      (.zsh, "'*--in=[which one]:WORD:(bash zsh fish)'"),
      (.zsh, "'*--to=[where to]:DIR:_files -/'"),
      (.zsh, "'*:FILE:_files'"), (.fish, #"-l note -r -f -d 'it'\''s [so]: a \\ there'"#),
      (.fish, "-l in -r -f -a 'bash zsh fish' -d 'which one'"),
      (.fish, "-l to -r -f -a '(__fish_complete_directories)' -d 'where to'"),
      (.bash, "--in) words='bash zsh fish' ;;"), (.bash, "--to) paths=directories ;;"),
      (.bash, "  --note) ;;"), (.bash, "else paths=files; fi"),
    ])
  func completions(shell: Shell, line: String) {
    #expect(Self.tool.completions(for: shell).contains(line))
  }

  @Test("A manual page has its sections in order, and nothing that man would misread")
  func manualPage() throws {
    let words = try Self.tool.root.parse(["--help-man"])
    let own = try #require(try Self.tool.text(askedBy: words))
    #expect(own.contains("tool \\- a tool\n"))
    let page = ManualPage(of: Self.command, in: Self.tool).text
    let sections = page.matches(of: #/\n\.SH ([A-Z ]+)/#).map { String($0.1) }
    #expect(
      sections == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "EXAMPLES", "SEE ALSO",
      ])
    for text in [
      ".TH TOOL\\-DO 1 ", "tool\\-do \\- do it\n",
      ".PP\nA paragraph\\(aqs first line, and its second.\n",
      ".TP\n.B key\nwhat it is\n", ".RS 4\n.TP\n.B sub\nwhat is in it\n.RE\n",
      ".PP\n\\&.hidden is a file, \\ed an expression.\n",
      ".B \\-\\-note TEXT\nit\\(aqs [so]: a \\e there\n", ".nf\ntool do \\(aqit\\(aq\n.fi\n",
      "[OPTION]\\[u2026] FILE\n",
    ] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(page.utf8.count == page.unicodeScalars.count { $0.isASCII })
  }
}
