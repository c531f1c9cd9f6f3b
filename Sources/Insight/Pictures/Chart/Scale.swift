/// Maps an axis's values to positions from 0 to 1, and chooses its ticks.
struct Scale {
  /// A labelled value on the axis.
  struct Tick: Hashable {
    let value: Double
    let text: String
  }

  /// The values at its ends.
  let bounds: ClosedRange<Double>
  let ticks: [Tick]
  private let isLogarithmic: Bool

  /// Chooses ends and ticks.
  ///
  /// - Parameters:
  ///   - axis: The axis.
  ///   - values: All values to show; those that are not finite are left out.
  ///   - tickCount: About how many ticks fit.
  init(_ axis: Axis, values: [Double], tickCount: Int) {
    let finite = values.filter(\.isFinite)
    switch axis.kind {
    case .linear:
      isLogarithmic = false
      let wished = axis.bounds ?? Self.extent(finite, includesZero: axis.includesZero)
      let niceStep = Self.niceStep(of: wished, tickCount: tickCount)
      let step = axis.isCount ? max(1, niceStep) : niceStep
      bounds = axis.bounds ?? Self.rounded(wished, to: step)
      ticks = Self.linearTicks(in: bounds, step: step).map {
        Tick(value: $0, text: Self.text($0, axis.unit, step: step))
      }
    case .logarithmic:
      isLogarithmic = true
      let positive = Self.extent(finite.filter { $0 > 0 }, includesZero: false, ifNone: 1...10)
      bounds = axis.bounds ?? Self.decades(around: positive)
      ticks = Self.logarithmicTicks(in: bounds, tickCount: tickCount).map {
        Tick(value: $0, text: Self.text($0, axis.unit, step: $0))
      }
    case .categories(let names):
      isLogarithmic = false
      bounds = axis.bounds ?? -0.5...max(0.5, Double(names.count) - 0.5)
      ticks = names.enumerated().map { Tick(value: Double($0.offset), text: $0.element) }
    }
  }

  /// The position of a value; below 0 or above 1 when it is beyond the ends, nil when it has none.
  func position(of value: Double) -> Double? {
    guard value.isFinite else { return nil }
    if !isLogarithmic {
      return (value - bounds.lowerBound) / (bounds.upperBound - bounds.lowerBound)
    }
    guard value > 0 else { return nil }
    let low = logarithm10(bounds.lowerBound)
    return (logarithm10(value) - low) / (logarithm10(bounds.upperBound) - low)
  }

  private static func extent(
    _ values: [Double], includesZero: Bool, ifNone: ClosedRange<Double> = 0...1
  ) -> ClosedRange<Double> {
    guard var low = values.min(), var high = values.max() else { return ifNone }
    if includesZero { (low, high) = (min(low, 0), max(high, 0)) }
    if low == high {
      let margin = low == 0 ? 1 : abs(low) / 2
      return includesZero && low >= 0 ? low...(high + margin) : (low - margin)...(high + margin)
    }
    return low...high
  }

  /// The smallest of 1, 2 and 5 times a power of ten that gives no more ticks than fit.
  private static func niceStep(of bounds: ClosedRange<Double>, tickCount: Int) -> Double {
    let least = (bounds.upperBound - bounds.lowerBound) / Double(max(1, tickCount))
    guard least > 0 && least.isFinite else { return 1 }
    let power = powerOfTen(Int(logarithm10(least).rounded(.down)))
    let step = [1, 2, 5, 10].first { $0 * power >= least * (1 - 1e-9) } ?? 10
    return step * power
  }

  private static func rounded(_ bounds: ClosedRange<Double>, to step: Double) -> ClosedRange<Double>
  {
    let low = (bounds.lowerBound / step + 1e-9).rounded(.down) * step
    return low...max(low + step, (bounds.upperBound / step - 1e-9).rounded(.up) * step)
  }

  private static func linearTicks(in bounds: ClosedRange<Double>, step: Double) -> [Double] {
    let first = (bounds.lowerBound / step - 1e-9).rounded(.up)
    let last = (bounds.upperBound / step + 1e-9).rounded(.down)
    guard last - first < 1000 && last >= first else { return [bounds.lowerBound] }
    return (0...Int(last - first)).map { (first + Double($0)) * step }
  }

  private static func decades(around extent: ClosedRange<Double>) -> ClosedRange<Double> {
    let low = (logarithm10(extent.lowerBound) + 1e-9).rounded(.down)
    let high = (logarithm10(extent.upperBound) - 1e-9).rounded(.up)
    return powerOfTen(Int(low))...powerOfTen(Int(max(high, low + 1)))
  }

  /// Powers of ten; with 2 and 5 times each when there is room for all.
  private static func logarithmicTicks(
    in bounds: ClosedRange<Double>, tickCount: Int
  ) -> [Double] {
    let low = Int((logarithm10(bounds.lowerBound) - 1e-9).rounded(.up))
    let high = Int((logarithm10(bounds.upperBound) + 1e-9).rounded(.down))
    guard low <= high else { return [bounds.lowerBound, bounds.upperBound] }
    let stride = max(1, (high - low + tickCount) / max(1, tickCount))
    let hasSteps = 3 * (high - low + 1) <= tickCount
    var ticks: [Double] = []
    for power in (low - 1)...high where hasSteps || (power - low) % stride == 0 && power >= low {
      for factor in hasSteps ? [1.0, 2, 5] : [1] { ticks.append(factor * powerOfTen(power)) }
    }
    let slack = 1e-9
    return ticks.filter {
      $0 >= bounds.lowerBound * (1 - slack) && $0 <= bounds.upperBound * (1 + slack)
    }
  }

  private static func text(_ value: Double, _ unit: Axis.Unit, step: Double) -> String {
    switch unit {
    case .plain: plain(value, step: step)
    case .share: plain(value * 100, step: step * 100) + " %"
    case .seconds: DecimalText.time(seconds: value)
    }
  }

  private static func plain(_ value: Double, step: Double) -> String {
    if abs(value) >= 1e7 { return "\(DecimalText.digits(value / 1e6, 4))M" }
    let decimals = max(0, -Int((logarithm10(step) + 1e-9).rounded(.down)))
    return DecimalText.short(value, decimals: min(decimals, 9))
  }
}

/// The decimal logarithm of a positive number, to about twelve digits.
func logarithm10(_ number: Double) -> Double {
  // With number = m · 2ᵉ and m from 1 to 2, ln m = 2 artanh((m − 1) / (m + 1)).
  let ratio = (number.significand - 1) / (number.significand + 1)
  var sum = 0.0
  for denominator in stride(from: 25.0, through: 1, by: -2) {
    sum = sum * ratio * ratio + 1 / denominator
  }
  return (2 * ratio * sum + Double(number.exponent) * 0.693_147_180_559_945_3)
    / 2.302_585_092_994_046
}

/// A power of ten.
func powerOfTen(_ exponent: Int) -> Double {
  let power = (0..<min(exponent.magnitude, 308)).reduce(1.0) { power, _ in power * 10 }
  return exponent < 0 ? 1 / power : power
}
