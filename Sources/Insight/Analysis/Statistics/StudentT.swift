/// Student's t distribution: how far the mean of a few repetitions may be from the truth.
///
/// Everything is computed from exactly rounded operations, so tables are the same to the byte on
/// every platform.
struct StudentT {
  /// The number of repetitions less one, at least 1.
  ///
  /// Welch's test also has fractions.
  let degreesOfFreedom: Double
  /// Γ((ν+1)/2) / Γ(ν/2) / √π.
  private let scale: Double

  /// - Precondition: There is at least one degree of freedom.
  init(degreesOfFreedom: Double) {
    precondition(degreesOfFreedom >= 1, "A scatter needs two repetitions or more")
    self.degreesOfFreedom = degreesOfFreedom
    scale = Self.gammaRatio(degreesOfFreedom / 2) / Double.pi.squareRoot()
  }

  /// The value that a draw is below with this probability, to a few units of the fifteenth digit.
  ///
  /// - Parameter probability: From 0 to 1, both excluded.
  /// - Returns: A value of the same unit as a standard error.
  func quantile(_ probability: Double) -> Double {
    precondition(0 < probability && probability < 1, "A quantile needs a probability inside 0...1")
    if probability < 0.5 { return -quantile(1 - probability) }
    let central = 2 * probability - 1
    // The curve is concave: from the left, Newton's steps never overshoot.
    var value = 0.0
    for _ in 0..<200 {
      let step = (central - centralProbability(value)) / (2 * density(value))
      value += step
      if step <= 4e-16 * value { break }
    }
    return value
  }

  /// The probability of a draw nearer to zero than `value`, which is not negative.
  func centralProbability(_ value: Double) -> Double {
    let share = value * value / (degreesOfFreedom + value * value)
    let half = degreesOfFreedom / 2
    let front = scale * share.squareRoot() * decay(value, half)
    // The incomplete beta function by its power series, from the side where that is short.
    if share <= 0.5 {
      return 2 * front * Self.series(first: 0.5, sum: half + 0.5, share)
    }
    return 1 - front / half * Self.series(first: half, sum: half + 0.5, 1 - share)
  }

  private func density(_ value: Double) -> Double {
    scale / degreesOfFreedom.squareRoot() * decay(value, (degreesOfFreedom + 1) / 2)
  }

  /// (1 + t²/ν) to the power of −`exponent`.
  private func decay(_ value: Double, _ exponent: Double) -> Double {
    Elementary.exponential(
      -exponent * Elementary.logarithm(onePlus: value * value / degreesOfFreedom))
  }

  /// The sum 1 + x·s/(a+1) + x²·s·(s+1)/((a+1)·(a+2)) + …, for a `first` and s `sum`.
  private static func series(first: Double, sum: Double, _ x: Double) -> Double {
    var total = 1.0
    var term = 1.0
    var step = 0.0
    while term > total * 1e-18 {
      term *= x * (sum + step) / (first + 1 + step)
      total += term
      step += 1
    }
    return total
  }

  /// Γ(x+½)/Γ(x), by its asymptotic series for a large x; a small x is shifted to one first.
  private static func gammaRatio(_ x: Double) -> Double {
    var argument = x
    var factor = 1.0
    while argument < 64 {
      factor *= argument / (argument + 0.5)
      argument += 1
    }
    let inverse = 1 / argument
    let coefficients: [Double] = [
      869.0 / 4_194_304, -399.0 / 262_144, -21.0 / 32_768, 5.0 / 1024, 1.0 / 128, -1.0 / 8, 1,
    ]
    return factor * argument.squareRoot() * coefficients.reduce(0) { $0 * inverse + $1 }
  }
}

/// Functions that the language leaves to a C library, whose last digit differs between platforms.
enum Elementary {
  /// ln(1 + x) for an x that is not negative, to the last digits also when x is small.
  static func logarithm(onePlus x: Double) -> Double {
    if x < 0.4 { return 2 * inverseHyperbolicTangent(x / (2 + x)) }
    var significand = (1 + x).significand
    var exponent = Double((1 + x).exponent)
    if significand > 1.414_213_562_373_095_1 {
      significand /= 2
      exponent += 1
    }
    return 2 * inverseHyperbolicTangent((significand - 1) / (significand + 1))
      + exponent * 0.693_147_180_559_945_3
  }

  /// eˣ for an x that is not positive.
  static func exponential(_ x: Double) -> Double {
    guard x > -700 else { return 0 }
    let halvings = (x / 0.693_147_180_559_945_3).rounded()
    // The logarithm of 2 in two parts, of which the first times a small whole number is exact.
    let rest = x - halvings * 0.693_147_180_369_123_8 - halvings * 1.908_214_929_270_587_7e-10
    var sum = 1.0
    for degree in stride(from: 16.0, through: 1.0, by: -1.0) { sum = 1 + sum * rest / degree }
    return sum * Double(sign: .plus, exponent: Int(halvings), significand: 1)
  }

  /// xⁿ for an n that is not negative.
  static func power(_ x: Double, _ n: Int) -> Double {
    var (product, square, rest) = (1.0, x, n)
    while rest > 0 {
      if rest % 2 == 1 { product *= square }
      square *= square
      rest /= 2
    }
    return product
  }

  /// artanh x for |x| ≤ 0.18.
  private static func inverseHyperbolicTangent(_ x: Double) -> Double {
    let square = x * x
    var sum = 0.0
    for denominator in stride(from: 25.0, through: 1.0, by: -2.0) {
      sum = sum * square + 1 / denominator
    }
    return x * sum
  }
}
