import CommandLineKit
import SystemCalls

/// Decides whether commands such as `snapshot 2` are read from standard input.
///
/// Standard input belongs to the shell that started the tool: in a `while read` loop it is the
/// loop's list. So it is read only when it is a terminal, or on request.
enum CommandInput {
  static let option = Option<String>(
    "--commands", "-",
    help: "read commands from standard input (only when it is a terminal)",
    expected: "-, which is standard input", hint: ValueHint(words: ["-"])
  ) { $0 == "-" ? $0 : nil }

  /// The help text about it.
  static let help = """
    Standard input is read only when it is a terminal, or with '--commands -':
    '(sleep 5; echo snapshot) | scalemodel run --commands -'.
    """

  /// Whether a call reads commands.
  ///
  /// - Throws: An error for a regular file, which would give all commands at the start.
  static func isRead(_ words: ParsedWords) throws(UsageError) -> Bool {
    guard try words.value(of: option) != nil else { return Descriptor.standardInput.isTerminal }
    guard !Descriptor.standardInput.isPlainFile else {
      throw .contradiction(
        "--commands - cannot wait for lines of a plain file; pipe them, such as "
          + "'(sleep 5; cat FILE) | scalemodel run --commands -'")
    }
    return true
  }
}
