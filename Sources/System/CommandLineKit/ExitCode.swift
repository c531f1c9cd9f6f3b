import SystemCalls

/// The exit codes of a tool; scripts depend on the numbers.
package enum ExitCode: Int32, CaseIterable, Sendable {
  /// All went well, and every check passed.
  case done = 0
  /// A check or a run failed.
  case failed = 1
  /// The command line is wrong.
  case usage = 64
  /// An input is malformed.
  case malformedInput = 65
  /// An input does not exist.
  case noInput = 66
  /// A peer cannot be reached, or a port is in use.
  case unavailable = 69
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed: a full disk.
  case inputOutput = 74
  /// Ended early by Ctrl-C, with all files complete.
  case interrupted = 130

  /// What it tells a script, for a manual page.
  var meaning: String {
    switch self {
    case .done: "Done."
    case .failed: "A check or a run failed."
    case .usage: "The command line is wrong."
    case .malformedInput: "An input is malformed."
    case .noInput: "An input does not exist."
    case .unavailable: "A peer cannot be reached, or a port is in use."
    case .cannotCreate: "An output cannot be created."
    case .inputOutput: "Reading or writing failed, or there is too little room: disk or memory."
    case .interrupted: "Ended early by Ctrl-C or SIGTERM; all files are complete."
    }
  }

  /// The exit code for an output that the system refuses: it could not be written, commonly because
  /// the disk is full, or it could not be created.
  package init(ofRefusedOutput error: SystemError) {
    self = error.isOutOfRoom || error.call == "write" ? .inputOutput : .cannotCreate
  }
}

/// Why a tool ends early: a message of one line, and its exit code.
package struct ToolFailure: Error, Sendable {
  /// The tool's exit code.
  package let exitCode: ExitCode
  /// The message, in one line.
  package let message: String

  /// Makes a failure.
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
  ///   - error: The system's reason.
  ///   - advice: What the user may do about it, besides freeing space.
  package init(refusedOutput error: SystemError, advice: String) {
    exitCode = ExitCode(ofRefusedOutput: error)
    message =
      exitCode == .inputOutput
      ? "cannot write '\(error.subject)': \(error.reason); make room, or \(advice)"
      : "cannot create '\(error.subject)': \(error.reason); \(advice)"
  }
}
