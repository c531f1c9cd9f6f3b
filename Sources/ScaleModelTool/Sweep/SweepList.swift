import CommandLineKit
import Experiments

/// The runs of a sweep as a table: numbers, parameters, seeds, and the commands that do the same.
struct SweepList {
  let plan: SweepPlan
  let part: SweepPart

  /// The table, a line per run.
  var text: String {
    let names = plan.experiment.axes.map(\.name)
    let header = ["run"] + names + ["repetition", "seed", "command"]
    let rows = part.runs.map { run in
      ["\(run.number)"] + run.parameters.map(\.text)
        + [
          "\(run.repetition)", "\(run.seed)", "scalemodel " + ShellWords.text(plan.words(of: run)),
        ]
    }
    let alignments: [TextTable.Alignment] =
      [.right] + names.map { _ in .right } + [.right, .right, .left]
    return TextTable(rows: [header] + rows, alignments: alignments).text
  }
}

/// Words as a shell reads them.
enum ShellWords {
  /// The words with spaces between them, those in quotes that a shell would take apart.
  static func text(_ words: [String]) -> String {
    words.map(quoted).joined(separator: " ")
  }

  private static func quoted(_ word: String) -> String {
    let isPlain = word.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", ".", ",", "_", "-", "/", ":", "=", "@", "+", "%": true
      default: false
      }
    }
    if isPlain && !word.isEmpty { return word }
    return "'"
      + word.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
  }
}
