import LogicalTime
import Snapshots
import TestSupport
import Testing

/// Every order of sends, deliveries, initiations and closings, in small systems.
@Suite("Proof by exhaustion")
struct ExhaustionTests {
  @Test("Every interleaving, walked one by one, ends with exact snapshots")
  func everyRun() async {
    let scenarios = Self.small + (LongTests.areOn ? Self.smallButLong : [])
    let explorers = await explore(scenarios, .everyRun)
    let total = explorers.reduce(0) { $0 + $1.interleavingCount }
    #expect(total > (LongTests.areOn ? 100_000 : 45_000))
    for (scenario, explorer) in zip(scenarios, explorers) {
      #expect(explorer.violationCounts.isEmpty, "\(scenario.name)")
      #expect(UInt64(explorer.checkedCount) == explorer.interleavingCount)
      // The walk by states claims to count the same runs without walking each.
      let byStates = Explorer(scenario, .everyState)
      #expect(byStates.interleavingCount == explorer.interleavingCount, "\(scenario.name)")
    }
    expectNotVacuous(explorers)
  }

  @Test("Every state of larger systems, at the end of millions of interleavings", .long)
  func everyState() async {
    let explorers = await explore(Self.large, .everyState)
    for (scenario, explorer) in zip(Self.large, explorers) {
      #expect(explorer.violationCounts.isEmpty, "\(scenario.name)")
    }
    expectNotVacuous(explorers)
  }

  @Test("With a machine out of the initiator's reach, no snapshot is ever complete")
  func outOfReach() {
    let scenario = ModelScenario(
      "3 machines, line 0→1→2", machineCount: 3, channels: ModelScenario.line(3),
      payments: [(0, 1, 10), (1, 2, 10), (1, 2, 10)], initiators: [1])
    var explorer = Explorer(scenario)
    #expect(explorer.violationCounts.isEmpty)
    #expect(explorer.totals.snapshotCount > 0 && explorer.totals.completeCount == 0)
    // The same line from its beginning: everything is within reach, and complete.
    explorer = Explorer(
      ModelScenario(
        "3 machines, line 0→1→2, from 0", machineCount: 3, channels: ModelScenario.line(3),
        payments: [(0, 1, 10), (1, 2, 10)], initiators: [0]))
    #expect(explorer.violationCounts.isEmpty)
    #expect(explorer.totals.completeCount == explorer.totals.snapshotCount)
  }

  /// 13: some cuts went through messages, some snapshots overlapped and some did not, some could
  /// not be completed.
  private func expectNotVacuous(_ explorers: [Explorer]) {
    var totals = CheckResult()
    for explorer in explorers { totals.add(explorer.totals) }
    #expect(totals.nonEmptyChannelCount > 0)
    #expect(totals.orderedPairCount > 0)
    #expect(totals.completeCount > 0 && totals.completeCount < totals.snapshotCount)
  }

  /// Explores several scenarios at once, and prints what was seen.
  private func explore(
    _ scenarios: [ModelScenario], _ mode: Explorer.Mode
  ) async -> [Explorer] {
    let begin = ContinuousClock.now
    let explorers = await withTaskGroup(of: (Int, Explorer).self) { group in
      for (index, scenario) in scenarios.enumerated() {
        group.addTask { (index, Explorer(scenario, mode)) }
      }
      return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
    for (scenario, explorer) in zip(scenarios, explorers) {
      print("exhaustion, \(scenario.name): \(explorer.summary)")
    }
    let total = explorers.reduce(0) { $0 + $1.interleavingCount }
    print("exhaustion, all of these: \(total) interleavings in \(ContinuousClock.now - begin)")
    return explorers
  }

  // MARK: Scenarios

  /// Walked run by run.
  static let small = [
    ModelScenario(
      "2 machines, 4 messages", machineCount: 2, channels: ModelScenario.complete(2),
      payments: [(0, 1, 10), (1, 0, 10), (0, 1, 10), (1, 0, 10)], initiators: [0]),
    ModelScenario(
      "2 machines, 4 messages, three from 1", machineCount: 2,
      channels: ModelScenario.complete(2),
      payments: [(0, 1, 10), (1, 0, 10), (1, 0, 10), (1, 0, 10)], initiators: [0]),
    ModelScenario(
      "2 machines, 2 messages, 2 snapshots of one initiator", machineCount: 2,
      channels: ModelScenario.complete(2), payments: [(0, 1, 10), (1, 0, 10)],
      initiators: [0, 0]),
    ModelScenario(
      "2 machines, 3 messages, 0→1 closes", machineCount: 2,
      channels: ModelScenario.complete(2), payments: [(0, 1, 10), (0, 1, 10), (1, 0, 10)],
      initiators: [1], closing: [ChannelID(from: 0, to: 1)]),
    ModelScenario(
      "3 machines, one-way ring, 3 messages", machineCount: 3,
      channels: ModelScenario.oneWayRing(3),
      payments: [(0, 1, 10), (1, 2, 10), (2, 0, 10)], initiators: [0]),
    ModelScenario(
      "3 machines, one-way ring, 1 message, 2 initiators", machineCount: 3,
      channels: ModelScenario.oneWayRing(3), payments: [(2, 0, 10)], initiators: [0, 1]),
    ModelScenario(
      "3 machines, one-way ring, 2 messages, 0→1 closes", machineCount: 3,
      channels: ModelScenario.oneWayRing(3), payments: [(0, 1, 10), (1, 2, 10)],
      initiators: [1], closing: [ChannelID(from: 0, to: 1)]),
    ModelScenario(
      "3 machines, complete, 1 message", machineCount: 3, channels: ModelScenario.complete(3),
      payments: [(0, 1, 10)], initiators: [1]),
    ModelScenario(
      "3 machines, complete, no message, 0→1 closes", machineCount: 3,
      channels: ModelScenario.complete(3), payments: [], initiators: [1],
      closing: [ChannelID(from: 0, to: 1)]),
  ]

  /// Walked state by state.
  static let large = [
    ModelScenario(
      "2 machines, 4 messages, 2 initiators", machineCount: 2,
      channels: ModelScenario.complete(2),
      payments: [(0, 1, 10), (1, 0, 10), (0, 1, 10), (1, 0, 10)], initiators: [0, 1]),
    ModelScenario(
      "3 machines, one-way ring, 4 messages, 2 initiators", machineCount: 3,
      channels: ModelScenario.oneWayRing(3),
      payments: [(0, 1, 10), (1, 2, 10), (2, 0, 10), (0, 1, 10)], initiators: [0, 1]),
    ModelScenario(
      "3 machines, complete, 3 messages", machineCount: 3, channels: ModelScenario.complete(3),
      payments: [(0, 1, 10), (1, 2, 10), (2, 0, 10)], initiators: [1]),
    ModelScenario(
      "3 machines, complete, no message, 2 initiators", machineCount: 3,
      channels: ModelScenario.complete(3), payments: [], initiators: [0, 1]),
    ModelScenario(
      "3 machines, complete, 2 messages, 2→0 closes", machineCount: 3,
      channels: ModelScenario.complete(3), payments: [(2, 0, 10), (1, 2, 10)], initiators: [1],
      closing: [ChannelID(from: 2, to: 0)]),
    ModelScenario(
      "4 machines, ring both ways, 2 messages", machineCount: 4,
      channels: ModelScenario.ring(4), payments: [(0, 1, 10), (1, 2, 10)], initiators: [0]),
    ModelScenario(
      "3 machines, complete, 4 messages", machineCount: 3, channels: ModelScenario.complete(3),
      payments: [(0, 1, 10), (1, 2, 10), (2, 0, 10), (0, 2, 10)], initiators: [1]),
    ModelScenario(
      "3 machines, complete, 1 message, 2 initiators", machineCount: 3,
      channels: ModelScenario.complete(3), payments: [(0, 1, 10)], initiators: [0, 1]),
  ]

  /// Walked run by run, in tens of seconds.
  static let smallButLong = [
    ModelScenario(
      "2 machines, 3 messages, 2 initiators", machineCount: 2,
      channels: ModelScenario.complete(2),
      payments: [(0, 1, 10), (1, 0, 10), (0, 1, 10)], initiators: [0, 1])
  ]
}

extension Explorer {
  /// What was walked and seen, in a line.
  var summary: String {
    "\(interleavingCount) interleavings, \(checkedCount) checked, "
      + "\(totals.completeCount) of \(totals.snapshotCount) snapshots complete, "
      + "\(totals.nonEmptyChannelCount) channels with messages"
  }
}
