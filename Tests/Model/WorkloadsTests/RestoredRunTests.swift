import LogicalTime
import ScaleModel
import Snapshots
import TestSupport
import Testing
import Workloads

@testable import RunRecord
@testable import VirtualTime

/// Runs in virtual time that go on from a snapshot of another run.
@Suite("Restored runs in virtual time")
struct RestoredRunTests {
  /// Keeps every event in words, the lines of snapshots aside.
  private struct Words: SimulationJournal {
    var hasFailed: Bool { false }
    var lines: [(machine: MachineID, event: Event, words: String)] = []

    mutating func append<Work: Workload>(
      _ event: Event, of machine: MachineID, at time: RunTime,
      payload: Work.Payload?, workload: Work, fields: WorkloadFields<Work>
    ) {
      if event.kind == .snapshot { return }
      let message = payload.map { fields.values(of: $0) } ?? []
      let state = fields.values(of: workload)
      lines.append((machine, event, "\(time.nanoseconds) \(machine) \(event) \(message) \(state)"))
    }
  }

  private static func plan(
    seed: UInt64, delay: Delay = .none, workload: RunPlan.WorkloadChoice = .chatter
  ) -> RunPlan {
    RunPlan(
      rates: [2, 3, 6, 1 + Int(seed % 7)], duration: .seconds(40), dieSides: 6, seed: seed,
      topologyChoice: .complete, topology: Topology(completeWith: 4), delay: delay,
      workload: workload)
  }

  /// Runs a plan with a snapshot by machine 0, and returns its events and that snapshot.
  private static func cutRun<Work: Workload>(
    _ plan: RunPlan, _ work: Work, at time: TimeSpan
  ) throws -> (lines: [String], cut: SnapshotFile) {
    var run = Simulation(
      plan: plan, workload: work,
      snapshots: SnapshotSchedule(entries: [.init(time: time, initiator: 0)]), journal: Words())
    run.advance(to: plan.end)
    let cut = try #require(run.takeSettledSnapshots().first)
    return (run.journal.lines.map(\.words), cut)
  }

  private static func money(in cut: SnapshotFile) -> Int64 {
    let balances = cut.machines.map { $0.fields["balance"].integer ?? 0 }
    let messages = cut.machines.flatMap(\.inbox) + cut.channels.flatMap(\.messages)
    return (balances + messages.map { $0.fields["amount"].integer ?? 0 }).reduce(0, +)
  }

  private static func restored<Work: Workload>(
    _ plan: RunPlan, _ work: Work, _ cut: SnapshotFile
  ) throws -> Simulation<Work, Words> {
    let point = try RestorePoint(cut, path: "s", plan: plan, workload: work)
    return Simulation(plan: plan, workload: work, from: point, journal: Words())
  }

  @Test(
    "With no delay it has the events of the run that was never cut",
    arguments: ShippedWorkloads.all.map { $0.name },
    1...(LongTests.areOn ? 20 : 5) as ClosedRange<UInt64>)
  func goesOn(name: String, seed: UInt64) throws {
    let topology = Topology(completeWith: 4)
    let catalog = try WorkloadCatalog(ShippedWorkloads.all)
    let choice = try catalog.choice(named: name, options: [:], topology: topology)
    let work = try catalog.workload(of: choice, topology: topology)
    let plan = Self.plan(seed: seed, workload: .named(choice))
    let time = TimeSpan(nanoseconds: 1_300_000_000 * Int64(seed))
    let (lines, cut) = try Self.cutRun(plan, work, at: time)
    var run = try Self.restored(plan, work, cut)
    run.advance(to: plan.end)
    let countBefore = cut.machines.reduce(0) { $0 + Int($1.tick) }
    #expect(countBefore > 0 && countBefore < lines.count)
    #expect(run.journal.lines.map(\.words) == Array(lines[countBefore...]))
  }

  @Test(
    "Its snapshots are those of the run that was never cut, ids and all",
    arguments: 1...20 as ClosedRange<UInt64>)
  func takesSnapshots(seed: UInt64) throws {
    let topology = Topology(completeWith: 4)
    let catalog = try WorkloadCatalog(ShippedWorkloads.all)
    let choice = try catalog.choice(named: "mutex-lamport", options: [:], topology: topology)
    let work = try catalog.workload(of: choice, topology: topology)
    let plan = Self.plan(seed: seed, workload: .named(choice))
    let schedule = SnapshotSchedule(interval: .seconds(3))
    var whole = Simulation(plan: plan, workload: work, snapshots: schedule, journal: Words())
    whole.advance(to: plan.end)
    let cuts = whole.takeSettledSnapshots()
    let index = Int(seed) % (cuts.count - 1)
    let point = try RestorePoint(
      cuts[index], path: "s", plan: plan, workload: work, earlier: cuts[..<index].map(\.id))
    var run = Simulation(
      plan: plan, workload: work, from: point, snapshots: schedule, journal: Words())
    run.advance(to: plan.end)
    let later = run.takeSettledSnapshots()
    #expect(!later.isEmpty && later == Array(cuts[(index + 1)...]))
  }

  @Test("A message from no machine of the plan is refused, in an inbox and on a channel")
  func strangers() throws {
    let bank = Bank(balance: 100, transferProbability: 0.4)
    let delay = try #require(Delay("400ms"))
    let plan = Self.plan(seed: 3, delay: delay, workload: .bank(bank))
    let cut = try Self.cutRun(plan, bank, at: .seconds(10)).cut
    var message = try #require(cut.channels.flatMap(\.messages).first)
    message.source = 9
    var damaged = cut
    damaged.machines[0].inbox = [message]
    #expect(throws: RunRecordError.self) {
      try RestorePoint(damaged, path: "s", plan: plan, workload: bank)
    }
  }

  @Test(
    "With a delay every message of the cut is received once and in order, and money is exact",
    arguments: ["0", "400ms", "10ms...900ms", "~300ms"], 1...10 as ClosedRange<UInt64>)
  func keepsMessages(delay: String, seed: UInt64) throws {
    let bank = Bank(balance: 100, transferProbability: 0.4)
    let plan = Self.plan(seed: seed, delay: try #require(Delay(delay)), workload: .bank(bank))
    let cut = try Self.cutRun(plan, bank, at: .seconds(10)).cut
    var run = try Self.restored(plan, bank, cut)
    run.advance(to: 20_000_000_000)
    run.beginSnapshot(at: 1)
    run.advance(to: plan.end)
    let later = try #require(run.takeSettledSnapshots().first)
    #expect(later.status == .complete)
    #expect(Self.money(in: cut) == 400 && Self.money(in: later) == 400)
    for channel in cut.channels {
      let inbox = cut.machines[channel.target.index].inbox.filter { $0.source == channel.source }
      let crossing = (inbox + channel.messages).map(\.message)
      let received = run.journal.lines.filter {
        $0.machine == channel.target && $0.event.kind == .receive
          && $0.event.peer == .machine(channel.source)
      }.map(\.event.messageReading)
      #expect(Array(received.prefix(crossing.count)) == Array(crossing.prefix(received.count)))
      #expect(zip(received, received.dropFirst()).allSatisfy { $0 < $1 })
    }
    for (id, machine) in zip(plan.topology.machineIDs, cut.machines) {
      let ticks = run.journal.lines.filter { $0.machine == id }.map(\.event.tick)
      #expect(ticks == Array(machine.tick + 1...40 * UInt64(plan.rates[id.index])))
    }
  }

  @Test("A snapshot that no run of the plan can have is refused, and its key is named")
  func refuses() throws {
    let bank = Bank(balance: 100, transferProbability: 0.9)
    let plan = Self.plan(seed: 3, delay: .constant(.seconds(2)), workload: .bank(bank))
    let cut = try Self.cutRun(plan, bank, at: .seconds(10)).cut
    let full = try #require(cut.channels.firstIndex { !$0.messages.isEmpty })
    let changes: [(key: String, change: (inout SnapshotFile) -> Void)] = [
      ("id", { $0.id = SnapshotID(initiator: 9, number: 1) }),
      ("id", { $0.id = SnapshotID(initiator: 0, number: .max) }),
      ("status", { $0.status = .partial }),
      ("machines", { $0.machines.removeLast() }),
      ("machines", { $0.machines[1] = $0.machines[0] }),
      ("machines[1]", { $0.machines[1].tick = .max }),
      ("machines[1].tick", { $0.machines[1].past() }),
      ("machines[1]", { $0.machines[1].clock = .max }),
      ("machines[2].phase", { $0.machines[2].fields["phase"] = .text("inside") }),
      ("machines[2].random", { $0.machines[2].random = "-1" }),
      ("machines[2].owed[0].to", { $0.machines[2].owed = [.owing(to: 4)] }),
      ("machines[2].state", { $0.machines[2].state = "?" }),
      ("channels", { $0.channels.removeLast() }),
      ("channels[1]", { $0.channels[1] = $0.channels[0] }),
      ("channels[0]", { $0.channels[0].target = 9 }),
      ("machines", { $0.channels[full].messages.append($0.channels[full].messages[0]) }),
      ("machines", { $0.channels[full].messages[0].message = 1 << 61 }),
      ("machines[2]", { $0.machines[2].fields["balance"] = .text("much") }),
    ]
    for (key, change) in changes {
      var file = cut
      change(&file)
      do {
        _ = try Self.restored(plan, bank, file)
        Issue.record("\(key) was not refused")
      } catch RunRecordError.malformed(_, _, let column, _) {
        #expect(column == key)
      }
    }
  }
}

extension SnapshotFile.Machine {
  /// Puts it behind the end of every run here.
  fileprivate mutating func past() { (tick, clock, events) = (1 << 61, 1 << 61, 1 << 61) }
}

extension SnapshotFile.Owed {
  /// A transfer of 1 to a machine.
  fileprivate static func owing(to machine: Int64) -> Self {
    var fields = NamedValues()
    fields["amount"] = .integer(1)
    return Self(send: Fields(fields: fields), to: .integer(machine))
  }
}
