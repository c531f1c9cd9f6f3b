/// The layout of a chart, in pixels.
struct ChartFrame {
  /// The label of a series, beside its end.
  struct Name {
    let series: Int
    let endX: Double
    let endY: Double
    /// The label's height; it may differ from the series' end, so that labels do not overlap.
    var y: Double
  }

  let plotLeft: Double
  let plotRight: Double
  let plotTop: Double
  let plotBottom: Double
  /// The chart's height, or more where so many names stand above it that it would have no room.
  let height: Double
  let horizontal: Scale
  let vertical: Scale
  /// The names beside the ends of lines.
  private(set) var names: [Name] = []
  /// The labels of bars and unconnected points, above the chart.
  let keys: [KeyLayout.Key]
  private let series: [Series]

  private static let nameDistance = 15.0
  /// The most room beside the ends of lines; when a name needs more, all stand above the chart.
  private static let nameWidthMax = 260.0
  /// The least height of what is drawn between the axes.
  private static let plotHeightMin = 120.0

  init(_ chart: Chart) {
    series = chart.series
    let nameWidthMax = min(Self.nameWidthMax, 0.4 * chart.width)
    let nameWidth =
      chart.series.filter { !$0.name.isEmpty && $0.marks.isNamedAtEnd }
      .map { TextLines.width($0.name) + 22 }.max() ?? 0
    let isNamedAtEnd = chart.series.map {
      !$0.name.isEmpty && $0.marks.isNamedAtEnd && nameWidth <= nameWidthMax
    }
    let keyLayout = KeyLayout(
      chart.series.map(\.name),
      of: chart.series.indices.filter { !chart.series[$0].name.isEmpty && !isNamedAtEnd[$0] },
      beside: TextLines.width(chart.vertical.title), width: chart.width)
    let headingHeight = chart.subtitle.isEmpty ? 66.0 : 84.0
    plotTop = headingHeight + Double(keyLayout.ownRowCount) * KeyLayout.rowHeight
    let keyBottom = plotTop - (keyLayout.ownRowCount > 0 ? KeyLayout.rowHeight : 0)
    keys = keyLayout.keys.map {
      KeyLayout.Key(series: $0.series, x: $0.x, y: keyBottom + $0.y)
    }
    height =
      chart.series.isEmpty ? chart.height : max(chart.height, plotTop + Self.plotHeightMin + 48)
    plotBottom = height - 48
    let values = chart.series.map { $0.marks.extents }
    vertical = Scale(
      chart.vertical, values: values.flatMap(\.y), tickCount: Int((plotBottom - plotTop) / 42))
    let tickWidth = vertical.ticks.map { TextLines.width($0.text) }.max() ?? 0
    plotLeft = ChartDrawing.padding + tickWidth + 10
    let room = nameWidth <= nameWidthMax ? max(8, nameWidth) : 8
    plotRight = chart.width - ChartDrawing.padding - room
    horizontal = Scale(
      chart.horizontal, values: values.flatMap(\.x),
      tickCount: max(3, Int((plotRight - plotLeft) / 80)))
    layOutNames(isNamedAtEnd)
  }

  func x(_ value: Double) -> Double? {
    horizontal.position(of: value).map { plotLeft + $0 * (plotRight - plotLeft) }
  }

  func y(_ value: Double) -> Double? {
    vertical.position(of: value).map { plotBottom - $0 * (plotBottom - plotTop) }
  }

  /// Clips what is drawn beyond the ends of the axes.
  func clip(_ pen: inout MarkupPen, _ body: (inout MarkupPen) -> Void) {
    pen.clip(
      x: plotLeft - 2, y: plotTop - 2, width: plotRight - plotLeft + 4,
      height: plotBottom - plotTop + 4, body)
  }

  /// The width of a series' bars, and the offset of their left edges from their positions.
  func barLayout(ofSeries index: Int) -> (width: Double, offset: Double) {
    let all = series.indices.filter { series[$0].marks.isBars }
    let positions = Set(all.flatMap { series[$0].marks.extents.x }.compactMap(x)).sorted()
    let gaps = zip(positions, positions.dropFirst()).map { $1 - $0 }
    let room = min(gaps.min() ?? 80, 120) * 0.82
    let width = max(0.6, room / Double(max(1, all.count)))
    let number = Double(all.firstIndex(of: index) ?? 0)
    return (max(0.5, width - (width > 4 ? 1 : 0)), -room / 2 + number * width)
  }

  private mutating func layOutNames(_ isNamedAtEnd: [Bool]) {
    for index in series.indices where isNamedAtEnd[index] {
      guard let end = series[index].marks.end, let y = y(end.y) else { continue }
      let clamped = min(max(y, plotTop), plotBottom)
      let endX = min(end.x.flatMap(x) ?? plotRight, plotRight)
      names.append(Name(series: index, endX: endX, endY: clamped, y: clamped))
    }
    names.sort { ($0.endY, $0.series) < ($1.endY, $1.series) }
    let positions = LabelLayout.spread(
      names.map(\.endY), distance: Self.nameDistance, within: plotTop...plotBottom + 6)
    for index in names.indices { names[index].y = positions[index] }
  }
}

/// The layout of the labels above a chart: beside the title of its vertical axis, or, when there
/// are too many, in rows above it.
struct KeyLayout {
  struct Key: Hashable {
    let series: Int
    let x: Double
    /// The baseline of its text; in ``KeyLayout`` relative to the lowest row's chart.
    let y: Double
  }

  let keys: [Key]
  /// How many rows there are besides that of the axis title.
  let ownRowCount: Int

  static let rowHeight = 19.0
  private static let baseline = -13.0
  private static let markWidth = 30.0

  /// Lays out names of series from the right in one row, or from the left in several.
  init(_ names: [String], of series: [Int], beside titleWidth: Double, width: Double) {
    let widths = series.map { TextLines.width(names[$0]) + Self.markWidth }
    let room = width - 2 * ChartDrawing.padding
    let total = widths.reduce(0, +)
    if total + titleWidth + Self.markWidth <= room {
      ownRowCount = 0
      var x = width - ChartDrawing.padding - total
      keys = zip(series, widths).map { series, width in
        defer { x += width }
        return Key(series: series, x: x, y: Self.baseline)
      }
      return
    }
    var rows: [[(series: Int, x: Double)]] = [[]]
    var x = 0.0
    for (series, width) in zip(series, widths) {
      if x + width > room, x > 0 {
        rows.append([])
        x = 0
      }
      rows[rows.count - 1].append((series, ChartDrawing.padding + x))
      x += width
    }
    ownRowCount = rows.count
    keys = rows.enumerated().flatMap { row, keys in
      keys.map {
        let rowsBelow = Double(rows.count - 1 - row)
        return Key(series: $0.series, x: $0.x, y: Self.baseline - rowsBelow * Self.rowHeight)
      }
    }
  }
}

/// Moves labels apart until they can be read, and no farther.
enum LabelLayout {
  /// - Parameters:
  ///   - wished: The wanted positions, ascending.
  ///   - distance: The least distance between labels.
  ///   - range: The available range; exceeded when there is not enough room.
  /// - Returns: The positions, in the same order.
  static func spread(
    _ wished: [Double], distance: Double, within range: ClosedRange<Double>
  ) -> [Double] {
    // Labels that touch become one block at the mean of its members' wanted positions.
    var blocks: [(sum: Double, count: Int, first: Int)] = []
    func top(_ block: (sum: Double, count: Int, first: Int)) -> Double {
      let length = Double(block.count - 1) * distance
      let middle = block.sum / Double(block.count)
      return max(range.lowerBound, min(middle - length / 2, range.upperBound - length))
    }
    for (index, wish) in wished.enumerated() {
      blocks.append((wish, 1, index))
      while blocks.count > 1 {
        let (above, below) = (blocks[blocks.count - 2], blocks[blocks.count - 1])
        guard top(above) + Double(above.count) * distance > top(below) else { break }
        blocks.removeLast(2)
        blocks.append((above.sum + below.sum, above.count + below.count, above.first))
      }
    }
    return blocks.flatMap { block in
      (0..<block.count).map { top(block) + Double($0) * distance }
    }
  }
}

extension Series.Marks {
  var isBars: Bool { if case .bars = self { true } else { false } }

  /// Whether the series is labelled at its end, and not above the chart.
  var isNamedAtEnd: Bool {
    switch self {
    case .line, .steps, .band, .level: true
    case .points(_, let isJoined): isJoined
    case .bars: false
    }
  }

  /// All its values.
  var extents: (x: [Double], y: [Double]) {
    switch self {
    case .line(let points), .steps(let points): (points.map(\.x), points.map(\.y))
    case .points(let estimates, _):
      (
        estimates.map(\.x),
        estimates.flatMap { [$0.y] + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
      )
    case .bars(let bars):
      (
        bars.map(\.x),
        [0] + bars.flatMap { [$0.y] + ($0.interval.map { [$0.lowerBound, $0.upperBound] } ?? []) }
      )
    case .band(let points): (points.map(\.x), points.flatMap { [$0.low, $0.high] })
    case .level(let value): ([], [value])
    }
  }

  /// Its last point; without `x` at the end of the axis.
  var end: (x: Double?, y: Double)? {
    switch self {
    case .line(let points), .steps(let points):
      points.last { $0.x.isFinite && $0.y.isFinite }.map { ($0.x, $0.y) }
    case .points(let estimates, _):
      estimates.last { $0.x.isFinite && $0.y.isFinite }.map { ($0.x, $0.y) }
    case .band(let points): points.last.map { ($0.x, ($0.low + $0.high) / 2) }
    case .bars: nil
    case .level(let value): (nil, value)
    }
  }
}
