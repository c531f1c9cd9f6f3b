import LogicalTime
import ScaleModel
import Testing

@Suite("Kulkarni and others 2014, hybrid logical clocks")
struct HybridClockTests {
  /// One step of a clock: the physical time, the message's stamp if there is one, the stamp after.
  struct Step: Sendable {
    let physicalTime: Int64
    let message: HybridClock?
    let stamp: HybridClock

    init(
      _ physicalTime: Int64, receiving message: (Int64, UInt64)? = nil, gives stamp: (Int64, UInt64)
    ) {
      self.physicalTime = physicalTime
      self.message = message.map { HybridClock(time: $0.0, counter: $0.1) }
      self.stamp = HybridClock(time: stamp.0, counter: stamp.1)
    }
  }

  /// The steps that CockroachDB's own tests of its hybrid clock take.
  static let steps = [
    Step(5, gives: (5, 0)), Step(6, gives: (6, 0)),
    Step(10, receiving: (10, 5), gives: (10, 6)),
    // The physical clock steps back.
    Step(7, gives: (10, 7)),
    // The own counter is ahead, then the message's.
    Step(8, receiving: (10, 4), gives: (10, 8)), Step(10, receiving: (10, 99), gives: (10, 100)),
    // Physical time is ahead.
    Step(11, receiving: (10, 31), gives: (11, 0)), Step(11, gives: (11, 1)),
    // The message is ahead of both.
    Step(12, receiving: (20, 3), gives: (20, 4)),
  ]

  @Test("Each step gives the stamp of figure 5")
  func steps() {
    var clock = HybridClock()
    for step in Self.steps {
      if let message = step.message {
        clock.tick(at: step.physicalTime, receiving: message)
      } else {
        clock.tick(at: step.physicalTime)
      }
      #expect(clock == step.stamp)
    }
  }

  @Test(
    "A message from beyond the bound is refused, and changes nothing",
    arguments: [
      (10, 1000, nil), (10, 1010, nil), (10, 1011, 1001), (.min, .max, .max), (0, -5, nil),
      (-1000, 1, 1001),
    ] as [(physicalTime: Int64, sent: Int64, refused: Int64?)])
  func bound(row: (physicalTime: Int64, sent: Int64, refused: Int64?)) throws {
    let before = HybridClock(time: 3, counter: 1)
    var clock = before
    let message = HybridClock(time: row.sent, counter: 7)
    guard let refused = row.refused else {
      try clock.tick(at: row.physicalTime, receiving: message, offsetMax: 1000)
      #expect(clock > message && clock > before)
      return
    }
    #expect(throws: HybridClockRefusal(offset: refused, offsetMax: 1000)) {
      try clock.tick(at: row.physicalTime, receiving: message, offsetMax: 1000)
    }
    #expect(clock == before)
  }

  @Test("A full counter moves to the next instant, and the last stamp of all stays")
  func limits() {
    var clock = HybridClock(time: 9, counter: .max)
    clock.tick(at: 9)
    #expect(clock == HybridClock(time: 10))
    clock = HybridClock(time: .max, counter: .max)
    clock.tick(at: .max, receiving: clock)
    #expect(clock == HybridClock(time: .max, counter: .max))
  }

  /// Theorems 2 and 3, and corollary 2, with ticks of true time: clocks are ahead of it by 0 to ε.
  @Test(
    "The stamp's time is at least physical time and at most ε above it; the counter is bounded",
    arguments: 0..<40)
  func bounds(seed: UInt64) {
    let uncertainty = Int64(seed % 4) * 7
    let machineCount = 2 + Int(seed % 5)
    let computation = Computation.random(machineCount: machineCount, eventCount: 300, seed: seed)
    let times = computation.physicalTimes(wrongBy: uncertainty, seed: seed)
    let stamps = computation.stamps(
      Array(repeating: HybridClock(), count: machineCount), times: times)
    for (stamp, time) in zip(stamps, times) {
      #expect(stamp.time >= time && stamp.time <= time + uncertainty)
      #expect(stamp.counter <= UInt64(machineCount) * UInt64(uncertainty + 1))
    }
    if uncertainty > 0 {
      #expect(zip(stamps, times).contains { $0.time > $1 }, "Some clock is ahead of its own time")
    }
  }

  /// A sender whose clock is ε ahead sends λ messages a second, Poisson, each with the delay d; the
  /// receiver, whose physical clock is right, looks at its own every 20 ms.
  @Test(
    "A slow machine is ahead for 1 − e^(−λh) of the time, by h − (1 − e^(−λh))/λ in the mean",
    arguments: [(100, 20, 5), (50, 10, 20), (200, 100, 2), (30, 5, 100), (20, 20, 50), (5, 20, 50)]
      as [(epsilon: Int64, delay: Int64, perSecond: Double)])
  func law(row: (epsilon: Int64, delay: Int64, perSecond: Double)) {
    let millisecond: Int64 = 1_000_000
    var random = SplitMix64(state: 9)
    var clock = HybridClock()
    var (lookCount, aheadCount, aheadSum) = (0.0, 0.0, 0.0)
    var nextSend = 0.0
    func sendTime() -> Int64 { Int64(nextSend * 1e9) }
    for look in Int64(1)...Int64(2_000_000 / row.perSecond) {
      let now = look * 20 * millisecond
      while sendTime() + row.delay * millisecond <= now {
        clock.tick(
          at: sendTime() + row.delay * millisecond,
          receiving: HybridClock(time: sendTime() + row.epsilon * millisecond))
        nextSend += Self.exponential(&random) / row.perSecond
      }
      clock.tick(at: now)
      lookCount += 1
      if clock.time > now { aheadCount += 1 }
      aheadSum += Double(clock.time - now) / 1e9
    }
    let lead = Double(max(0, row.epsilon - row.delay)) / 1000
    let share = 1 - Self.powerOfE(-row.perSecond * lead)
    guard lead > 0 else {
      #expect(aheadCount == 0 && aheadSum == 0)
      return
    }
    let mean = lead - share / row.perSecond
    #expect(abs(aheadCount / lookCount / share - 1) < 0.02, "\(aheadCount / lookCount), \(share)")
    #expect(abs(aheadSum / lookCount / mean - 1) < 0.02, "\(aheadSum / lookCount) of \(mean)")
  }

  /// An exponential draw of mean 1: von Neumann's, which needs no logarithm.
  private static func exponential(_ random: inout SplitMix64) -> Double {
    var whole = 0.0
    while true {
      let first = random.drawFraction()
      var (previous, count) = (first, 1)
      while true {
        let next = random.drawFraction()
        if next > previous { break }
        (previous, count) = (next, count + 1)
      }
      if count % 2 == 1 { return whole + first }
      whole += 1
    }
  }

  /// The exponential of a number near zero, by its series.
  private static func powerOfE(_ exponent: Double) -> Double {
    var (term, sum) = (1.0, 1.0)
    for index in 1...60 {
      term *= exponent / Double(index)
      sum += term
    }
    return sum
  }
}
