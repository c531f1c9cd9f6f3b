/// A mistake in the words of a call; every case ends a tool with exit code 64.
package enum UsageError: Error, Hashable, Sendable {
  /// No option has this name; `nearest` is one that it may be a slip of.
  case unknownOption(String, nearest: String?, command: String)
  /// No command has this name; `nearest` is one that it may be a slip of.
  case unknownCommand(String, nearest: String?, tool: String)
  /// The option is the last word, and needs a value.
  case missingValue(option: String, placeholder: String)
  /// The option is a switch, and was given a value.
  case unexpectedValue(option: String, value: String)
  /// The value cannot be read, or is out of range.
  case malformedValue(option: String, value: String, expected: String)
  /// The command takes no such argument.
  case unexpectedArgument(String, command: String)
  /// The command needs this argument.
  case missingArgument(String, command: String)
  /// Options that are valid one by one but not together; the text says what to do.
  case contradiction(String)
}

extension UsageError: CustomStringConvertible {
  /// The error and its remedy, in one line.
  package var description: String {
    switch self {
    case .unknownOption(let word, let nearest, let command):
      "unknown option '\(word)'; \(Self.advice(nearest, command))"
    case .unknownCommand(let word, let nearest, let tool):
      "unknown command '\(word)'; \(Self.advice(nearest, tool))"
    case .missingValue(let option, let placeholder):
      "\(option) needs a value: \(option) \(placeholder)"
    case .unexpectedValue(let option, let value):
      "\(option) takes no value, but got '\(value)'; leave '=\(value)' out"
    case .malformedValue(let option, let value, let expected):
      "\(option): '\(value)' is not possible; expected \(expected)"
    case .unexpectedArgument(let word, let command):
      "unexpected '\(word)'; see '\(command) --help'"
    case .missingArgument(let usage, let command):
      "\(usage) is missing; see '\(command) --help'"
    case .contradiction(let text):
      text
    }
  }

  private static func advice(_ nearest: String?, _ command: String) -> String {
    nearest.map { "did you mean '\($0)'?" } ?? "see '\(command) --help'"
  }
}
