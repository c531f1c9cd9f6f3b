extension MarkupPen {
  /// Draws the time of a diagram with a lane per machine: a line across the lanes at round times,
  /// and below it the seconds since the start.
  ///
  /// - Parameters:
  ///   - seconds: The times shown.
  ///   - frame: Where the time begins and ends, and where the lines across the lanes do.
  ///   - x: Where a time stands, in nanoseconds since the start.
  mutating func timeAxis(
    _ seconds: ClosedRange<Double>,
    _ frame: (left: Double, right: Double, top: Double, bottom: Double), x: (Int64) -> Double
  ) {
    for tick in Scale(Axis("", bounds: seconds), values: [], tickCount: 8).ticks {
      let x = x(Int64((tick.value * 1e9).rounded()))
      line(x, frame.top, x, frame.bottom, class: "grid")
      text(tick.text, x: x, y: frame.bottom + 18, class: "quiet-text", anchor: "middle")
    }
    text(
      "seconds since the start", x: (frame.left + frame.right) / 2, y: frame.bottom + 36,
      class: "quiet-text", anchor: "middle")
  }
}
