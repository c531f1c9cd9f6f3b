/// The overlapping Allan deviation of a clock whose errors are added one by one.
///
/// At an averaging time of m samples it is the root of half the mean square of
/// (x[i+2m] − 2·x[i+m] + x[i]) / (m·τ₀), over all i. Up to ``denseFactorMax`` every i counts.
/// Beyond, m goes by octaves and i in steps of m / ``denseFactorMax``; little is lost, because
/// neighbouring terms are nearly equal, and memory grows only with the logarithm of the samples.
///
/// - SeeAlso: W. J. Riley, "Handbook of Frequency Stability Analysis", NIST Special Publication
///   1065, 2008, section 5.2.4.
struct AllanDeviation {
  /// The deviation at one averaging time.
  struct Point: Hashable {
    /// How many samples are averaged (m).
    let factor: Int
    /// How many second differences were summed.
    let termCount: Int
    /// The deviation times the time between samples, in the unit of the samples.
    let scaledDeviation: Double
  }

  /// The largest averaging factor at which every second difference counts.
  static let denseFactorMax = 128

  private var levels: [Level]

  /// Makes an empty deviation.
  ///
  /// - Parameter factors: How many samples are averaged (m): ascending, at most ``denseFactorMax``;
  ///   octaves by default. Octaves beyond follow automatically.
  init(factors: [Int] = (0...7).map { 1 << $0 }) {
    levels = [Level(stride: 1, factors: factors)]
  }

  /// Adds the next sample: the clock's error, in any unit.
  mutating func add(_ error: Double) {
    var index = 0
    // Each level passes every second sample to the next.
    while levels[index].add(error) {
      index += 1
      if index == levels.count {
        levels.append(Level(stride: 1 << index, factors: [Self.denseFactorMax]))
      }
    }
  }

  /// Notes a missing sample: no difference is taken across the gap.
  mutating func breakOff() {
    for index in levels.indices { levels[index].breakOff() }
  }

  /// The deviations so far, by ascending averaging time.
  var points: [Point] { levels.flatMap(\.points) }

  /// Every `stride`-th sample, and the averaging factors computed from them.
  private struct Level {
    /// How many samples apart this level's are.
    let stride: Int
    /// In samples of this level.
    let factors: [Int]
    private var squares: [Double]
    private var counts: [Int]
    /// The latest samples; the older half is dropped when they are four times the largest factor.
    private var window: [Double] = []
    private var isHandedOn = true

    init(stride: Int, factors: [Int]) {
      (self.stride, self.factors) = (stride, factors)
      squares = Array(repeating: 0, count: factors.count)
      counts = Array(repeating: 0, count: factors.count)
    }

    /// Adds a sample; returns whether the next level gets it too.
    mutating func add(_ error: Double) -> Bool {
      if window.count == 4 * AllanDeviation.denseFactorMax {
        window.removeFirst(2 * AllanDeviation.denseFactorMax)
      }
      window.append(error)
      let latest = window.count - 1
      for (index, factor) in factors.enumerated() {
        let oldest = latest - 2 * factor
        if oldest < 0 { break }
        let difference = error - 2 * window[latest - factor] + window[oldest]
        squares[index] += difference * difference
        counts[index] += 1
      }
      isHandedOn.toggle()
      return isHandedOn
    }

    mutating func breakOff() {
      window.removeAll()
      isHandedOn = true
    }

    var points: [Point] {
      factors.indices.filter { counts[$0] > 0 }.map { index in
        let factor = Double(factors[index] * stride)
        return Point(
          factor: factors[index] * stride, termCount: counts[index],
          scaledDeviation: (squares[index] / (2 * Double(counts[index]))).squareRoot() / factor)
      }
    }
  }
}
