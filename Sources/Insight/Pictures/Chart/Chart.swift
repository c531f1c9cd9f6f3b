/// A figure over two axes, as a value: what is drawn, independent of how.
///
/// Series differ in colour *and* in dash or marker, and are named at their ends, so that readers
/// need no legend and can be colour-blind.
package struct Chart: Hashable, Sendable {
  /// The title, above the chart.
  package var title: String
  /// The subject, beside the title; empty when that is clear.
  package var subtitle: String
  /// The figure in words, for screen readers.
  package var summary: String
  /// The horizontal axis.
  package var horizontal: Axis
  /// The vertical axis.
  package var vertical: Axis
  /// The series in drawing order, the last on top.
  package var series: [Series]
  /// A reading aid, below the chart; empty when the chart is clear.
  package var note: String
  /// Text in the middle of a chart without series.
  package var emptyText: String
  /// The height of the figure without the note, in pixels of a page.
  package var height: Double
  /// The width of the figure, in pixels of a page.
  package var width = ChartDrawing.width

  /// Makes a chart of its parts.
  package init(
    title: String, subtitle: String = "", summary: String, horizontal: Axis, vertical: Axis,
    series: [Series], note: String = "", emptyText: String = "nothing to show",
    height: Double = 340
  ) {
    self.title = title
    self.subtitle = subtitle
    self.summary = summary
    self.horizontal = horizontal
    self.vertical = vertical
    self.series = series
    self.note = note
    self.emptyText = emptyText
    self.height = height
  }
}

/// One of a chart's two axes.
package struct Axis: Hashable, Sendable {
  /// The mapping from numbers to positions.
  package enum Kind: Hashable, Sendable {
    /// To scale.
    case linear
    /// A decade is one step; values that are not positive have no position.
    case logarithmic
    /// Named categories, at 0, 1, 2, …
    case categories([String])
  }

  /// The unit of its numbers, and how they are written.
  package enum Unit: Hashable, Sendable {
    /// No unit: the title says what is counted.
    case plain
    /// A fraction of one, written as a percentage.
    case share
    /// Seconds, written with the unit that fits.
    case seconds
  }

  /// What it shows, with the unit if numbers are plain.
  package var title: String
  /// The mapping of its numbers to positions.
  package var kind: Kind
  /// The unit of its numbers.
  package var unit: Unit
  /// The values at its ends; nil for round numbers around the data.
  package var bounds: ClosedRange<Double>?
  /// Whether zero is shown however far the data are from it.
  package var includesZero: Bool
  /// Whether it counts things, so that only whole numbers are written beside it.
  package var isCount: Bool

  /// Makes an axis.
  package init(
    _ title: String, kind: Kind = .linear, unit: Unit = .plain,
    bounds: ClosedRange<Double>? = nil, includesZero: Bool = false, isCount: Bool = false
  ) {
    self.title = title
    self.kind = kind
    self.unit = unit
    self.bounds = bounds
    self.includesZero = includesZero
    self.isCount = isCount
  }
}

/// Marks that belong together and look alike.
package struct Series: Hashable, Sendable {
  /// A point in a chart.
  package struct Point: Hashable, Sendable {
    /// The value on the horizontal axis.
    package var x: Double
    /// The value on the vertical axis.
    package var y: Double

    /// Makes a point.
    package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A value with its confidence interval.
  package struct Estimate: Hashable, Sendable {
    /// The value on the horizontal axis.
    package var x: Double
    /// The estimated value on the vertical axis.
    package var y: Double
    /// Nil when the uncertainty is unknown.
    package var interval: ClosedRange<Double>?

    /// Makes an estimate.
    package init(_ x: Double, _ y: Double, interval: ClosedRange<Double>? = nil) {
      (self.x, self.y, self.interval) = (x, y, interval)
    }
  }

  /// A band's lower and upper end at one position on the horizontal axis.
  package struct BandPoint: Hashable, Sendable {
    /// The value on the horizontal axis.
    package var x: Double
    /// The lower end of the band.
    package var low: Double
    /// The upper end of the band.
    package var high: Double

    /// Makes a band point.
    package init(_ x: Double, _ low: Double, _ high: Double) {
      (self.x, self.low, self.high) = (x, low, high)
    }
  }

  /// The shape of the series.
  package enum Marks: Hashable, Sendable {
    /// Straight lines from point to point; a point that is not a number interrupts them.
    case line([Point])
    /// Each value holds until the next one.
    case steps([Point])
    /// A marker with an interval per value; `joined` adds a thin line.
    case points([Estimate], joined: Bool)
    /// Bars from zero; bars of several series at one position are drawn side by side.
    case bars([Estimate])
    /// The area between two curves.
    case band([BandPoint])
    /// A horizontal line across the whole chart.
    case level(Double)
  }

  /// The style of the series.
  package enum Look: Hashable, Sendable {
    /// The colour, dash and marker of a number; they repeat after eight.
    case numbered(Int)
    /// The colour of a number, thin and dotted: a model's prediction beside measurements.
    case predicted(Int)
    /// Grey: context.
    case quiet
  }

  /// The label at the series' end; empty for none.
  package var name: String
  /// The shape of the series, with its data.
  package var marks: Marks
  /// The style of the series.
  package var look: Look
  /// The point where the machine died, marked with a cross; nil when it did not.
  package var death: Point?

  /// Makes a series.
  package init(_ name: String, _ marks: Marks, _ look: Look, death: Point? = nil) {
    self.name = name
    self.marks = marks
    self.look = look
    self.death = death
  }
}
