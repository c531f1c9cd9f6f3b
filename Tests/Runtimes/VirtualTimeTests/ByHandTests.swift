import LogicalTime
import ScaleModel
import Testing

@testable import VirtualTime

/// What people do to simulated runs: messages lost, machines told something.
@Suite("Done by hand in virtual time")
struct ByHandTests {
  private static func bank(seed: UInt64 = 7) throws -> (RunPlan, Bank) {
    var plan = try Plans.plan(
      rates: [10, 10], seconds: 5, seed: seed, delay: .constant(.seconds(1)))
    let bank = Bank(balance: 100, transferProbability: 0)
    plan.workload = .bank(bank)
    return (plan, bank)
  }

  private static func run(
    _ plan: RunPlan, _ bank: Bank, _ faults: [Fault]
  ) -> (balances: [Int64], counts: [FaultCounts], refused: [String], waiting: Int, lost: UInt64) {
    var plan = plan
    plan.faults = faults
    var simulation = Simulation(
      plan: plan, workload: bank, endsWithFirstDeath: false, journal: NoJournal())
    simulation.advance(to: plan.end)
    let summary = simulation.summary
    return (
      plan.topology.machineIDs.map { simulation[$0].workload.balance }, summary.faults,
      simulation.refusedInstructions, simulation.waitingCount, summary.lostOnChannels
    )
  }

  @Test("An instruction takes the machine's next tick; one that it refuses takes none")
  func told() throws {
    let (plan, bank) = try Self.bank()
    let run = Self.run(
      plan, bank,
      [
        .tell(0, ["deposit", "5"], at: .seconds(1)), .tell(1, ["withdraw", "7"], at: .seconds(1)),
        .tell(0, ["withdraw", "1000"], at: .seconds(2)), .tell(0, ["dance"], at: .seconds(2)),
        .tell(0, ["transfer", "1", "30"], at: .seconds(3)),
      ])
    #expect(run.balances == [75, 123] && run.waiting == 0)
    #expect(run.counts.map(\.instructions) == [1, 1, 0, 0, 1])
    #expect(run.refused.count == 2 && run.refused[1].hasPrefix("machine 0 refused 'dance': "))
  }

  @Test("A machine that is paused or dead is told nothing, until it goes on")
  func heldBack() throws {
    let (plan, bank) = try Self.bank()
    let run = Self.run(
      plan, bank,
      [
        .pause(0, from: .seconds(1), until: .seconds(3)), .kill(1, at: .seconds(1)),
        .tell(0, ["deposit", "5"], at: .seconds(2)), .tell(1, ["deposit", "5"], at: .seconds(2)),
      ])
    #expect(run.balances == [105, 100])
    #expect(run.counts.map(\.instructions) == [0, 0, 1, 0])
  }

  @Test("The message that would arrive next is lost, and no other")
  func lost() throws {
    let (plain, bank) = try Self.bank()
    var plan = plain
    plan.promises = ChannelPromises(order: .fifo, loss: 1e-300, duplicate: 0, transport: .tcp)
    let tell = (1...3).map {
      Fault.tell(0, ["transfer", "1", "\($0)"], at: TimeSpan(nanoseconds: Int64($0) * 200_000_000))
    }
    func lose(_ milliseconds: Int64) -> Fault {
      .lose(0, to: 1, at: TimeSpan(nanoseconds: milliseconds * 1_000_000))
    }
    let all = Self.run(plan, bank, tell)
    #expect(all.balances == [94, 106] && all.lost == 0)
    // Nothing is on its way at first, nor from 1 to 0; then the first, at last the third.
    let some = Self.run(
      plan, bank, tell + [lose(100), .lose(1, to: 0, at: .seconds(1)), lose(900), lose(1500)])
    #expect(some.balances == [94, 102] && some.lost == 2 && some.waiting == 0)
    #expect(some.counts.map(\.messagesLost) == [0, 0, 0, 0, 0, 1, 1])
  }
}
