/// A shell that a tool has completions for.
package enum Shell: String, CaseIterable, Sendable {
  case bash
  case zsh
  case fish
}

extension Tool {
  /// The first lines of a completion file, which say where it comes from.
  func completionHeader(for shell: Shell) -> String {
    "# Completions of \(name) \(ProgramVersion.current) for \(shell.rawValue), made by "
      + "'\(name) --completions \(shell.rawValue)'.\n"
  }
}
