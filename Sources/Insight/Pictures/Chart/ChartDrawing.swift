/// Draws a chart as SVG with real text, on a background that follows the reader's colour scheme.
struct ChartDrawing {
  static let width = 760.0
  static let padding = 16.0
  /// A curve that ends farther than this from the right edge gets an end marker.
  private static let endMargin = 40.0

  private let chart: Chart
  private let frame: ChartFrame

  init(_ chart: Chart) {
    self.chart = chart
    frame = ChartFrame(chart)
  }

  /// The SVG; `id` is the prefix of its title's and description's ids, unique in a page.
  func svg(id: String, style: SVGCanvas.Style) -> String {
    let note = TextLines.wrapped(chart.note, width: Int(chart.width / 6.4))
    let canvas = SVGCanvas(
      id: id, title: chart.title, summary: chart.summary, style: style, width: chart.width,
      height: frame.height + (note.isEmpty ? 0 : Double(note.count) * 16 + 14))
    return canvas.svg { pen in
      drawHeading(&pen)
      if !chart.series.isEmpty { drawAxes(&pen) }
      frame.clip(&pen) { pen in
        for (index, series) in chart.series.enumerated() { drawCurve(series, index, &pen) }
      }
      for series in chart.series { drawMarkers(series, &pen) }
      drawNames(&pen)
      if chart.series.isEmpty {
        let lines = TextLines.wrapped(chart.emptyText, width: Int(chart.width / 7))
        for (line, text) in lines.enumerated() {
          pen.text(text, x: Self.padding, y: frame.plotTop + 10 + Double(line) * 16)
        }
      }
      for (line, text) in note.enumerated() {
        pen.text(
          text, x: Self.padding, y: frame.height + Double(line) * 16 + 12, class: "quiet-text")
      }
    }
  }

  private func drawHeading(_ pen: inout MarkupPen) {
    pen.text(chart.title, x: Self.padding, y: 28, class: "title")
    if !chart.subtitle.isEmpty {
      pen.text(chart.subtitle, x: Self.padding, y: 47, class: "quiet-text")
    }
  }

  private func drawAxes(_ pen: inout MarkupPen) {
    pen.text(
      chart.vertical.title, x: Self.padding, y: frame.plotTop - 13, class: "quiet-text")
    let titleWidth = TextLines.width(chart.horizontal.title)
    let middle = (frame.plotLeft + frame.plotRight) / 2
    let room =
      Self.padding + titleWidth
      / 2...max(
        Self.padding + titleWidth / 2, chart.width - Self.padding - titleWidth / 2)
    pen.text(
      chart.horizontal.title, x: min(max(middle, room.lowerBound), room.upperBound),
      y: frame.plotBottom + 36, class: "quiet-text", anchor: "middle")
    for tick in frame.vertical.ticks {
      guard let y = frame.y(tick.value) else { continue }
      pen.line(frame.plotLeft, y, frame.plotRight, y, class: "grid")
      pen.text(
        tick.text, x: frame.plotLeft - 8, y: y + 4, class: "quiet-text", anchor: "end")
    }
    for tick in frame.horizontal.ticks {
      guard let x = frame.x(tick.value) else { continue }
      pen.line(x, frame.plotBottom, x, frame.plotBottom + 4, class: "axis")
      pen.text(
        tick.text, x: x, y: frame.plotBottom + 18, class: "quiet-text", anchor: "middle")
    }
    pen.line(
      frame.plotLeft, frame.plotBottom, frame.plotRight, frame.plotBottom, class: "axis")
  }

  // MARK: Marks

  private func drawCurve(_ series: Series, _ index: Int, _ pen: inout MarkupPen) {
    switch series.marks {
    case .line(let points):
      draw(path: Curve(points, in: frame).path(isStepped: false), series.look, &pen)
    case .steps(let points):
      draw(path: Curve(points, in: frame).path(isStepped: true), series.look, &pen)
    case .points(let estimates, let isJoined):
      if isJoined {
        let points = estimates.map { Series.Point($0.x, $0.y) }
        draw(path: Curve(points, in: frame).path(isStepped: false), series.look, &pen, isThin: true)
      }
    case .bars(let bars):
      draw(bars, series, index, &pen)
    case .band(let points):
      let path = Curve.band(points, in: frame)
      if !path.isEmpty {
        pen.element("path", ["class": "band \(series.look.fillClass)", "d": path])
      }
    case .level(let value):
      if let y = frame.y(value) {
        draw(
          path: "M\(DecimalText.coordinate(frame.plotLeft)) \(DecimalText.coordinate(y))"
            + "H\(DecimalText.coordinate(frame.plotRight))", series.look, &pen)
      }
    }
  }

  private func draw(path: String, _ look: Look, _ pen: inout MarkupPen, isThin: Bool = false) {
    guard !path.isEmpty else { return }
    switch look {
    case .numbered(let number):
      pen.element(
        "path",
        [
          "class": "\(isThin ? "thin" : "line") s\(Palette.index(number))",
          "stroke-dasharray": Palette.dash(number), "d": path,
        ])
    case .predicted(let number):
      pen.element("path", ["class": "line predicted s\(Palette.index(number))", "d": path])
    case .quiet:
      pen.element("path", ["class": "thin quiet", "stroke-dasharray": "5 4", "d": path])
    }
  }

  private func draw(
    _ bars: [Series.Estimate], _ series: Series, _ index: Int, _ pen: inout MarkupPen
  ) {
    let base = frame.y(max(0, frame.vertical.bounds.lowerBound)) ?? frame.plotBottom
    let (width, offset) = frame.barLayout(ofSeries: index)
    for bar in bars {
      guard let x = frame.x(bar.x), let y = frame.y(bar.y) else { continue }
      pen.element(
        "rect",
        [
          "class": series.look.fillClass, "x": DecimalText.coordinate(x + offset),
          "y": DecimalText.coordinate(min(y, base)), "width": DecimalText.coordinate(width),
          "height": DecimalText.coordinate(abs(base - y)),
        ])
      drawInterval(bar, x: x + offset + width / 2, "axis", &pen)
    }
  }

  private func drawMarkers(_ series: Series, _ pen: inout MarkupPen) {
    drawEnd(of: series, &pen)
    guard case .points(let estimates, _) = series.marks else { return }
    for estimate in estimates {
      guard let x = frame.x(estimate.x), let y = frame.y(estimate.y) else { continue }
      drawInterval(estimate, x: x, series.look.strokeClass, &pen)
      let path = Palette.marker(series.look.number, x: x, y: y)
      pen.element("path", ["class": series.look.fillClass, "d": path])
    }
  }

  /// Marks the end of a curve that ends early: with a cross for a death, else with its marker.
  private func drawEnd(of series: Series, _ pen: inout MarkupPen) {
    if let death = series.death, let x = frame.x(death.x), let y = frame.y(death.y) {
      pen.element(
        "path",
        [
          "class": "death \(series.look.strokeClass)", "d": Palette.cross(x: x, y: y),
        ])
      return
    }
    guard case .steps = series.marks, let end = series.marks.end, let x = end.x.flatMap(frame.x),
      let y = frame.y(end.y), x < frame.plotRight - Self.endMargin
    else { return }
    let path = Palette.marker(series.look.number, x: x, y: y)
    pen.element("path", ["class": series.look.fillClass, "d": path])
  }

  private func drawInterval(
    _ estimate: Series.Estimate, x: Double, _ style: String, _ pen: inout MarkupPen
  ) {
    guard let interval = estimate.interval, let low = frame.y(interval.lowerBound),
      let high = frame.y(interval.upperBound)
    else { return }
    var path = PathText()
    path.move(x - 4, low)
    path.line(x + 4, low)
    path.move(x, low)
    path.line(x, high)
    path.move(x - 4, high)
    path.line(x + 4, high)
    pen.element("path", ["class": "thin \(style)", "d": path.text])
  }

  // MARK: Names

  private func drawNames(_ pen: inout MarkupPen) {
    for name in frame.names {
      let series = chart.series[name.series]
      // A longer line to the name would cross the chart and look like data.
      let isNear = name.endX > frame.plotRight - Self.endMargin
      if isNear && (name.endX < frame.plotRight - 2 || abs(name.endY - name.y) > 3) {
        pen.line(
          name.endX + 2, name.endY, frame.plotRight + 5, name.y, class: "leader")
      }
      drawKey(series, x: frame.plotRight + 12, y: name.y, &pen)
      pen.text(series.name, x: frame.plotRight + 22, y: name.y + 4)
    }
    for key in frame.keys {
      drawKey(chart.series[key.series], x: key.x + 4, y: key.y - 4, &pen)
      pen.text(chart.series[key.series].name, x: key.x + 14, y: key.y)
    }
  }

  private func drawKey(_ series: Series, x: Double, y: Double, _ pen: inout MarkupPen) {
    if case .band = series.marks {
      let path = Palette.marker(1, x: x, y: y, radius: 5)
      pen.element("path", ["class": "band \(series.look.fillClass)", "d": path])
      return
    }
    switch series.look {
    case .numbered(let number):
      let path = Palette.marker(number, x: x, y: y)
      pen.element("path", ["class": series.look.fillClass, "d": path])
    case .predicted, .quiet:
      pen.line(
        x - 5, y, x + 5, y, class: "thin \(series.look.strokeClass)",
        dash: series.look == .quiet ? "5 4" : "1.5 3")
    }
  }

  private typealias Look = Series.Look
}

extension Series.Look {
  var number: Int {
    switch self {
    case .numbered(let number), .predicted(let number): number
    case .quiet: 0
    }
  }

  var strokeClass: String { self == .quiet ? "quiet" : "s\(Palette.index(number))" }
  var fillClass: String { self == .quiet ? "quiet-fill" : "f\(Palette.index(number))" }
}

extension Chart {
  /// The text of an SVG file; `id` is the prefix of its title's and description's ids.
  package func svg(id: String) -> String { ChartDrawing(self).svg(id: id, style: .file) }

  /// The chart's markup for a page, drawn once for half a wide page and once for a phone, so that
  /// its text is as large as the page's; the page shows one of them.
  func pageMarkup(id: String) -> String {
    var (wide, narrow) = (self, self)
    wide.width = 600
    narrow.width = 370
    return ChartDrawing(wide).svg(id: id, style: .page(class: "wide"))
      + ChartDrawing(narrow).svg(id: id + "-narrow", style: .page(class: "narrow"))
  }
}
