import Analysis
import CommandLineKit
import ScaleModel

/// `analyze RUN --clocks`: what logical clocks cost and tell, on the same run.
extension AnalyzeTool {
  static let clocks = Option.flag(
    "--clocks", help: "compare logical clocks, all computed from the same journals (clocks.csv)")
  static let offsetMax = Option<TimeSpan>(
    "--max-offset", "TIME",
    help: "with --clocks: also hybrid clocks that refuse messages from further ahead",
    expected: "a time such as 500ms"
  ) { TimeSpan($0) }
  static let clockDetails = """
    Clocks: --clocks prints a row for each: vector, lamport, matrix and interval-tree (up to 30
    machines), plausible and bloom clocks of several sizes, hybrid and hybrid-vector. Columns: bytes
    of a stamp at a send; pairs of events, how many were compared (all of up to 2,000,000, otherwise
    a sample) and how many of these are concurrent; the share of the concurrent ones that the clock
    orders, with its 95 % interval; wrong verdicts, judged by the vector clock; how far a hybrid
    clock is ahead of physical time, as a share of events and in seconds; the largest counter; and
    how many receipts --max-offset refuses. The run itself is not changed.
    """

  /// The table of clocks: aligned on a terminal, else CSV.
  func clockText(of findings: [RunFindings], _ request: AnalyzeRequest) -> String {
    let rows = findings.flatMap(\.clocks)
    return console.isReadByPerson
      ? FigureTable(rows, names: [.run, .clock]).text : ClockRow.csv(rows, of: request.window)
  }
}
