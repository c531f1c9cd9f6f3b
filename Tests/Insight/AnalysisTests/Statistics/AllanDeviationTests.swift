import Testing

@testable import Analysis

/// Published data sets with their authors' deviations.
@Suite("Overlapping Allan deviation: NIST Special Publication 1065, section 12")
struct AllanDeviationTests {
  /// The deviation of frequencies, added as the errors they sum up to.
  private static func deviation(
    frequencies: [Double], factors: [Int]? = nil
  ) -> AllanDeviation {
    var deviation = factors.map { AllanDeviation(factors: $0) } ?? AllanDeviation()
    var error = 0.0
    deviation.add(error)
    for frequency in frequencies {
      error += frequency
      deviation.add(error)
    }
    return deviation
  }

  /// The handbook's 1000 frequencies: a Lehmer generator, from 0 to 1.
  private static let thousandFrequencies: [Double] = {
    var number: UInt64 = 1_234_567_890
    return (0..<1000).map { _ in
      defer { number = number * 16_807 % 2_147_483_647 }
      return Double(number) / 2_147_483_647
    }
  }()

  @Test("The nine frequencies of NBS Monograph 140, annex 8.E")
  func nineFrequencies() {
    let points = Self.deviation(
      frequencies: [892, 809, 823, 798, 671, 644, 883, 903, 677], factors: [1, 2]
    ).points
    #expect(points.map(\.termCount) == [8, 6])
    for (point, published) in zip(points, [91.22945, 85.95287]) {
      #expect(abs(point.scaledDeviation - published) < 5e-6)
    }
  }

  @Test("The thousand frequencies, at averaging times of 1, 10 and 100")
  func thousandFrequencies() {
    let points = Self.deviation(
      frequencies: Self.thousandFrequencies, factors: [1, 10, 100]
    ).points
    #expect(points.prefix(3).map(\.termCount) == [999, 981, 801])
    for (point, published) in zip(points, [2.922319e-01, 9.159953e-02, 3.241343e-02]) {
      #expect(abs(point.scaledDeviation - published) < 5e-9 * (published > 0.1 ? 10 : 1))
    }
  }

  @Test("Averaging times go by octaves; sparse sums are close to sums over all samples")
  func octaves() {
    let frequencies = (0..<20).flatMap { _ in Self.thousandFrequencies }
    let points = Self.deviation(frequencies: frequencies).points
    #expect(points.map(\.factor) == (0...13).map { 1 << $0 })
    var errors = [0.0]
    for frequency in frequencies { errors.append((errors.last ?? 0) + frequency) }
    for point in points {
      let terms = (0..<(errors.count - 2 * point.factor)).map {
        errors[$0 + 2 * point.factor] - 2 * errors[$0 + point.factor] + errors[$0]
      }
      let squares = terms.reduce(0) { $0 + $1 * $1 }
      let full =
        (squares / (2 * Double(terms.count))).squareRoot() / Double(point.factor)
      let tolerance = point.factor <= AllanDeviation.denseFactorMax ? 1e-9 : 0.03
      #expect(abs(point.scaledDeviation - full) < tolerance * full)
      let step = max(1, point.factor / AllanDeviation.denseFactorMax)
      #expect(abs(point.termCount - terms.count / step) <= 1)
    }
  }

  @Test("A constant rate error has no deviation; a gap ends the series")
  func steadyClock() {
    var deviation = AllanDeviation()
    for sample in 0..<1000 {
      if sample == 500 { deviation.breakOff() }
      deviation.add(Double(sample) * 3 + (sample >= 500 ? 1e6 : 0))
    }
    #expect(deviation.points.allSatisfy { $0.scaledDeviation == 0 })
    #expect(deviation.points.first?.termCount == 2 * 498)
    #expect(AllanDeviation().points.isEmpty)
  }
}
