import ScaleModel
import Testing

@Suite("SplitMix64")
struct SplitMix64Tests {
  @Test(
    "It gives the published numbers of the reference implementation",
    arguments: [
      (
        seed: 1_234_567,
        words: [
          6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
          4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
      ),
      (
        seed: 0,
        words: [
          0xE220_A839_7B1D_CDAF, 0x6E78_9E6A_A1B9_65F4, 0x06C4_5D18_8009_454F,
          0xF88B_B8A8_724C_81EC,
        ]
      ),
    ] as [(seed: UInt64, words: [UInt64])])
  func referenceValues(row: (seed: UInt64, words: [UInt64])) {
    var random = SplitMix64(state: row.seed)
    #expect(row.words.map { _ in random.next() } == row.words)
  }

  @Test("The streams of a run share no number, whatever their purpose and index")
  func streamsAreApart() {
    let purposes: [SplitMix64.StreamPurpose] = [.rates, .ticks, .delays, .topology]
    var words = Set<UInt64>()
    for seed in 0..<5 as Range<UInt64> {
      for purpose in purposes {
        for index in 0..<20 as Range<UInt64> {
          var random = SplitMix64(seed: seed, purpose: purpose, index: index)
          for _ in 0..<20 { words.insert(random.next()) }
        }
      }
    }
    #expect(words.count == 5 * 4 * 20 * 20)
  }

  @Test("Neighbouring streams agree in half of their bits, as strangers do")
  func streamsAreUnlike() {
    var differenceCount = 0
    for index in 0..<1000 as Range<UInt64> {
      var one = SplitMix64(seed: 1, purpose: .ticks, index: index)
      var next = SplitMix64(seed: 1, purpose: .ticks, index: index + 1)
      differenceCount += (one.next() ^ next.next()).nonzeroBitCount
    }
    // 64,000 fair coins: mean 32,000, standard deviation 126; the seed is fixed.
    #expect(abs(differenceCount - 32_000) < 5 * 126)
  }

  @Test(
    "Every number below the bound is drawn equally often, and none outside",
    arguments: [1, 2, 3, 6, 10, 100] as [UInt64])
  func drawIsUniform(bound: UInt64) {
    var random = SplitMix64(seed: 7, purpose: .ticks)
    var counts = [Int](repeating: 0, count: Int(bound))
    let expected = 1000.0
    for _ in 0..<(Int(expected) * counts.count) { counts[Int(random.draw(below: bound))] += 1 }
    let chiSquared = counts.reduce(0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    // Its mean is bound − 1 and its variance twice that; five standard deviations, at a fixed seed.
    let freedom = Double(bound - 1)
    #expect(chiSquared <= freedom + 5 * (2 * freedom).squareRoot())
  }

  @Test("The widest bound is no overflow")
  func widestBound() {
    var random = SplitMix64(state: 3)
    for _ in 0..<100 { #expect(random.draw(below: .max) < .max) }
  }

  @Test("Fractions lie from 0 up to and without 1, and their mean is a half")
  func fractions() {
    var random = SplitMix64(state: 5)
    var sum = 0.0
    for _ in 0..<10_000 {
      let fraction = random.drawFraction()
      #expect(0.0..<1.0 ~= fraction)
      sum += fraction
    }
    #expect(abs(sum / 10_000 - 0.5) < 5 * 0.0029)
  }
}
