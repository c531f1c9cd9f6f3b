/// A figure over two axes, as a value: what is drawn, and not yet how.
///
/// Series are told apart by colour *and* by dash or marker, and are named where they end, so that
/// nobody needs a legend or an eye for colours.
package struct Chart: Hashable, Sendable {
  /// What is shown, above it.
  package var title: String
  /// Of what, beside the title; empty when that is clear.
  package var subtitle: String
  /// The figure in words, for those who do not see it.
  package var summary: String
  package var horizontal: Axis
  package var vertical: Axis
  /// Drawn in this order, the last on top.
  package var series: [Series]
  /// How to read it, beneath; empty when that is clear.
  package var note: String
  /// Stands in its middle when there is no series.
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

/// One of the two directions of a chart.
package struct Axis: Hashable, Sendable {
  /// How numbers become places.
  package enum Kind: Hashable, Sendable {
    case linear
    /// Ten times as much is one step; what is not positive has no place.
    case logarithmic
    /// Things with names, at 0, 1, 2, …
    case categories([String])
  }

  /// What its numbers are, and how they are written.
  package enum Unit: Hashable, Sendable {
    case plain
    /// A share of one, written as a percentage.
    case share
    /// Seconds, written with the unit that fits.
    case seconds
  }

  /// What it shows, with the unit if numbers are plain.
  package var title: String
  package var kind: Kind
  package var unit: Unit
  /// The values at its ends; nil: round numbers around the data.
  package var bounds: ClosedRange<Double>?
  /// Whether zero is shown however far the data are from it.
  package var includesZero: Bool
  /// Whether it counts things, so that nothing between two whole numbers is written beside it.
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

/// Marks that belong together and share a look.
package struct Series: Hashable, Sendable {
  /// A place in a chart.
  package struct Point: Hashable, Sendable {
    package var x: Double
    package var y: Double

    package init(_ x: Double, _ y: Double) { (self.x, self.y) = (x, y) }
  }

  /// A value that is only known to lie in an interval.
  package struct Estimate: Hashable, Sendable {
    package var x: Double
    package var y: Double
    /// Nil when nothing is known about how sure it is.
    package var interval: ClosedRange<Double>?

    package init(_ x: Double, _ y: Double, interval: ClosedRange<Double>? = nil) {
      (self.x, self.y, self.interval) = (x, y, interval)
    }
  }

  /// A place on the horizontal axis with the two ends of a band there.
  package struct BandPoint: Hashable, Sendable {
    package var x: Double
    package var low: Double
    package var high: Double

    package init(_ x: Double, _ low: Double, _ high: Double) {
      (self.x, self.low, self.high) = (x, low, high)
    }
  }

  /// What is drawn.
  package enum Marks: Hashable, Sendable {
    /// Straight from point to point; a point that is not a number interrupts it.
    case line([Point])
    /// Each value holds until the next one.
    case steps([Point])
    /// A marker each, with its interval; `joined` by a thin line or not.
    case points([Estimate], joined: Bool)
    /// From zero up; bars of several series at one place stand side by side.
    case bars([Estimate])
    /// The area between two curves.
    case band([BandPoint])
    /// A horizontal line across the whole chart.
    case level(Double)
  }

  /// How it looks.
  package enum Look: Hashable, Sendable {
    /// The colour, dash and marker of a number, which start over after eight.
    case numbered(Int)
    /// The colour of a number, thin and dotted: what a model says beside what was measured.
    case predicted(Int)
    /// Grey: context.
    case quiet
  }

  /// Stands where the series ends; empty for none.
  package var name: String
  package var marks: Marks
  package var look: Look
  /// Where what it shows died: it ends there, with a cross; nil when it did not.
  package var death: Point?

  /// Makes a series.
  package init(_ name: String, _ marks: Marks, _ look: Look, death: Point? = nil) {
    self.name = name
    self.marks = marks
    self.look = look
    self.death = death
  }
}
