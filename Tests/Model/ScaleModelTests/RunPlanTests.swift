import FoundationEssentials
import LogicalTime
import ScaleModel
import Testing

@Suite("Run plans")
struct RunPlanTests {
  private static func plan(
    _ topology: TopologyChoice = .complete, delay: Delay = .none, rates: [Int] = [1, 3, 6, 2]
  ) throws -> RunPlan {
    RunPlan(
      rates: rates, duration: .seconds(60), dieSides: 10, seed: .max, topologyChoice: topology,
      topology: try topology.topology(machineCount: rates.count, seed: .max), delay: delay,
      workload: .chatter)
  }

  @Test("Drawn rates lie in the range, come up equally often, and are the same for a seed")
  func drawnRates() {
    let rates = RunPlan.drawnRates(machineCount: 6000, range: 1...6, seed: 42)
    #expect(rates.count == 6000)
    for rate in 1...6 {
      // Binomial: 1,000 ± 29; five standard deviations, at a fixed seed.
      #expect(abs(rates.filter { $0 == rate }.count - 1000) < 145)
    }
    #expect(rates.allSatisfy { 1...6 ~= $0 })
    #expect(RunPlan.drawnRates(machineCount: 6000, range: 1...6, seed: 42) == rates)
    #expect(RunPlan.drawnRates(machineCount: 3, range: 1...6, seed: 42) == Array(rates[..<3]))
    #expect(RunPlan.drawnRates(machineCount: 6000, range: 1...6, seed: 43) != rates)
    #expect(RunPlan.drawnRates(machineCount: 3, range: 5...5, seed: 1) == [5, 5, 5])
  }

  @Test(
    "A machine carries out the instructions due at or before the run's end",
    arguments: [
      (60_000_000_000, 6, 360),
      (1_000_000_000, 1, 1),
      (999_999_999, 1, 0),
      (1_500_000_000, 1, 1),
      (1_500_000_000, 3, 4),
      (500_000_000, 3, 1),
      (333_333_333, 3, 0),
      (333_333_334, 3, 1),
      (1, 1_000_000, 0),
      (1000, 1_000_000, 1),
      (3_153_600_000_000_000_000, 1_000_000, 3_153_600_000_000_000),
    ] as [(Int64, Int, UInt64)])
  func tickCount(nanoseconds: Int64, rate: Int, count: UInt64) throws {
    var plan = try Self.plan(rates: [1, rate])
    plan.duration = TimeSpan(nanoseconds: nanoseconds)
    #expect(plan.tickCount(of: 1) == count)
  }

  @Test("The last tick is due within the run, and one more would not be", arguments: 0..<50)
  func tickCountFitsDues(seed: UInt64) throws {
    var random = SplitMix64(state: seed)
    var plan = try Self.plan(rates: [1, 1])
    plan.phases = seed % 2 == 0 ? .aligned : .random
    for _ in 0..<40 {
      let rate = 1 + Int(random.draw(below: UInt64(RunPlan.rateMax)))
      let duration = Int64(random.next() >> (2 + random.draw(below: 40)))
      plan.duration = TimeSpan(nanoseconds: duration)
      plan.rates[1] = rate
      let count = plan.tickCount(of: 1)
      #expect(plan.due(tick: count, of: 1) <= plan.end)
      // A due is cut off to whole nanoseconds, so the next one may fall into the last of them.
      #expect(plan.due(tick: count + 1, of: 1) >= plan.end)
    }
  }

  @Test(
    "Instruction k is due at k / rate, exact however long the run",
    arguments: [
      (1, 1, 1_000_000_000),
      (1, 3, 333_333_333),
      (2, 3, 666_666_666),
      (3, 3, 1_000_000_000),
      (1, 7, 142_857_142),
      (0, 6, 0),
      (1, 1_000_000, 1000),
      (3_153_600_000_000_000, 1_000_000, 3_153_600_000_000_000_000),
      (3_153_600_000_000_001, 1_000_000, 3_153_600_000_000_001_000),
      (22_075_200_000_000, 7000, 3_153_600_000_000_000_000),
      (22_075_200_000_001, 7000, 3_153_600_000_000_142_857),
    ] as [(UInt64, Int, Int64)])
  func dues(tick: UInt64, rate: Int, nanoseconds: Int64) {
    #expect(TickTime.due(tick: tick, rate: rate).nanoseconds == nanoseconds)
  }

  @Test("Random phases are spread evenly over the period, one for each machine and seed")
  func phases() throws {
    var sum: Int64 = 0
    for seed in 0..<1000 as Range<UInt64> {
      let zeros = (0..<3).map {
        Phases.random.tickZero(of: MachineID($0), rate: 5, seed: seed).nanoseconds
      }
      #expect(zeros.allSatisfy { -200_000_000 < $0 && $0 <= 0 } && Set(zeros).count == 3)
      sum += zeros.reduce(0, +)
    }
    // Uniform: 100 ms ± 1.05 ms in the mean of 3,000 draws.
    #expect(abs(Double(sum) / 3000 + 100e6) < 4e6)
    let plan = try Self.plan()
    #expect(plan.topology.machineIDs.allSatisfy { plan.tickZero(of: $0) == .start })
  }

  @Test("Plans read back as they were written")
  func roundTrip() throws {
    let plans = [
      try Self.plan(), try Self.plan(.ring), try Self.plan(.star), try Self.plan(.line),
      try Self.plan(.grid(rows: 2, columns: 2)), try Self.plan(.random(neighbourCount: 2)),
      try Self.plan(.file(path: "ring", text: "0 1\n1 2 # \"links\"\n2 0\n")),
      try Self.plan(delay: .constant(.seconds(1))),
      try Self.plan(delay: .uniform(.seconds(0), TimeSpan(nanoseconds: 7))),
      try Self.plan(delay: .exponential(mean: .seconds(2))),
    ]
    var bank = try Self.plan()
    bank.workload = .bank(Bank(balance: 1 << 60, transferProbability: 0.1))
    var drawn = try Self.plan()
    drawn.rateRange = 1...6
    var unreliable = try Self.plan()
    unreliable.promises = ChannelPromises(order: .none, loss: 0.1, duplicate: 1)
    var unaligned = try Self.plan()
    unaligned.phases = .random
    var skewed = try Self.plan()
    skewed.physicalClocks.skew = .seconds(3)
    skewed.physicalClocks.driftMillionths = 200
    skewed.physicalClocks.sync = PhysicalClocks.Sync("30s,5ms,step")
    skewed.physicalClocks.leads = ["8h@0", "1ms@1"].compactMap { PhysicalClocks.Lead($0) }
    skewed.tickClock = .ownClock
    for plan in plans + [bank, drawn, unreliable, unaligned, skewed] {
      let json = try JSONEncoder().encode(plan)
      #expect(try JSONDecoder().decode(RunPlan.self, from: json) == plan)
    }
  }

  @Test(
    "A plan that cannot be is refused",
    arguments: [
      ("rates", "[]"), ("rates", "[1,0]"), ("rates", "[1,-3]"), ("rates", "[1,1000001]"),
      ("rates", "[1,1.5]"), ("rates", "3"), ("durationNanoseconds", "-1"),
      ("durationNanoseconds", "1e30"), ("dieSides", "0"), ("dieSides", "-9"), ("seed", "-1"),
      ("seed", "18446744073709551616"), ("topology", "\"moon\""), ("topology", "\"grid:2x3\""),
      ("topology", "\"random:9\""), ("delay", "\"soon\""), ("workload", "\"idle\""),
      ("phases", "\"none\""),
    ])
  func refused(key: String, value: String) throws {
    var fields = [
      ("rates", "[1,3,6]"), ("durationNanoseconds", "1"), ("dieSides", "10"), ("seed", "0"),
      ("topology", "\"complete\""), ("delay", "\"0\""), ("workload", "\"chatter\""),
      ("phases", "\"random\""),
    ]
    func decode() throws -> RunPlan {
      let text = "{" + fields.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}"
      return try JSONDecoder().decode(RunPlan.self, from: Data(text.utf8))
    }
    #expect(try decode().rates == [1, 3, 6])
    let index = try #require(fields.firstIndex { $0.0 == key })
    fields[index].1 = value
    #expect(throws: DecodingError.self) { try decode() }
    guard key != "phases" else { return }
    fields.remove(at: index)
    #expect(throws: DecodingError.self, "It cannot be missing either") { try decode() }
  }

  @Test(
    "A bank that cannot be is refused",
    arguments: [
      ("balance", "-1"), ("balance", "1.5"), ("balance", "4611686018427387904"),
      ("transfer", "-0.1"), ("transfer", "1.01"), ("transfer", "\"often\""),
    ])
  func refusedBank(key: String, value: String) throws {
    var fields = ["balance": "4611686018427387903", "transfer": "1"]
    func decode() throws -> RunPlan {
      let text = """
        {"rates":[1,3],"durationNanoseconds":1,"dieSides":10,"seed":0,"topology":"complete",
         "delay":"0","workload":"bank"\(fields.sorted { $0.key < $1.key }
           .map { ",\"\($0.key)\":\($0.value)" }.joined())}
        """
      return try JSONDecoder().decode(RunPlan.self, from: Data(text.utf8))
    }
    #expect(try decode().totalMoney == .max - 1)
    fields[key] = value
    #expect(throws: DecodingError.self) { try decode() }
    fields[key] = nil
    #expect(throws: DecodingError.self, "It cannot be missing either") { try decode() }
  }

  @Test(
    "Channels that cannot be are refused; those that promise the usual are not written",
    arguments: [
      ("order", "\"any\""), ("loss", "1.5"), ("loss", "-0.1"), ("duplicate", "2"),
      ("duplicate", "\"often\""),
    ])
  func refusedPromises(key: String, value: String) throws {
    let plain = String(decoding: try JSONEncoder().encode(try Self.plan()), as: UTF8.self)
    #expect(!plain.contains("\"\(key)\""))
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(
        RunPlan.self, from: Data((plain.dropLast() + ",\"\(key)\":\(value)}").utf8))
    }
  }

  @Test("The links of a file that are not possible are told")
  func impossibleFile() throws {
    let text = """
      {"rates":[1,3],"durationNanoseconds":1,"dieSides":10,"seed":0,"topology":"links.txt",
       "topologyText":"0 1\\n1 2\\n","delay":"0","workload":"chatter"}
      """
    let error = #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(RunPlan.self, from: Data(text.utf8))
    }
    #expect("\(try #require(error))".contains("line 2: machine 2 is not one of"))
  }
}
