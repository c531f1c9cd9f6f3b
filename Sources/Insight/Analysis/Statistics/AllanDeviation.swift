/// The overlapping Allan deviation of a clock whose errors are taken in one by one.
///
/// At an averaging time of m samples it is the root of half the mean square of
/// (x[i+2m] − 2·x[i+m] + x[i]) / (m·τ₀), over all i. Up to ``denseFactorMax`` every i counts.
/// Beyond, m goes by octaves and i in steps of m / ``denseFactorMax``, which loses next to nothing,
/// for neighbouring terms say the same; so memory grows with the logarithm of the samples only.
///
/// - SeeAlso: W. J. Riley, "Handbook of Frequency Stability Analysis", NIST Special Publication
///   1065, 2008, section 5.2.4.
struct AllanDeviation {
  /// The deviation at one averaging time.
  struct Point: Hashable {
    /// How many samples are averaged (m).
    let factor: Int
    /// How many second differences were found.
    let termCount: Int
    /// The deviation times the time between samples: in the unit of the samples.
    let scaledDeviation: Double
  }

  /// Up to how many averaged samples every second difference counts.
  static let denseFactorMax = 128

  private var levels: [Level]

  /// - Parameter factors: How many samples are averaged (m): ascending, at most
  ///   ``denseFactorMax``; octaves by default. Octaves beyond follow by themselves.
  init(factors: [Int] = (0...7).map { 1 << $0 }) {
    levels = [Level(stride: 1, factors: factors)]
  }

  /// Takes in the next sample: how far the clock is off, in any unit.
  mutating func add(_ error: Double) {
    var place = 0
    // Each level hands every second sample on.
    while levels[place].add(error) {
      place += 1
      if place == levels.count {
        levels.append(Level(stride: 1 << place, factors: [Self.denseFactorMax]))
      }
    }
  }

  /// A sample is missing: no difference is taken across the gap.
  mutating func breakOff() {
    for place in levels.indices { levels[place].breakOff() }
  }

  /// The deviations so far, by ascending averaging time, as far as there are any.
  var points: [Point] { levels.flatMap(\.points) }

  /// Every so many samples, and the averaging times they are used for.
  private struct Level {
    /// How many samples apart those of this level are.
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

    /// Takes in a sample; returns whether it is one for the next level.
    mutating func add(_ error: Double) -> Bool {
      if window.count == 4 * AllanDeviation.denseFactorMax {
        window.removeFirst(2 * AllanDeviation.denseFactorMax)
      }
      window.append(error)
      let latest = window.count - 1
      for (place, factor) in factors.enumerated() {
        let oldest = latest - 2 * factor
        if oldest < 0 { break }
        let difference = error - 2 * window[latest - factor] + window[oldest]
        squares[place] += difference * difference
        counts[place] += 1
      }
      isHandedOn.toggle()
      return isHandedOn
    }

    mutating func breakOff() {
      window.removeAll()
      isHandedOn = true
    }

    var points: [Point] {
      factors.indices.filter { counts[$0] > 0 }.map { place in
        let factor = Double(factors[place] * stride)
        return Point(
          factor: factors[place] * stride, termCount: counts[place],
          scaledDeviation: (squares[place] / (2 * Double(counts[place]))).squareRoot() / factor)
      }
    }
  }
}
