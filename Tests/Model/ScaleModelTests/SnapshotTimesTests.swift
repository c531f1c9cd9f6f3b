import LogicalTime
import ScaleModel
import Snapshots
import Testing

/// What a plan says of its snapshots: when one is given up, and how long one takes.
@Suite("Times of snapshots")
struct SnapshotTimesTests {
  private static func plan(_ topology: String, _ count: Int, delay: String) throws -> RunPlan {
    let choice = try #require(TopologyChoice(word: topology))
    return RunPlan(
      rates: Array(repeating: 1, count: count), duration: .seconds(60), dieSides: 10, seed: 3,
      topologyChoice: choice, topology: try choice.topology(machineCount: count, seed: 3),
      delay: try #require(Delay(delay)), workload: .chatter)
  }

  @Test(
    "The time-out is (eccentricity + 1) times the longest delay and 10 s",
    arguments: [
      ("complete", 3, "0", 0, 10_000_000_000), ("complete", 2, "5s", 1, 20_000_000_000),
      ("complete", 3, "5s", 0, 20_000_000_000), ("complete", 100, "1ms...2s", 7, 14_000_000_000),
      ("line", 5, "1s", 0, 15_000_000_000), ("line", 5, "1s", 2, 13_000_000_000),
      ("ring", 6, "1s", 4, 14_000_000_000), ("star", 9, "2s", 0, 14_000_000_000),
      ("star", 9, "2s", 5, 16_000_000_000), ("grid:3x4", 12, "500ms", 0, 13_000_000_000),
      // Six channels: ln 6 + 10 = 11.791759 means, twice.
      ("complete", 3, "~1s", 1, 33_583_518_938),
      ("complete", 3, "~300000000s", 1, TimeSpan.forever.nanoseconds),
      ("line", 5, "36500d", 0, TimeSpan.forever.nanoseconds),
    ])
  func timeout(
    topology: String, count: Int, delay: String, initiator: Int, nanoseconds: Int64
  ) throws {
    let plan = try Self.plan(topology, count, delay: delay)
    let timeout = plan.snapshotTimeout(by: MachineID(initiator)).nanoseconds
    #expect(abs(timeout - nanoseconds) <= 2, "\(timeout)")
  }

  @Test("What holds machines and messages is added, a century at most, and overflows nothing")
  func held() throws {
    var plan = try Self.plan("complete", 3, delay: "0")
    plan.markerHandling = .tick
    plan.faults = [try #require(Fault(pause: "1s...3s@0")), try #require(Fault(kill: "9s@1"))]
    #expect(plan.snapshotTimeout(by: 0) == .seconds(72))
    plan.faults = try ["0s...9000000000s@0", "1s...9000000000s@1"].map {
      try #require(Fault(partition: $0))
    }
    #expect(plan.snapshotTimeout(by: 0) == .forever)
  }

  @Test(
    "The estimate is what markers take there and back",
    arguments: [
      ("complete", 3, "0", 0, 0), ("complete", 3, "5s", 0, 10_000_000_000),
      ("line", 5, "1s", 0, 5_000_000_000), ("line", 5, "1s", 2, 3_000_000_000),
      ("complete", 3, "1s...3s", 0, 5_000_000_000),
    ])
  func estimate(
    topology: String, count: Int, delay: String, initiator: Int, nanoseconds: Int64
  ) throws {
    let plan = try Self.plan(topology, count, delay: delay)
    #expect(plan.snapshotEstimate(by: MachineID(initiator)).nanoseconds == nanoseconds)
  }

  @Test("An exponential delay's estimate lies between its mean and its time-out")
  func exponential() throws {
    for count in 2...40 {
      let plan = try Self.plan("complete", count, delay: "~1s")
      let estimate = plan.snapshotEstimate(by: 0)
      #expect(.seconds(1) < estimate && estimate < plan.snapshotTimeout(by: 0))
    }
  }

  @Test("Machines out of reach do not count")
  func outOfReach() throws {
    let topology = try Topology(
      machineCount: 4,
      channels: [ChannelID(from: 0, to: 1), ChannelID(from: 1, to: 2), ChannelID(from: 2, to: 0)])
    #expect((0..<4).map { topology.eccentricity(of: MachineID($0)) } == [2, 2, 2, 0])
    #expect(Topology(completeWith: 1).eccentricity(of: 0) == 0)
  }
}
