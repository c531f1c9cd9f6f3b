/// The words that this process was called with, as the system gave them.
package enum CommandWords {
  /// Which word, from 1, is the first that is not UTF-8; nil when all are.
  ///
  /// Swift's own list has other bytes in its place, so a path in it would lead elsewhere.
  package static var firstNotText: Int? {
    (1..<max(1, Int(CommandLine.argc))).first { place in
      guard let word = CommandLine.unsafeArgv[place] else { return false }
      return String(validatingCString: word) == nil
    }
  }
}
