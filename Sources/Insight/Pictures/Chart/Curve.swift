/// A curve in pixels, with no more points than a reader can see.
struct Curve {
  /// The runs of points between gaps.
  private var pieces: [[Series.Point]] = []

  /// Maps points to pixels; a point without a position interrupts the curve.
  init(_ points: [Series.Point], in frame: ChartFrame) {
    var piece: [Series.Point] = []
    for point in points {
      if let x = frame.x(point.x), let y = frame.y(point.y) {
        piece.append(Series.Point(x, y))
      } else if !piece.isEmpty {
        pieces.append(piece)
        piece = []
      }
    }
    if !piece.isEmpty { pieces.append(piece) }
  }

  /// The curve as a path; when it is stepped, each value holds until the next one.
  func path(isStepped: Bool) -> String {
    var path = PathText()
    for piece in pieces {
      var previous: Series.Point?
      for point in Self.reduced(piece) {
        if let previous {
          if isStepped { path.line(point.x, previous.y) }
          path.line(point.x, point.y)
        } else {
          path.move(point.x, point.y)
        }
        previous = point
      }
    }
    return path.text
  }

  /// The area between two curves as a path.
  static func band(_ points: [Series.BandPoint], in frame: ChartFrame) -> String {
    let low = Curve(points.map { Series.Point($0.x, $0.low) }, in: frame).pieces.first ?? []
    let high = Curve(points.map { Series.Point($0.x, $0.high) }, in: frame).pieces.first ?? []
    guard let first = high.first, low.count > 1 else { return "" }
    var path = PathText()
    path.move(first.x, first.y)
    for point in reduced(high).dropFirst() { path.line(point.x, point.y) }
    for point in reduced(low).reversed() { path.line(point.x, point.y) }
    path.close()
    return path.text
  }

  /// The first, the last and the extreme points of one column of pixels.
  private static func reduced(_ points: [Series.Point]) -> [Series.Point] {
    var kept: [Series.Point] = []
    var start = points.startIndex
    while start < points.endIndex {
      let column = points[start].x.rounded(.down)
      let end = points[start...].firstIndex { $0.x.rounded(.down) != column } ?? points.endIndex
      kept += extremes(of: points[start..<end])
      start = end
    }
    return kept
  }

  private static func extremes(of points: ArraySlice<Series.Point>) -> [Series.Point] {
    guard points.count > 4, let first = points.first, let last = points.last,
      let highest = points.indices.min(by: { points[$0].y < points[$1].y }),
      let lowest = points.indices.max(by: { points[$0].y < points[$1].y })
    else { return Array(points) }
    let middle = [min(highest, lowest), max(highest, lowest)].map { points[$0] }
    return [first] + middle + [last]
  }
}
