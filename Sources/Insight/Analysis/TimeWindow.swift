import ScaleModel

/// A time window of a run, in nanoseconds since its start.
package struct TimeWindow: Hashable, Sendable {
  /// Its start; nil for the run's start, or in a diagram for the start of a readable part.
  package var from: Int64?
  /// Its end, excluded; nil for the run's end, or in a diagram for the end of a readable part.
  package var to: Int64?

  /// Makes a window; without bounds it is the whole run.
  package init(from: Int64? = nil, to: Int64? = nil) {
    (self.from, self.to) = (from, to)
  }

  /// Whether it is the whole run.
  package var isWhole: Bool { from == nil && to == nil }

  /// The additional columns of tables of this window; none when it is the whole run.
  var columns: [String] { isWhole ? [] : ["from_s", "to_s"] }

  /// Its start and end in seconds since the run's start, in the order of ``columns``; empty when it
  /// is the whole run.
  var cells: [Cell] {
    if isWhole { return [] }
    return [.number(Double(from ?? 0) / 1e9), Cell(to.map { Double($0) / 1e9 })]
  }

  /// Its system times in a run.
  ///
  /// - Parameter originTime: The run's start.
  /// - Returns: Nil when it is the whole run.
  func systemTimes(after originTime: Int64) -> Range<Int64>? {
    if isWhole { return nil }
    func time(_ elapsed: Int64?, or other: Int64) -> Int64 {
      guard let elapsed else { return other }
      let (sum, overflows) = originTime.addingReportingOverflow(elapsed)
      return overflows ? .max : sum
    }
    let start = time(from, or: .min)
    return start..<max(start, time(to, or: .max))
  }

  /// The window in words: `from 10s to 20s`, `from 10s on`.
  package var words: String {
    func text(_ nanoseconds: Int64) -> String { "\(TimeSpan(nanoseconds: nanoseconds))" }
    return "from \(text(from ?? 0)) " + (to.map { "to \(text($0))" } ?? "on")
  }

  /// The command-line options that select it.
  package var commandWords: [String] {
    [("--from", from), ("--to", to)].flatMap { option, time in
      time.map { [option, "\(TimeSpan(nanoseconds: $0))"] } ?? []
    }
  }
}
