import Testing

@testable import Analysis

/// Quantiles as tables print them, and to all digits.
@Suite("Student's t")
struct StudentTTests {
  private static let probabilities = [0.90, 0.95, 0.975, 0.99, 0.995]

  @Test(
    "The table of the NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2",
    arguments: [
      (1, [3.078, 6.314, 12.706, 31.821, 63.657]), (2, [1.886, 2.920, 4.303, 6.965, 9.925]),
      (3, [1.638, 2.353, 3.182, 4.541, 5.841]), (4, [1.533, 2.132, 2.776, 3.747, 4.604]),
      (5, [1.476, 2.015, 2.571, 3.365, 4.032]), (6, [1.440, 1.943, 2.447, 3.143, 3.707]),
      (7, [1.415, 1.895, 2.365, 2.998, 3.499]), (8, [1.397, 1.860, 2.306, 2.896, 3.355]),
      (9, [1.383, 1.833, 2.262, 2.821, 3.250]), (10, [1.372, 1.812, 2.228, 2.764, 3.169]),
      (15, [1.341, 1.753, 2.131, 2.602, 2.947]), (20, [1.325, 1.725, 2.086, 2.528, 2.845]),
      (30, [1.310, 1.697, 2.042, 2.457, 2.750]), (60, [1.296, 1.671, 2.000, 2.390, 2.660]),
      (100, [1.290, 1.660, 1.984, 2.364, 2.626]),
    ] as [(degreesOfFreedom: Int, quantiles: [Double])])
  func publishedTable(row: (degreesOfFreedom: Int, quantiles: [Double])) {
    let distribution = StudentT(degreesOfFreedom: Double(row.degreesOfFreedom))
    for (probability, quantile) in zip(Self.probabilities, row.quantiles) {
      #expect(abs(distribution.quantile(probability) - quantile) <= 0.000_5)
    }
  }

  /// Computed with 40 digits from the incomplete beta function, with fractions as Welch has them.
  @Test(
    "Quantiles to twelve digits, from one degree of freedom to a million",
    arguments: [
      (1, 0.975, 12.706_204_736_174_704_6), (1.5, 0.975, 6.016_663_104_427_931_92),
      (2.75, 0.975, 3.352_545_433_061_605_61), (3.5, 0.975, 2.940_088_637_982_729_79),
      (7.25, 0.975, 2.348_194_849_105_372_2), (31.4, 0.975, 2.038_460_929_876_268_35),
      (250.5, 0.975, 1.969_479_272_051_676_35), (12_345.6, 0.975, 1.960_156_158_259_510_53),
      (1e6, 0.975, 1.959_966_356_814_107_04), (1, 0.9995, 636.619_248_768_719_616),
      (2.75, 0.9995, 15.097_455_696_385_139_5), (31.4, 0.9995, 3.628_697_856_176_862_98),
      (1e6, 0.9995, 3.290_536_461_248_691_13), (1e6, 0.95, 1.644_855_150_722_040_49),
    ] as [(degreesOfFreedom: Double, probability: Double, quantile: Double)])
  func exactQuantile(row: (degreesOfFreedom: Double, probability: Double, quantile: Double)) {
    let distribution = StudentT(degreesOfFreedom: row.degreesOfFreedom)
    let found = distribution.quantile(row.probability)
    #expect(abs(found - row.quantile) <= 1e-12 * row.quantile)
    let mirrored = distribution.quantile(1 - row.probability)
    #expect(mirrored == -distribution.quantile(1 - (1 - row.probability)))
  }

  @Test("Two and four degrees of freedom, whose distributions have closed forms")
  func closedForms() {
    for probability in stride(from: 0.51, through: 0.99, by: 0.01) {
      let chance = probability * (1 - probability)
      let two = (2 * probability - 1) * (1 / (2 * chance)).squareRoot()
      #expect(abs(StudentT(degreesOfFreedom: 2).quantile(probability) - two) < 1e-12)
      let four = StudentT(degreesOfFreedom: 4).quantile(probability)
      let share = four * four / (4 + four * four)
      let below = 0.5 + 0.5 * share.squareRoot() * (1 + (1 - share) / 2)
      #expect(abs(below - probability) < 1e-13)
    }
  }

  @Test("A quantile has its share of draws below it, at any degrees of freedom")
  func quantileInvertsProbability() {
    var degreesOfFreedom = 1.0
    while degreesOfFreedom < 1e6 {
      let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
      for probability in [0.6, 0.9, 0.975, 0.999] {
        let central = distribution.centralProbability(distribution.quantile(probability))
        #expect(abs(central - (2 * probability - 1)) < 1e-12)
      }
      degreesOfFreedom *= 1.7
    }
    #expect(StudentT(degreesOfFreedom: 5).quantile(0.5) == 0)
  }
}
