import ScaleModel

/// A stretch of a run, in nanoseconds since its start.
package struct TimeWindow: Hashable, Sendable {
  /// Where it begins; nil for the run's start, or for a diagram where a readable part begins.
  package var from: Int64?
  /// Where it ends, itself outside; nil for the run's end, or where a readable part ends.
  package var to: Int64?

  /// Makes a window; without bounds it is the whole run.
  package init(from: Int64? = nil, to: Int64? = nil) {
    (self.from, self.to) = (from, to)
  }

  /// Whether it is the whole run.
  package var isWhole: Bool { from == nil && to == nil }

  /// The columns that tables of a stretch have in addition; none when it is the whole run.
  var columns: [String] { isWhole ? [] : ["from_s", "to_s"] }

  /// Where it begins and ends in seconds since the run's start, in the order of ``columns``; empty
  /// when tables are of whole runs.
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

  /// The stretch in words: `from 10s to 20s`, `from 10s on`.
  package var words: String {
    func text(_ nanoseconds: Int64) -> String { "\(TimeSpan(nanoseconds: nanoseconds))" }
    return "from \(text(from ?? 0)) " + (to.map { "to \(text($0))" } ?? "on")
  }

  /// The words of a call that ask for it.
  package var commandWords: [String] {
    [("--from", from), ("--to", to)].flatMap { option, time in
      time.map { [option, "\(TimeSpan(nanoseconds: $0))"] } ?? []
    }
  }
}
