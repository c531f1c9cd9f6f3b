/// One run of an experiment: its number, its parameters and its seed.
package struct PlannedRun: Hashable, Sendable {
  /// Its number among all runs of the experiment, from 1.
  package private(set) var number: Int
  /// The number of its combination of the axes' values, from 1; all repetitions share it.
  package let configuration: Int
  /// The number of its repetition, from 1.
  package let repetition: Int
  /// The axes' values, in the order of the axes.
  package let parameters: [Setting]
  /// All options that the experiment sets, in the order of a command line.
  package let settings: [Setting]
  /// The seed of all its random choices.
  package let seed: UInt64
  /// The name of its run directory: number, parameters and repetition.
  package private(set) var directoryName: String

  /// The words of `scalemodel run` that carry it out; the caller adds the output directory.
  package var words: [String] {
    settings.flatMap(\.commandWords) + ["--seed", "\(seed)"]
  }

  /// The value it gives an option; nil when the experiment does not set it.
  package func text(of key: String) -> String? {
    settings.first { $0.option.key == key }?.text
  }

  /// Its parameters in words: `die 7, rates 1,3,6, repetition 2`.
  package var summary: String {
    (parameters.map { "\($0.option.key) \($0.text)" } + ["repetition \(repetition)"])
      .joined(separator: ", ")
  }
}

extension PlannedRun {
  /// The same run under another number and name.
  func renamed(number: Int, directoryName: String) -> PlannedRun {
    var run = self
    (run.number, run.directoryName) = (number, directoryName)
    return run
  }

  /// The longest directory name before values are shortened; a control socket's path has room for
  /// about a hundred bytes in all.
  private static let nameLengthMax = 64

  /// `0012-die=7-rates=1-3-6-r2`: characters that are safe in shells, tables and file systems.
  static func directoryName(
    number: Int, of runCount: Int, parameters: [Setting], repetition: Int
  ) -> String {
    let digits = String(number)
    let width = max(4, String(runCount).count)
    let start = String(repeating: "0", count: width - digits.count) + digits
    let end = "-r\(repetition)"
    let middle = parameters.map { "-\($0.option.key)=\(safe($0.text))" }.joined()
    return start + middle.prefix(nameLengthMax - start.count - end.count) + end
  }

  private static func safe(_ text: String) -> String {
    String(
      text.unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", ".", "_": Character(scalar)
        case ",", " ": "-"
        default: "_"
        }
      })
  }
}
