import FoundationEssentials
import Testing

@testable import Pictures

@Suite("Charts")
struct ChartTests {
  @Test(
    "Ticks are round numbers that hold the data",
    arguments: [
      (0.0...60.0, ["0", "10", "20", "30", "40", "50", "60"]),
      (0.0...357.0, ["0", "50", "100", "150", "200", "250", "300", "350", "400"]),
      (0.013...0.089, ["0.01", "0.02", "0.03", "0.04", "0.05", "0.06", "0.07", "0.08", "0.09"]),
      (-3.0...4.0, ["−3", "−2", "−1", "0", "1", "2", "3", "4"]),
      (5.0...5.0, ["2", "3", "4", "5", "6", "7", "8"]),
      (0.0...540_000, ["0", "100,000", "200,000", "300,000", "400,000", "500,000", "600,000"]),
      (0.0...9e15, ["0M", "2000M", "4000M", "6000M", "8000M", "10000M"]),
    ] as [(ClosedRange<Double>, [String])])
  func linearTicks(data: ClosedRange<Double>, expected: [String]) {
    let scale = Scale(Axis("x"), values: [data.lowerBound, data.upperBound], tickCount: 8)
    if data.upperBound < 1e15 { #expect(scale.ticks.map(\.text) == expected) }
    #expect(scale.bounds.lowerBound <= data.lowerBound)
    #expect(scale.bounds.upperBound >= data.upperBound)
    for tick in scale.ticks {
      let position = scale.position(of: tick.value) ?? -1
      #expect(position > -1e-9 && position < 1 + 1e-9)
    }
  }

  @Test("A logarithmic axis has decades, and no position for zero")
  func logarithmicTicks() {
    let scale = Scale(
      Axis("late", kind: .logarithmic, unit: .seconds), values: [3e-6, 0.4], tickCount: 8)
    #expect(
      scale.ticks.map(\.text) == ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s"])
    #expect(scale.position(of: 0) == nil)
    #expect(abs((scale.position(of: 1e-3) ?? 0) - 0.5) < 1e-9)
  }

  @Test("The logarithm is that of the C library to twelve digits")
  func logarithm() {
    for (number, expected) in [
      (1.0, 0.0), (10, 1), (2, 0.301029995663981), (1e-9, -9), (7e22, 22.845098040014257),
    ] {
      #expect(abs(logarithm10(number) - expected) < 1e-12 * max(1, abs(expected)))
    }
  }

  @Test(
    "Numbers are short, and the same everywhere",
    arguments: [
      (0.0, 1, "0"), (1.25, 1, "1.3"), (-0.04, 1, "0"), (-2.5, 1, "−2.5"),
      (1234567.89, 1, "1,234,567.9"),
      (1000, 0, "1000"), (0.005, 3, "0.005"), (.nan, 1, "–"), (.infinity, 1, "–"),
      (19.999, 2, "20"),
    ])
  func decimals(number: Double, decimals: Int, expected: String) {
    #expect(DecimalText.short(number, decimals: decimals) == expected)
  }

  @Test(
    "A time has the unit that fits",
    arguments: [
      (0.0, "0 s"), (40e-6, "40 µs"), (1.5, "1.5 s"), (0.25, "250 ms"), (12e-9, "12 ns"),
      (60, "60 s"), (0.00012345, "123 µs"),
    ])
  func times(seconds: Double, expected: String) {
    #expect(DecimalText.time(seconds: seconds) == expected)
  }

  @Test("Labels that would overlap move apart, and no others")
  func labels() {
    #expect(
      LabelLayout.spread([10, 12, 80], distance: 15, within: 0...100) == [3.5, 18.5, 80])
    #expect(LabelLayout.spread([0, 0, 0], distance: 10, within: 0...100) == [0, 10, 20])
    #expect(LabelLayout.spread([99, 100], distance: 10, within: 0...100) == [90, 100])
    #expect(LabelLayout.spread([], distance: 10, within: 0...100) == [])
  }

  private static let everything = Chart(
    title: "a < b & \"c\"", subtitle: "<script>", summary: "it's",
    horizontal: Axis("x"), vertical: Axis("y", includesZero: true),
    series: [
      Series("line", .line([.init(0, 1), .init(1, .nan), .init(2, 3), .init(3, 4)]), .numbered(0)),
      Series("steps", .steps([.init(0, 1), .init(2, 3)]), .numbered(1)),
      Series(
        "points", .points([.init(1, 2, interval: 1...4), .init(2, 2)], joined: false), .numbered(2)),
      Series("bars", .bars([.init(0, 2), .init(1, 1)]), .numbered(3)),
      Series("band", .band([.init(0, 1, 2), .init(3, 2, 5)]), .quiet),
      Series("level", .level(2.5), .predicted(9)),
    ], note: "a note")

  @Test(
    "An axis that counts things has no ticks between whole numbers", arguments: [1.0, 2, 3, 40])
  func countedThings(largest: Double) {
    let scale = Scale(
      Axis("", includesZero: true, isCount: true), values: [0, largest], tickCount: 6)
    #expect(scale.ticks.count > 1)
    #expect(scale.ticks.allSatisfy { $0.value == $0.value.rounded() })
  }

  @Test("A curve that ends early has an end marker, and no line from there to its name")
  func earlyEnds() {
    let steps = { (end: Double) in Series.Marks.steps([.init(0, 1), .init(end, 3)]) }
    func svg(_ series: Series...) -> String {
      Chart(
        title: "", summary: "", horizontal: Axis("x", bounds: 0...10), vertical: Axis("y"),
        series: series
      ).svg(id: "ends")
    }
    let whole = svg(Series("a", steps(10), .numbered(0)))
    let early = svg(Series("a", steps(4), .numbered(0)))
    let dead = svg(Series("a", steps(4), .numbered(0), death: .init(4, 3)))
    #expect(!early.contains("class=\"leader\"") && !dead.contains("class=\"leader\""))
    // The marker of the name, and one for the early end.
    func markers(_ svg: String) -> Int { svg.matches(of: /class="f0"/).count }
    #expect(markers(whole) == 1 && markers(early) == 2 && markers(dead) == 1)
    #expect(dead.contains("class=\"death s0\"") && !early.contains("class=\"death"))
  }

  @Test("Names too long for the room beside the curves stand above them, within the picture")
  func longNames() throws {
    func names(_ length: Int) throws -> [(x: Double, width: Double)] {
      let name = String(repeating: "m", count: length)
      let svg = Chart(
        title: "", summary: "", horizontal: Axis("x", bounds: 0...10), vertical: Axis("y"),
        series: [Series(name, .steps([.init(0, 1), .init(10, 3)]), .numbered(0))]
      ).svg(id: "names")
      return try svg.matches(of: /<text x="([0-9.]+)"[^>]*>(m+)</).map {
        (try #require(Double($0.1)), TextLines.width(String($0.2)))
      }
    }
    for length in [1, 5, 10, 20, 30, 40, 60] {
      let name = try #require(try names(length).first)
      #expect(name.x + name.width <= ChartDrawing.width, "\(length) letters")
    }
  }

  @Test("A chart with many long names is higher, so that its curves have room")
  func manyLongNames() {
    func frame(_ count: Int, width: Double) -> ChartFrame {
      var chart = Chart(
        title: "", summary: "", horizontal: Axis("x", bounds: 0...10), vertical: Axis("y"),
        series: (0..<count).map { number in
          Series(
            String(repeating: "m", count: 40), .steps([.init(0, 1), .init(10, 3)]),
            .numbered(number))
        })
      chart.width = width
      return ChartFrame(chart)
    }
    for (count, width) in [(1, 760), (12, 760), (12, 370), (100, 370)] as [(Int, Double)] {
      let frame = frame(count, width: width)
      #expect(frame.names.isEmpty && frame.keys.count == count)
      #expect(frame.plotBottom - frame.plotTop >= 120 && frame.height == frame.plotBottom + 48)
      #expect(frame.plotRight - frame.plotLeft > 0.7 * width)
    }
    #expect(frame(1, width: 760).height == 340)
  }

  @Test("Every kind of mark is drawn, and its text is escaped")
  func marks() {
    let svg = Self.everything.svg(id: "all")
    #expect(
      svg.contains("<text class=\"title\" x=\"16\" y=\"28\">a &lt; b &amp; &quot;c&quot;</text>"))
    #expect(!svg.contains("<script>"))
    #expect(svg.contains("role=\"img\" aria-labelledby=\"all-title all-description\""))
    #expect(svg.contains("<desc id=\"all-description\">it&#39;s</desc>"))
    for name in ["line", "steps", "points", "bars", "band", "level"] {
      #expect(svg.contains(">\(name)</text>"))
    }
    #expect(!svg.contains("nan") && !svg.contains("inf\""))
    #expect(svg.contains("prefers-color-scheme:dark"))
    // Interrupted by NaN: two pieces, the first of which is a point.
    #expect(svg.contains("<path class=\"line s0\" d=\"M"))
  }

  @Test("A long curve has few points per column of pixels, and all extremes")
  func longCurve() {
    let points = (0..<100_000).map { (x: Int) -> Series.Point in
      Series.Point(Double(x), x == 54_321 ? 1000 : Double(x % 7))
    }
    let chart = Chart(
      title: "long", summary: "", horizontal: Axis("x"), vertical: Axis("y"),
      series: [Series("all", .steps(points), .numbered(0))])
    let svg = chart.svg(id: "long")
    #expect(svg.utf8.count < 50_000)
    let frame = ChartFrame(chart)
    let path = Curve(points, in: frame).path(isStepped: false)
    #expect(path.contains("v-") && svg.contains("1000</text>"))
  }

  @Test("Lines of the file stay short, so that diffs are small")
  func shortLines() {
    let points = (0..<2000).map { Series.Point(Double($0), Double($0 * $0 % 97)) }
    let chart = Chart(
      title: "long", summary: "", horizontal: Axis("x"), vertical: Axis("y"),
      series: [Series("all", .line(points), .numbered(0))])
    for line in chart.svg(id: "long").split(separator: "\n") { #expect(line.utf8.count < 200) }
  }

  @Test("An empty chart says so")
  func empty() {
    let chart = Chart(
      title: "none", summary: "", horizontal: Axis("x"), vertical: Axis("y"), series: [])
    #expect(chart.svg(id: "none").contains("nothing to show"))
  }
}
