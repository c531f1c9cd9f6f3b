/// The mean and the deviation of a figure over repetitions, added one by one.
///
/// Means are updated, not divided out of sums, so that equal figures have exactly their value as
/// mean and no deviation (Welford, Technometrics 4(3), 1962).
package struct SampleMoments: Sendable {
  /// How many figures were added.
  package private(set) var count = 0
  private var runningMean = 0.0
  private var squares = 0.0

  /// Makes moments without figures.
  package init() {}

  /// Adds a figure.
  package mutating func add(_ value: Double) {
    count += 1
    let difference = value - runningMean
    runningMean += difference / Double(count)
    squares += difference * (value - runningMean)
  }

  /// Nil when nothing was added.
  package var mean: Double? { count > 0 ? runningMean : nil }

  /// The standard deviation of the sample; nil for fewer than two figures.
  package var deviation: Double? { variance?.squareRoot() }

  var variance: Double? { count > 1 ? squares / Double(count - 1) : nil }

  /// The 95 % confidence interval of the mean, by Student's t; nil for fewer than two figures.
  package var interval: ClosedRange<Double>? {
    guard let deviation else { return nil }
    let reach = Confidence.quantile(Double(count - 1)) * deviation / Double(count).squareRoot()
    return (runningMean - reach)...(runningMean + reach)
  }

  /// The difference of the mean from another's, with its 95 % interval; nil when one of them has no
  /// mean, the interval nil when one of them has no deviation.
  ///
  /// - SeeAlso: B. L. Welch, "The Generalization of 'Student's' Problem when Several Different
  ///   Population Variances are Involved", Biometrika 34, 1947.
  func difference(
    from other: SampleMoments
  ) -> (difference: Double, interval: ClosedRange<Double>?)? {
    guard let mean, let otherMean = other.mean else { return nil }
    let difference = mean - otherMean
    guard let variance, let otherVariance = other.variance else { return (difference, nil) }
    let spread = variance / Double(count)
    let otherSpread = otherVariance / Double(other.count)
    let sum = spread + otherSpread
    guard sum > 0 else { return (difference, difference...difference) }
    let share = spread / sum
    let otherShare = otherSpread / sum
    let degreesOfFreedom =
      1 / (share * share / Double(count - 1) + otherShare * otherShare / Double(other.count - 1))
    let reach = Confidence.quantile(degreesOfFreedom) * sum.squareRoot()
    return (difference, (difference - reach)...(difference + reach))
  }
}

/// The confidence of all intervals here, 95 %.
enum Confidence {
  /// How many standard errors an interval reaches to either side.
  static func quantile(_ degreesOfFreedom: Double) -> Double {
    StudentT(degreesOfFreedom: max(1, degreesOfFreedom)).quantile(0.975)
  }
}
