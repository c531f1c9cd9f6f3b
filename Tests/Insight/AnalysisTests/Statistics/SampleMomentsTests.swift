import Testing

@testable import Analysis

/// Means, deviations and intervals against worked examples.
@Suite("Figures over repetitions")
struct SampleMomentsTests {
  private static func moments(_ values: [Double]) -> SampleMoments {
    var moments = SampleMoments()
    for value in values { moments.add(value) }
    return moments
  }

  @Test("An empty sample has no mean, one repetition no deviation")
  func fewRepetitions() {
    #expect(Self.moments([]).mean == nil)
    #expect(Self.moments([3]).mean == 3)
    #expect(Self.moments([3]).deviation == nil)
    #expect(Self.moments([3]).interval == nil)
  }

  @Test("Equal figures have no deviation at all, with any number of digits")
  func equalFigures() {
    let moments = Self.moments(Array(repeating: 0.1 + 1e9, count: 1000))
    #expect(moments.mean == 0.1 + 1e9)
    #expect(moments.deviation == 0)
    #expect(moments.interval == (0.1 + 1e9)...(0.1 + 1e9))
  }

  @Test("A worked example: 2, 4, 4, 4, 5, 5, 7, 9")
  func workedExample() throws {
    let moments = Self.moments([2, 4, 4, 4, 5, 5, 7, 9])
    #expect(moments.mean == 5)
    let deviation = try #require(moments.deviation)
    #expect(abs(deviation - (32.0 / 7).squareRoot()) < 1e-14)
    // t at 7 degrees of freedom is 2.364624.
    let interval = try #require(moments.interval)
    #expect(abs(interval.upperBound - 6.787_488) < 1e-6)
    #expect(abs(interval.lowerBound - 3.212_512) < 1e-6)
  }

  /// The bounds are those of `scipy.stats.ttest_ind(…, equal_var=False).confidence_interval()`.
  @Test("Welch's interval of a difference")
  func difference() throws {
    let left = Self.moments([27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6])
    let right = Self.moments([27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9])
    let (difference, interval) = try #require(left.difference(from: right))
    #expect(abs(difference - (20.75 - 254.9 / 11)) < 1e-12)
    let bounds = try #require(interval)
    #expect(abs(bounds.lowerBound - Self.welchLow) < 1e-9)
    #expect(abs(bounds.upperBound - Self.welchHigh) < 1e-9)
    let reversed = try #require(right.difference(from: left)?.interval)
    #expect(abs(reversed.lowerBound + bounds.upperBound) < 1e-12)
  }

  private static let welchLow = -5.033863238461174
  private static let welchHigh = 0.18840869300662977

  @Test("A difference without deviation is exact; a single repetition gives no interval")
  func differenceAtTheEdges() throws {
    let exact = try #require(Self.moments([3, 3]).difference(from: Self.moments([1, 1, 1])))
    #expect(exact.interval == 2...2)
    let single = try #require(Self.moments([3]).difference(from: Self.moments([1, 2])))
    #expect(single.difference == 1.5 && single.interval == nil)
    #expect(Self.moments([]).difference(from: Self.moments([1, 2])) == nil)
  }
}
