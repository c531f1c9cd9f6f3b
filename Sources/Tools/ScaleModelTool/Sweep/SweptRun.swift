import SystemCalls

/// A run as its sweep starts it: `scalemodel run` in its own process, which ends with the sweep,
/// however that ends.
enum SweptRun {
  /// The hidden command of its call; the sweep's process id and a run's words follow.
  private static let command = "run-of-sweep"

  /// The arguments of a child process that carries out a run.
  static func call(_ words: [String]) -> [String] {
    [command, "\(ThisProcess.id)"] + words
  }

  /// The words of the run, after tying this process to its sweep's.
  ///
  /// - Parameter words: This program's arguments.
  /// - Returns: Nil when this is no run of a sweep.
  static func words(ofCall words: [String]) -> [String]? {
    guard words.first == command, words.count >= 2, let parent = Int32(words[1]) else { return nil }
    guard ThisProcess.end(withParent: parent) else { exit(1) }
    return Array(words.dropFirst(2))
  }
}
