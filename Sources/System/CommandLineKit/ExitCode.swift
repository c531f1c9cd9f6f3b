import SystemCalls

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

  /// What an output that the system refuses ends a tool with: it could not be written, for which a
  /// full disk is the common reason, or it could not be created.
  package init(ofRefusedOutput error: SystemError) {
    self = error.isOutOfRoom || error.call == "write" ? .inputOutput : .cannotCreate
  }
}

/// Why a tool ends early: what it says, in one line, and its exit code.
package struct ToolFailure: Error, Sendable {
  package let exitCode: ExitCode
  package let message: String

  package init(_ exitCode: ExitCode, _ message: String) {
    self.exitCode = exitCode
    self.message = message
  }

  /// Makes the failure of an input that cannot be read.
  package init(unreadableInput error: SystemError) {
    self.init(
      .noInput, "cannot read '\(error.subject)': \(error.reason); see whether it is there")
  }

  /// Makes the failure of an output that the system refuses.
  ///
  /// - Parameters:
  ///   - error: What it says.
  ///   - advice: What the user may do about it, besides making room.
  package init(refusedOutput error: SystemError, advice: String) {
    exitCode = ExitCode(ofRefusedOutput: error)
    message =
      exitCode == .inputOutput
      ? "cannot write '\(error.subject)': \(error.reason); make room, or \(advice)"
      : "cannot create '\(error.subject)': \(error.reason); \(advice)"
  }
}
