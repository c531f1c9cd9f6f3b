/// Least-squares slopes of two figures over the same instants.
///
/// Sums are taken of values shifted to start at zero, batch by batch, so that they keep the digits
/// that matter.
struct LinearTrends {
  private var count = 0
  private var nanoseconds = 0.0
  private var squares = 0.0
  /// The clock and the lateness.
  private var values = SIMD2<Double>()
  private var products = SIMD2<Double>()

  @inline(__always)
  mutating func add(nanoseconds: Double, values: SIMD2<Double>) {
    count &+= 1
    self.nanoseconds += nanoseconds
    squares += nanoseconds * nanoseconds
    self.values += values
    products += values * nanoseconds
  }

  static func += (left: inout LinearTrends, right: LinearTrends) {
    left.count += right.count
    left.nanoseconds += right.nanoseconds
    left.squares += right.squares
    left.values += right.values
    left.products += right.products
  }

  /// The slopes per second; nil when all values are at one instant.
  var slopes: SIMD2<Double>? {
    let count = Double(count)
    let spread = count * squares - nanoseconds * nanoseconds
    guard spread > 0 else { return nil }
    return (products * count - values * nanoseconds) / spread * 1e9
  }
}
