import LogicalTime
import ScaleModel
import Snapshots
import Testing

@testable import VirtualTime

/// Whole runs against the definition, against the rules, and against each other.
@Suite("Simulation")
struct SimulationTests {
  @Test("Random plans with faults run as the definition says", arguments: 0..<60 as Range<UInt64>)
  func matchesDefinition(seed: UInt64) throws {
    let (plan, faults) = try Plans.random(seed: seed)
    let run = Runs.run(plan, faults: faults)
    var naive = NaiveSimulation(plan: plan, faults: faults)
    naive.run()
    #expect(run.lines == naive.lines)
    #expect(run.inboxes == naive.inboxes)
    #expect(run.ending == .finished)
  }

  @Test("Batched arrivals change nothing", arguments: 200..<240 as Range<UInt64>)
  func batchesDoNotShow(seed: UInt64) throws {
    var (plan, _) = try Plans.random(seed: seed)
    plan.delay = .none
    let schedule = SnapshotSchedule(interval: TimeSpan(nanoseconds: 1_300_000_000))
    let single = Runs.run(plan, snapshots: schedule)
    let batched = Runs.run(
      plan, snapshots: schedule, batchesFrom: 0, slice: .milliseconds(700))
    #expect(batched.lines == single.lines)
    #expect(batched.inboxes == single.inboxes)
    #expect(batched.snapshots == single.snapshots)
  }

  @Test("Channels lose, duplicate and reorder nothing", arguments: 100..<160 as Range<UInt64>)
  func channelsAreReliable(seed: UInt64) throws {
    let (plan, faults) = try Plans.random(seed: seed)
    let run = Runs.run(plan, faults: faults)
    var sent: [ChannelID: [UInt64]] = [:]
    var received: [ChannelID: [UInt64]] = [:]
    for line in run.lines {
      let event = line.event
      switch (event.kind, event.peer) {
      case (.send, .neighbour(let neighbour)):
        let target = plan.topology.id(of: neighbour, from: line.machine)
        sent[ChannelID(from: line.machine, to: target), default: []].append(event.reading)
      case (.send, _):
        for target in plan.topology.neighbours(of: line.machine) {
          sent[ChannelID(from: line.machine, to: target), default: []].append(event.reading)
        }
      case (.receive, .machine(let source)):
        let channel = ChannelID(from: source, to: line.machine)
        received[channel, default: []].append(event.messageReading)
      default: break
      }
    }
    for (channel, readings) in received {
      #expect(readings.elementsEqual(sent[channel, default: []].prefix(readings.count)))
    }
    let sentCount = sent.values.reduce(0) { $0 + $1.count }
    let receivedCount = received.values.reduce(0) { $0 + $1.count }
    let summary = run.summary
    #expect(summary.sentCount == UInt64(sentCount))
    #expect(
      sentCount == receivedCount + summary.waitingInInboxes + summary.waitingOnChannels
        + Int(summary.lostCount))
  }

  @Test(
    "Without faults each machine carries out every tick, on time",
    arguments: [
      Delay.none, .constant(TimeSpan(nanoseconds: 1)), .exponential(mean: .seconds(1)),
    ])
  func ticksOnTime(delay: Delay) throws {
    var plan = try Plans.plan(rates: [1, 3, 6, 7], seconds: 10.5, delay: delay)
    plan.phases = delay == .none ? .aligned : .random
    let run = Runs.run(plan)
    for machine in plan.topology.machineIDs {
      let own = run.lines.filter { $0.machine == machine }
      #expect(own.map(\.event.tick) == Array(1...plan.tickCount(of: machine)))
      #expect(
        own.map(\.nanoseconds)
          == own.map { plan.due(tick: $0.event.tick, of: machine).nanoseconds })
    }
  }

  @Test("Reading a run's progress often or seldom changes nothing")
  func slicesDoNotMatter() throws {
    let (plan, faults) = try Plans.random(seed: 4711)
    let whole = Runs.run(plan, faults: faults)
    for slice in [1_000_000, 333_333_333, 1_000_000_000] as [Int64] {
      let sliced = Runs.run(plan, faults: faults, slice: TimeSpan(nanoseconds: slice))
      #expect(sliced.lines == whole.lines)
      #expect(sliced.summary == whole.summary)
    }
  }

  @Test("Delays of zero, one nanosecond and one tick change which messages are received when")
  func delaysDelay() throws {
    let plans = try ["0", "1ns", "1s"].map {
      try Plans.plan(rates: [1, 6], seconds: 30, delay: Delay($0) ?? .none)
    }
    let runs = plans.map { Runs.run($0) }
    #expect(runs[0].summary.digest != runs[1].summary.digest)
    #expect(runs[1].summary.digest != runs[2].summary.digest)
    #expect(runs[2].summary.waitingOnChannels > 0)
  }

  @Test("Too many waiting messages end the run with a reason")
  func waitingHasLimit() throws {
    let plan = try Plans.plan(rates: [1, 20, 20], seconds: 600)
    let run = Runs.run(plan, waitingCountMax: 1000)
    guard case .failed(let reason) = run.ending else {
      Issue.record("the run went on with \(run.summary.waitingInInboxes) messages")
      return
    }
    #expect(reason.hasPrefix("more than 1000 messages waited at "))
    #expect(run.summary.waitingInInboxes > 1000)
    #expect(run.summary.waitingInInboxes <= 1002)
    #expect(run.summary.reached < plan.end)
    #expect(run.lines.last?.nanoseconds == run.summary.reached.nanoseconds)
  }

  @Test("A journal that cannot be written ends the run")
  func journalFailureEndsRun() throws {
    let plan = try Plans.plan(rates: [1, 3, 6])
    var simulation = Simulation(
      plan: plan, workload: Chatter(dieSides: 10), journal: EventList(lineCountMax: 7))
    simulation.advance(to: .never)
    #expect(simulation.ending == .failed(reason: "the journals cannot be written"))
    #expect(simulation.journal.lines.count == 7)
  }

  @Test("An interrupted run keeps what happened")
  func interruptionEndsRun() throws {
    let plan = try Plans.plan(rates: [1, 3, 6])
    var simulation = Simulation(
      plan: plan, workload: Chatter(dieSides: 10), journal: EventList())
    simulation.advance(to: 2_000_000_000)
    simulation.interrupt()
    simulation.advance(to: .never)
    #expect(simulation.ending == .interrupted)
    #expect(simulation.journal.lines.count == 20)
    #expect(simulation.summary.reached == 2_000_000_000)
  }
}
