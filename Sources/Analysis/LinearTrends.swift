/// Least-squares slopes of two figures over the same seconds.
///
/// Sums are taken from values shifted to start at zero, batch by batch, so that they lose no digits
/// that matter.
struct LinearTrends {
  private var count = 0.0
  private var seconds = 0.0
  private var squares = 0.0
  /// The clock, and the lateness.
  private var values = SIMD2<Double>()
  private var products = SIMD2<Double>()

  @inline(__always)
  mutating func add(seconds: Double, values: SIMD2<Double>) {
    count += 1
    self.seconds += seconds
    squares += seconds * seconds
    self.values += values
    products += values * seconds
  }

  static func += (left: inout LinearTrends, right: LinearTrends) {
    left.count += right.count
    left.seconds += right.seconds
    left.squares += right.squares
    left.values += right.values
    left.products += right.products
  }

  /// The slopes per second; nil when all values are of one instant.
  var slopes: SIMD2<Double>? {
    let spread = count * squares - seconds * seconds
    guard spread > 0 else { return nil }
    return (products * count - values * seconds) / spread
  }
}
