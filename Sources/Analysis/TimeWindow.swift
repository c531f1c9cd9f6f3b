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
}
