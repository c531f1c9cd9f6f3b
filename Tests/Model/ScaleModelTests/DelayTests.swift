import LogicalTime
import Testing

@testable import ScaleModel

@Suite("Delays")
struct DelayTests {
  private static func milliseconds(_ count: Int64) -> TimeSpan {
    TimeSpan(nanoseconds: count * 1_000_000)
  }

  @Test(
    "A delay is read as people write it",
    arguments: [
      ("0", .none), ("none", .none), ("0s", .none), ("0ms", .none),
      ("50ms", .constant(milliseconds(50))),
      ("10ms...100ms", .uniform(milliseconds(10), milliseconds(100))),
      ("0s...1s", .uniform(milliseconds(0), milliseconds(1000))),
      ("7ms...7ms", .constant(milliseconds(7))),
      ("~50ms", .exponential(mean: milliseconds(50))),
      ("~1.5s", .exponential(mean: milliseconds(1500))),
    ] as [(String, Delay)])
  func read(text: String, delay: Delay) {
    #expect(Delay(text) == delay)
    #expect(Delay("\(delay)") == delay, "What is written is read again as the same")
  }

  @Test(
    "Anything else is no delay",
    arguments: [
      "", "5", "-5ms", "100ms...10ms", "10ms..20ms", "10ms...", "...10ms", "...", "10...20ms",
      "~", "~0s", "~-1s", "~10ms...20ms", "10ms...20ms...30ms", "50 ms", "1e3s", "~~1s",
    ])
  func refused(text: String) {
    #expect(Delay(text) == nil)
  }

  private func samples(_ delay: Delay, seed: UInt64 = 1, count: Int = 10_000) -> [Int64] {
    (0..<UInt64(count)).map {
      delay.transit(seed: seed, source: 0, target: 1, messageIndex: $0).nanoseconds
    }
  }

  @Test("No delay and a constant one are what they say, for every message")
  func fixed() {
    #expect(Set(samples(.none, count: 50)) == [0])
    #expect(Set(samples(.constant(Self.milliseconds(3)), count: 50)) == [3_000_000])
  }

  @Test("A uniform delay reaches from its first to its second bound, its mean half-way")
  func uniform() {
    let small = samples(.uniform(TimeSpan(nanoseconds: 5), TimeSpan(nanoseconds: 8)))
    #expect(Set(small) == [5, 6, 7, 8])
    let wide = samples(.uniform(Self.milliseconds(10), Self.milliseconds(100)))
    #expect(wide.allSatisfy { 10_000_000...100_000_000 ~= $0 })
    let mean = wide.reduce(0) { $0 + Double($1) } / Double(wide.count)
    // Standard error of the mean: 90 ms / √12 / √10,000 = 0.26 ms; the seed is fixed.
    #expect(abs(mean - 55e6) < 5 * 0.26e6)
  }

  @Test("An exponential delay has its mean, and its share beyond one, two and three means")
  func exponential() {
    let drawn = samples(.exponential(mean: Self.milliseconds(50)))
    #expect(drawn.allSatisfy { $0 >= 0 })
    let mean = drawn.reduce(0) { $0 + Double($1) } / Double(drawn.count)
    #expect(abs(mean - 50e6) < 5 * 0.5e6)
    for (times, share) in [(1.0, 0.3679), (2.0, 0.1353), (3.0, 0.0498)] {
      let beyond = drawn.filter { Double($0) > times * 50e6 }.count
      #expect(abs(Double(beyond) / 10_000 - share) < 5 * (share * (1 - share)).squareRoot() / 100)
    }
  }

  @Test("The longest delays there can be do not overflow")
  func longest() {
    let longest = TimeSpan(nanoseconds: .max)
    let drawn = samples(.exponential(mean: longest)) + samples(.uniform(.seconds(0), longest))
    #expect(drawn.allSatisfy { $0 >= 0 })
    #expect(drawn.contains(9_000_000_000_000_000_000), "Where the exponential one is cut")
  }

  @Test("A delay depends on seed, channel and index, and on nothing else")
  func dependsOnIndex() {
    let delay = Delay.uniform(.seconds(0), .seconds(1))
    var drawn = Set<Int64>()
    for seed in 1...3 as ClosedRange<UInt64> {
      for source in [0, 1, 2] as [MachineID] {
        for target in [0, 1, 2] as [MachineID] {
          for messageIndex in 0..<50 as Range<UInt64> {
            let once = delay.transit(
              seed: seed, source: source, target: target, messageIndex: messageIndex)
            let again = delay.transit(
              seed: seed, source: source, target: target, messageIndex: messageIndex)
            #expect(once == again)
            drawn.insert(once.nanoseconds)
          }
        }
      }
    }
    // 1,350 draws out of 10⁹ nanoseconds: two alike are possible, more would be a pattern.
    #expect(drawn.count >= 1348)
  }

  @Test(
    "The logarithm is within 2⁻⁵⁰ of the true one, which was worked out to 20 digits",
    arguments: [
      (1.0, 0.0),
      (0x1.fffffffffffffp-1, -1.110_223_024_625_156_6e-16),
      (0.999_999, -1.000_000_500_029_089_3e-6),
      (0.9, -0.105_360_515_657_826_28),
      (0.75, -0.287_682_072_451_780_93),
      (0.707_106_781_186_547_5, -0.346_573_590_279_972_71),
      (0.5, -0.693_147_180_559_945_31),
      (0.25, -1.386_294_361_119_890_6),
      (0.1, -2.302_585_092_994_045_7),
      (1e-9, -20.723_265_836_946_411),
      (0x1p-53, -36.736_800_569_677_101),
    ])
  func logarithm(x: Double, expected: Double) {
    let tolerance = abs(expected) * 0x1p-50
    #expect(
      abs(naturalLogarithm(x) - expected) <= tolerance, "off by \(naturalLogarithm(x) - expected)")
  }
}
