/// What a tool tells the shell at its end; scripts depend on the numbers.
package enum ExitCode: Int32, Sendable {
  case done = 0
  /// A check or a run failed.
  case failed = 1
  /// The call's words are wrong.
  case usage = 64
  /// An input is not what it should be.
  case malformedInput = 65
  /// There is no such input.
  case noInput = 66
  /// A peer cannot be reached, or a port is in use.
  case unavailable = 69
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed: a full disk.
  case inputOutput = 74
  /// Ended early by Ctrl-C, files whole.
  case interrupted = 130
}

/// Why a tool ends early: what it says, in one line, and its exit code.
package struct ToolFailure: Error, Sendable {
  package let exitCode: ExitCode
  package let message: String

  package init(_ exitCode: ExitCode, _ message: String) {
    self.exitCode = exitCode
    self.message = message
  }
}
