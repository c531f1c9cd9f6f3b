/// One run of an experiment: its number, its parameters and its seed.
package struct PlannedRun: Hashable, Sendable {
  /// Its place among all runs of the experiment, from 1.
  package private(set) var number: Int
  /// Which combination of the axes' values it is, from 1; all repetitions share it.
  package let configuration: Int
  /// Which repetition of that it is, from 1.
  package let repetition: Int
  /// The axes' values, in the order of the axes.
  package let parameters: [Setting]
  /// All options the experiment gives a value, in the order a command is written.
  package let settings: [Setting]
  /// What all its random choices derive from.
  package let seed: UInt64
  /// The name of its run directory: number, parameters and repetition.
  package private(set) var directoryName: String

  /// The words of `scalemodel run` that carry it out; where to is for others to say.
  package var words: [String] {
    settings.flatMap(\.commandWords) + ["--seed", "\(seed)"]
  }

  /// The value it gives an option; nil when the experiment leaves it alone.
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

  /// How long a directory's name may be before values are cut; a control socket's path has room
  /// for about a hundred bytes in all.
  private static let nameLengthMax = 64

  /// `0012-die=7-rates=1-3-6-r2`: letters no shell, table or system stumbles over.
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
