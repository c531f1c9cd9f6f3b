import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import Testing

@testable import VirtualTime

/// A bank's total stays constant: summed up from the lines as they come, and from every snapshot.
@Suite("The bank in virtual time")
struct BankTests {
  /// A random plan, run as a bank, with six overlapping snapshots.
  private struct Run {
    let plan: RunPlan
    let lines: [EventList.Line]
    let snapshots: [SnapshotFile]
    var totalMoney: Int64 { plan.totalMoney ?? 0 }

    init(seed: UInt64, hasFaults: Bool, probability: Double = 0.5) throws {
      var (plan, faults) = try Plans.random(seed: seed)
      let account = Bank(balance: 1000, transferProbability: probability)
      plan.workload = .bank(account)
      plan.faults = hasFaults ? faults : []
      self.plan = plan
      var random = SplitMix64(state: seed)
      let entries = (0..<6).map { _ in
        SnapshotSchedule.Entry(
          time: TimeSpan(nanoseconds: Int64(random.draw(below: 4_000_000_000))),
          initiator: MachineID(Int(random.draw(below: UInt64(plan.machineCount)))))
      }
      var simulation = Simulation(
        plan: plan, workload: account,
        snapshots: SnapshotSchedule(entries: entries), endsWithFirstDeath: false,
        journal: EventList(), batchesFrom: seed.isMultiple(of: 2) ? 0 : .max)
      simulation.advance(to: .never)
      lines = simulation.journal.lines
      snapshots = simulation.takeSettledSnapshots()
    }
  }

  @Test(
    "Balances and money on its way add up at every event, and no balance is negative",
    arguments: 0..<80 as Range<UInt64>)
  func conservation(seed: UInt64) throws {
    let run = try Run(seed: seed, hasFaults: true)
    var balances = Array(repeating: Int64(1000), count: run.plan.machineCount)
    var amounts: [ChannelID: [Int64]] = [:]
    var moneyOnItsWay: Int64 = 0
    for line in run.lines {
      let balance = try #require(line.state.first?.integer)
      #expect(balance >= 0)
      balances[line.machine.index] = balance
      switch line.event.peer {
      case .neighbour(let neighbour):
        let amount = try #require(line.message.first?.integer)
        let target = run.plan.topology.id(of: neighbour, from: line.machine)
        amounts[ChannelID(from: line.machine, to: target), default: []].append(amount)
        moneyOnItsWay += amount
      case .machine(let source) where line.event.kind == .receive:
        let channel = ChannelID(from: source, to: line.machine)
        let amount = amounts[channel]?.removeFirst()
        #expect(line.message == [.integer(amount ?? -1)])
        moneyOnItsWay -= amount ?? 0
      default:
        #expect(line.message.isEmpty)
      }
      try #require(balances.reduce(0, +) + moneyOnItsWay == run.totalMoney)
    }
  }

  @Test("Every complete snapshot finds all the money", arguments: 0..<80 as Range<UInt64>)
  func snapshots(seed: UInt64) throws {
    let run = try Run(seed: seed, hasFaults: true)
    for snapshot in run.snapshots {
      let money = ConservedSums(snapshot, of: .shipped)
      if snapshot.status == .complete {
        #expect(money?.total == run.totalMoney)
      } else if !snapshot.machines.isEmpty {
        #expect(try #require(money).total <= run.totalMoney)
      }
    }
  }

  @Test("These runs include transfers, waiting money, and money on channels")
  func notVacuous() throws {
    let runs = try (0..<40 as Range<UInt64>).map { try Run(seed: $0, hasFaults: true) }
    let complete = runs.flatMap(\.snapshots).filter { $0.status == .complete }
    let money = complete.compactMap { ConservedSums($0, of: .shipped) }
    #expect(complete.count > 100)
    #expect(money.count { $0.inInboxes > 0 } > 30)
    #expect(money.count { $0.onChannels > 0 } > 30)
    #expect(runs.flatMap(\.lines).count { $0.event.kind == .receive } > 1500)
  }

  @Test("Transfers are reported in order of time as they happen, and match the journals")
  func told() throws {
    var plan = try Plans.plan(rates: [5, 9, 2], seconds: 5, delay: try #require(Delay("~100ms")))
    plan.workload = .bank(Bank(balance: 50, transferProbability: 0.5))
    let told = Told()
    _ = try VirtualRun(plan: plan).carryOut(journalsIn: nil, tell: { told.events.append($0) })
    #expect(told.events.count > 20)
    #expect(told.events.map(\.systemTime) == told.events.map(\.systemTime).sorted())
    var balances: [Int64] = [50, 50, 50]
    for transfer in told.events {
      let amount = try #require(transfer.message.first?.integer)
      balances[transfer.machine.index] += transfer.kind == .receive ? amount : -amount
      #expect(transfer.state == [.integer(balances[transfer.machine.index])])
    }
    let first = try #require(told.events.first)
    let (peer, amount) = (try #require(first.peer), try #require(first.message.first?.integer))
    #expect(
      first.words(plan.workload.fields)
        == "machine \(first.machine) sent amount \(amount) to machine \(peer): "
        + "balance \(50 - amount)")
  }

  @Test("For chatter every tick is reported, and reporting changes nothing")
  func toldChatter() throws {
    let plan = try Plans.plan(rates: [5, 9, 2], seconds: 5, delay: try #require(Delay("~100ms")))
    let told = Told()
    let outcome = try VirtualRun(plan: plan).carryOut(
      journalsIn: nil, tell: { told.events.append($0) })
    #expect(outcome.summary == (try VirtualRun(plan: plan).carryOut(journalsIn: nil).summary))
    #expect(told.events.count == Int(outcome.summary.tickCount))
    #expect(told.events.map(\.systemTime) == told.events.map(\.systemTime).sorted())
    for (machine, end) in zip(plan.topology.machineIDs, outcome.summary.machines) {
      #expect(told.events.last { $0.machine == machine }?.reading == end.clock)
    }
    #expect(told.events.contains { $0.kind == .send && $0.peer == nil })
    #expect(told.events.contains { $0.kind == .receive && $0.messageReading > 0 })
  }

  private final class Told {
    var events: [ToldEvent] = []
  }
}
