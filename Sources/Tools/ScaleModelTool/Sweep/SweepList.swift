import CommandLineKit
import Experiments

/// The runs of a sweep as a table: numbers, parameters, seeds, and equivalent commands.
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
          "\(run.repetition)", "\(run.seed)",
          ShellWords.text([Installation.name] + plan.words(of: run)),
        ]
    }
    let alignments: [TextTable.Alignment] =
      [.right] + names.map { _ in .right } + [.right, .right, .left]
    return TextTable(rows: [header] + rows, alignments: alignments).text
  }
}
