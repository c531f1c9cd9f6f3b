import LogicalTime
import RunRecord
import ScaleModel
import Testing

@testable import Analysis

/// What laws predict of snapshots whose channels promise less; the shares are of two independent
/// simulations.
@Suite("The laws of wrong and of complete snapshots")
struct WrongMessageLawTests {
  private static func plan(
    machineCount: Int, rate: Int = 100, sendsPerSecond: Double, delay: Delay,
    _ promises: ChannelPromises
  ) -> Manifest.Plan {
    // p/(1 + p) of all ticks are sends.
    let share = sendsPerSecond / Double(rate)
    var plan = RunPlan(
      rates: Array(repeating: rate, count: machineCount), duration: .seconds(60), dieSides: 10,
      seed: 1, topologyChoice: .complete, topology: Topology(completeWith: machineCount),
      delay: delay,
      workload: .bank(Bank(balance: 1000, transferProbability: share / (1 - share))))
    plan.promises = promises
    return Manifest(plan: plan, runtime: "virtual", version: "1", journal: true, host: nil).plan
  }

  @Test(
    "Exponential delays of mean θ: N(N−1)·μ·θ wrong messages, and the share of snapshots with any",
    arguments: [
      (2, 0.05, 0.0944), (3, 0.05, 0.257), (3, 0.2, 0.688), (5, 0.2, 0.979),
    ])
  func exponential(machineCount: Int, perChannel: Double, share: Double) throws {
    let law = try #require(
      WrongMessageLaw(
        Self.plan(
          machineCount: machineCount, sendsPerSecond: perChannel * Double(machineCount - 1),
          delay: .exponential(mean: .seconds(1)), ChannelPromises(order: .none))))
    let channelCount = Double(machineCount * (machineCount - 1))
    #expect(abs(law.mean - channelCount * perChannel) < 1e-9)
    #expect(abs(law.share - share) < 0.0016, "\(law.share)")
  }

  @Test("Uniform and constant delays")
  func others() throws {
    let promises = ChannelPromises(order: .none)
    let uniform = try #require(
      WrongMessageLaw(
        Self.plan(
          machineCount: 2, sendsPerSecond: 0.3, delay: .uniform(.seconds(1), .seconds(2)),
          promises)))
    #expect(abs(uniform.mean - 0.2) < 1e-9)
    // Few wrong messages: nearly each is in a snapshot of its own, and never more than the mean.
    #expect(0.17...0.2 ~= uniform.share)
    let constant = try #require(
      WrongMessageLaw(
        Self.plan(
          machineCount: 2, sendsPerSecond: 0.3, delay: .constant(.seconds(1)), promises)))
    #expect(constant.mean == 0 && constant.share == 0)
  }

  @Test("A share of (1 − p)^(N(N−1)) is complete", arguments: [(2, 0.1, 0.81), (4, 0.5, 0x1p-12)])
  func complete(machineCount: Int, loss: Double, share: Double) throws {
    let plan = Self.plan(
      machineCount: machineCount, sendsPerSecond: 1, delay: .none, ChannelPromises(loss: loss))
    #expect(abs(try #require(CompleteLaw.share(plan)) - share) < 1e-12)
    #expect(WrongMessageLaw(plan) == nil)
    let reliable = Self.plan(
      machineCount: machineCount, sendsPerSecond: 1, delay: .none, ChannelPromises())
    #expect(CompleteLaw.share(reliable) == nil)
  }
}
