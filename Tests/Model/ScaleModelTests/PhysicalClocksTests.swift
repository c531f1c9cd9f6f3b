import LogicalTime
import ScaleModel
import Testing

@Suite("Physical clocks")
struct PhysicalClocksTests {
  private static func clocks(
    skew: String? = nil, drift: String? = nil, sync: String? = nil
  ) throws -> PhysicalClocks {
    var clocks = PhysicalClocks()
    clocks.skew = try skew.map { try #require(TimeSpan($0)) } ?? .seconds(0)
    clocks.driftMillionths = try drift.map { try #require(PhysicalClocks.driftMillionths($0)) } ?? 0
    clocks.sync = try sync.map { try #require(PhysicalClocks.Sync($0)) }
    return clocks
  }

  @Test("Without options they show true time")
  func perfect() {
    var clock = PhysicalClock(of: 3, PhysicalClocks(), seed: 7)
    for time in [0, 1, 5_000_000_000, Int64.max] { #expect(clock.time(at: time) == time) }
    #expect(PhysicalClocks().arePerfect && PhysicalClocks().uncertainty(within: .forever) == 0)
  }

  @Test("Offsets are spread evenly over the skew, one for each machine and seed")
  func offsets() throws {
    let clocks = try Self.clocks(skew: "1s")
    var counts = [Int](repeating: 0, count: 10)
    for machine in 0..<10_000 {
      var clock = PhysicalClock(of: MachineID(machine), clocks, seed: 5)
      let offset = clock.time(at: 0)
      #expect(clock.time(at: 60_000_000_000) == offset + 60_000_000_000)
      counts[min(9, Int(offset / 100_000_000))] += 1
    }
    #expect(counts.allSatisfy { 900...1100 ~= $0 }, "\(counts)")
    var other = PhysicalClock(of: 0, clocks, seed: 6)
    var first = PhysicalClock(of: 0, clocks, seed: 5)
    #expect(other.time(at: 0) != first.time(at: 0))
  }

  @Test(
    "Two clocks never differ by more than the uncertainty",
    arguments: [
      ("50ms", nil, nil), (nil, "200ppm", nil), ("50ms", "200ppm", "30s,5ms,step"),
      ("50ms", "200ppm", "30s,5ms,slew"), ("10s", "1000ppm", "30s"), (nil, "1000000ppm", "1s"),
      ("100d", "1000000ppm", nil),
    ] as [(skew: String?, drift: String?, sync: String?)])
  func uncertainty(row: (skew: String?, drift: String?, sync: String?)) throws {
    let clocks = try Self.clocks(skew: row.skew, drift: row.drift, sync: row.sync)
    let duration = TimeSpan.seconds(600)
    let limit = clocks.uncertainty(within: duration)
    var all = (0..<50).map { PhysicalClock(of: MachineID($0), clocks, seed: 3) }
    var widest: Int64 = 0
    for second in 0...600 {
      let times = all.indices.map { all[$0].time(at: Int64(second) * 1_000_000_000) }
      widest = max(widest, (times.max() ?? 0) - (times.min() ?? 0))
    }
    #expect(widest <= limit && widest > limit / 4, "\(widest) of \(limit)")
  }

  @Test("A clock that is set right by a step may go back; one that slews never does")
  func steps() throws {
    for (mode, goesBack) in [("step", true), ("slew", false)] {
      var clock = PhysicalClock(
        of: 1, try Self.clocks(skew: "1h", drift: "100ppm", sync: "10s,\(mode)"), seed: 2)
      var (latest, stepsBack, least) = (Int64.min, false, Int64.max)
      for tenth in Int64(0)...1000 {
        let time = clock.time(at: tenth * 100_000_000)
        stepsBack = stepsBack || time < latest
        least = min(least, time - tenth * 100_000_000)
        latest = time
      }
      #expect(stepsBack == goesBack)
      #expect(goesBack == (least < 1_000_000_000), "500 ppm take hours for an hour")
    }
  }

  @Test(
    "The first instant at which a clock shows a time is where it is reached",
    arguments: ["30s", "7s,2s,step", "3s,1s,slew"], [0, 200, 900_000])
  func firstInstant(sync: String, drift: Int) throws {
    var reached = 0
    for seed in 1...20 as ClosedRange<UInt64> {
      let clocks = try Self.clocks(skew: "5s", drift: "\(drift)ppm", sync: sync)
      let clock = PhysicalClock(of: 2, clocks, seed: seed)
      for shown in [0, 6_000_000_000, 20_000_000_001, 61_234_567_890] as [Int64] {
        var (search, read, before) = (clock, clock, clock)
        let instant = search.firstInstant(showing: shown, from: 1000, to: 100_000_000_000)
        guard let instant else { continue }
        reached += 1
        #expect(instant == 1000 || before.time(at: instant - 1) < shown)
        #expect(read.time(at: instant) >= shown)
      }
    }
    #expect(reached > 50)
  }

  @Test("A clock that never shows a time, or not by the end, is not waited for")
  func neverShown() throws {
    var still = PhysicalClock(of: 1, try Self.clocks(drift: "0ppm"), seed: 1)
    #expect(still.firstInstant(showing: 10, from: 0, to: 9) == nil)
    #expect(still.firstInstant(showing: 10, from: 0, to: 10) == 10)
    #expect(still.firstInstant(showing: .max, from: 0, to: .max) == .max)
    var slow = PhysicalClock(
      of: 1, try Self.clocks(skew: "36499d", sync: "1s,0s,step"), seed: 1)
    #expect(
      slow.firstInstant(showing: .max, from: 1, to: .max) == nil, "It looks so far ahead only")
  }

  @Test("A wrong clock is ahead by its lead, which the uncertainty does not count")
  func leads() throws {
    var clocks = try Self.clocks(skew: "50ms")
    let lead = try #require(PhysicalClocks.Lead("8h@1"))
    clocks.leads = [lead]
    #expect(lead.machine == 1 && "\(lead)" == "28800s@1")
    for machine in 0..<3 {
      var right = PhysicalClock(
        of: MachineID(machine), try Self.clocks(skew: "50ms"), seed: 4)
      var wrong = PhysicalClock(of: MachineID(machine), clocks, seed: 4)
      let ahead = wrong.time(at: 7) - right.time(at: 7)
      #expect(ahead == (machine == 1 ? 28_800_000_000_000 : 0))
    }
    #expect(clocks.uncertainty(within: .seconds(60)) == 50_000_000 && !clocks.arePerfect)
    for text in ["", "8h", "@0", "8h@", "8h@0,1", "8@0", "-8h@0", "8h@-1", "forever@0"] {
      #expect(PhysicalClocks.Lead(text) == nil, "\(text)")
    }
  }

  @Test("The largest times and spans leave no number of 64 bits")
  func limits() throws {
    let year = "36499d"
    var clock = PhysicalClock(
      of: 1, try Self.clocks(skew: year, drift: "1000000ppm", sync: "1s,\(year),slew"), seed: 1)
    for time in [0, 1_000_000_000, TimeSpan.forever.nanoseconds, Int64.max] {
      #expect(clock.time(at: time) > .min)
    }
    let clocks = try Self.clocks(skew: year, drift: "1000000ppm", sync: "1s,\(year),slew")
    #expect(clocks.uncertainty(within: .forever) == 1 << 62)
  }

  @Test(
    "What is no sync or drift is refused",
    arguments: [
      "", "0s", "999ms", "30", "30s,", "30s,5", "30s,5ms,jump", "30s,step,5ms", "forever",
    ])
  func refused(text: String) {
    #expect(PhysicalClocks.Sync(text) == nil)
    #expect(PhysicalClocks.driftMillionths(text) == nil)
    for drift in ["5", "-5ppm", "1000001ppm", "ppm", "1.5ppm"] {
      #expect(PhysicalClocks.driftMillionths(drift) == nil)
    }
  }

  @Test(
    "A sync is written as it is read",
    arguments: [
      ("30s", "30s,0s,slew"), ("90s,5ms", "90s,5ms,slew"), ("30s,step", "30s,0s,step"),
      ("30s,5ms,slew", "30s,5ms,slew"),
    ])
  func words(text: String, expected: String) throws {
    let sync = try #require(PhysicalClocks.Sync(text))
    #expect("\(sync)" == expected && PhysicalClocks.Sync("\(sync)") == sync)
  }
}
