/// The command-line words of this process, as the system passed them.
package enum CommandWords {
  /// The index, from 1, of the first word that is not UTF-8; nil when all are.
  ///
  /// Swift's own list replaces invalid bytes, so a path in it would lead elsewhere.
  package static var firstNotText: Int? {
    (1..<max(1, Int(CommandLine.argc))).first { index in
      guard let word = CommandLine.unsafeArgv[index] else { return false }
      return String(validatingCString: word) == nil
    }
  }
}
