import LogicalTime
import ScaleModel
import Snapshots
import TestSupport
import Testing

/// Systems too large to exhaust: random channels, random schedules, the same checker.
@Suite("Random schedules")
struct RandomScheduleTests {
  /// How many schedules each of the blocks below runs.
  private static let blockSize: UInt64 = 1250

  @Test(
    "Random schedules of 4 to 12 machines end with exact snapshots",
    arguments: 0..<(LongTests.areOn ? 8 : 1) as Range<UInt64>)
  func schedules(block: UInt64) {
    var totals = CheckResult()
    for seed in (block * Self.blockSize)..<((block + 1) * Self.blockSize) {
      var random = SplitMix64(state: seed)
      let scenario = Self.scenario(seed: seed, &random)
      var world = ModelWorld(scenario)
      while case let actions = world.possibleActions, !actions.isEmpty {
        world.perform(actions[Int(random.draw(below: UInt64(actions.count)))])
      }
      let result = SnapshotChecker.check(world)
      #expect(result.violated.isEmpty, "seed \(seed)")
      totals.add(result)
    }
    print(
      """
      chance, block \(block): \(Self.blockSize) schedules, \(totals.completeCount) of \
      \(totals.snapshotCount) snapshots complete, \(totals.nonEmptyChannelCount) channels with \
      messages, \(totals.orderedPairCount) pairs one after the other
      """)
    #expect(totals.nonEmptyChannelCount > 0 && totals.orderedPairCount > 0)
    #expect(totals.completeCount > 0 && totals.completeCount < totals.snapshotCount)
  }

  /// A ring through all machines in a random order makes it strongly connected; channels beyond
  /// that are drawn, and so is everything that happens.
  private static func scenario(seed: UInt64, _ random: inout SplitMix64) -> ModelScenario {
    let count = 4 + min(random.draw(below: 9), random.draw(below: 9))
    let machines = (0..<Int(count)).map { MachineID($0) }
    let order = machines.shuffled(using: &random)
    var channels = zip(order, order.dropFirst() + order.prefix(1))
      .map { ChannelID(from: $0, to: $1) }
    for _ in 0..<random.draw(below: count) {
      let channel = ChannelID(from: draw(machines, &random), to: draw(machines, &random))
      if channel.source != channel.target && !channels.contains(channel) {
        channels.append(channel)
      }
    }
    let payments = (0..<random.draw(below: 16)).map { _ in
      let channel = draw(channels, &random)
      return (channel.source, channel.target, 1 + Int(random.draw(below: 40)))
    }
    let initiators = (0...random.draw(below: 3)).map { _ in draw(machines, &random) }
    let isClosing = random.draw(below: 4) == 0
    let closing = isClosing ? [channels[0], draw(channels, &random)] : []
    return ModelScenario(
      "seed \(seed)", machineCount: machines.count, channels: channels,
      balances: machines.map { _ in Int(random.draw(below: 60)) }, payments: payments,
      initiators: initiators, closing: closing)
  }

  private static func draw<Element>(_ elements: [Element], _ random: inout SplitMix64) -> Element {
    elements[Int(random.draw(below: UInt64(elements.count)))]
  }
}
