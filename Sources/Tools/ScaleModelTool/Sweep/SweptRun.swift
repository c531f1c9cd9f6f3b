import SystemCalls

/// A run as its sweep starts it: `scalemodel run` in a process of its own, which ends with the
/// sweep, however that ends.
enum SweptRun {
  /// The hidden word that begins its call; the sweep's process id and a run's words follow.
  private static let command = "run-of-sweep"

  /// The call that carries out a run, as the child of this process.
  static func call(_ words: [String]) -> [String] {
    [command, "\(ThisProcess.id)"] + words
  }

  /// The words of the run that is meant, after tying this process to its sweep's.
  ///
  /// - Parameter words: What this program was called with.
  /// - Returns: Nil when it is no run of a sweep.
  static func words(ofCall words: [String]) -> [String]? {
    guard words.first == command, words.count >= 2, let parent = Int32(words[1]) else { return nil }
    guard ThisProcess.end(withParent: parent) else { exit(1) }
    return Array(words.dropFirst(2))
  }
}
