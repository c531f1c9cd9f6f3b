import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import Testing

@testable import VirtualTime

/// Snapshots of simulated runs, checked against the journals.
@Suite("Snapshots in virtual time")
struct SnapshotTests {
  /// A schedule of overlapping snapshots by random machines.
  private static func schedule(seed: UInt64, machineCount: Int) -> SnapshotSchedule {
    var random = SplitMix64(state: seed)
    let entries = (0..<6).map { _ in
      SnapshotSchedule.Entry(
        time: TimeSpan(nanoseconds: Int64(random.draw(below: 4_000_000_000))),
        initiator: MachineID(Int(random.draw(below: UInt64(machineCount)))))
    }
    return SnapshotSchedule(entries: entries)
  }

  /// What each channel carried up to a cut, and how much of it was received.
  private struct Account {
    var sent: [ChannelID: [UInt64]] = [:]
    var receivedCounts: [ChannelID: Int] = [:]

    init(plan: RunPlan, lines: [EventList.Line], cut: SnapshotFile) {
      var lineCounts = [UInt64](repeating: 0, count: plan.machineCount)
      for line in lines {
        lineCounts[line.machine.index] += 1
        guard lineCounts[line.machine.index] <= cut.machines[line.machine.index].events else {
          continue
        }
        switch (line.event.kind, line.event.peer) {
        case (.send, .neighbour(let neighbour)):
          let target = plan.topology.id(of: neighbour, from: line.machine)
          sent[ChannelID(from: line.machine, to: target), default: []].append(
            line.event.reading)
        case (.send, _):
          for target in plan.topology.neighbours(of: line.machine) {
            sent[ChannelID(from: line.machine, to: target), default: []].append(
              line.event.reading)
          }
        case (.receive, .machine(let source)):
          receivedCounts[ChannelID(from: source, to: line.machine), default: 0] += 1
        default: break
        }
      }
    }
  }

  @Test(
    "Inboxes and channels hold exactly what crosses the cut, in order",
    arguments: 0..<60 as Range<UInt64>, MarkerHandling.allCases)
  func cutsAreExact(seed: UInt64, handling: MarkerHandling) throws {
    var (plan, faults) = try Plans.random(seed: seed)
    plan.markerHandling = handling
    let harmless = faults.filter { if case .kill = $0 { false } else { true } }
    let run = Runs.run(
      plan, faults: harmless,
      snapshots: Self.schedule(seed: seed, machineCount: plan.machineCount),
      batchesFrom: seed % 2 == 0 ? 1 << 20 : 1)
    #expect(run.snapshots.count == 6)
    #expect(Set(run.snapshots.map(\.id)).count == 6)
    for cut in run.snapshots where cut.status == .complete {
      let account = Account(plan: plan, lines: run.lines, cut: cut)
      #expect(cut.channels.count == plan.topology.channelCount)
      for state in cut.channels {
        let channel = ChannelID(from: state.source, to: state.target)
        let inbox = cut.machines[channel.target.index].inbox
        let recorded =
          inbox.filter { $0.source == channel.source }.map(\.message)
          + state.messages.map(\.message)
        let received = account.receivedCounts[channel, default: 0]
        let sent = account.sent[channel, default: []]
        try #require(received <= sent.count)
        #expect(recorded == Array(sent[received...]))
      }
    }
  }

  @Test(
    "These cuts include complete ones, and messages on channels", arguments: MarkerHandling.allCases
  )
  func cutsAreNotVacuous(handling: MarkerHandling) throws {
    var completeCount = 0
    var inboxCount = 0
    var channelCount = 0
    for seed in 0..<30 as Range<UInt64> {
      var (plan, _) = try Plans.random(seed: seed)
      plan.markerHandling = handling
      let run = Runs.run(
        plan, snapshots: Self.schedule(seed: seed, machineCount: plan.machineCount))
      let complete = run.snapshots.filter { $0.status == .complete }
      completeCount += complete.count
      inboxCount += complete.reduce(0) { $0 + $1.inboxMessageCount }
      channelCount += complete.reduce(0) { $0 + $1.channelMessageCount }
    }
    #expect(completeCount > (handling == .arrival ? 150 : 80))
    #expect(handling == .arrival ? inboxCount > 100 : inboxCount == 0)
    #expect(channelCount > 50)
  }

  @Test(
    "Snapshots do not change what the machines do",
    arguments: 0..<30 as Range<UInt64>, MarkerHandling.allCases)
  func runsAreTheSame(seed: UInt64, handling: MarkerHandling) throws {
    var (plan, faults) = try Plans.random(seed: seed)
    plan.markerHandling = handling
    let without = Runs.run(plan, faults: faults)
    let with = Runs.run(
      plan, faults: faults,
      snapshots: Self.schedule(seed: seed, machineCount: plan.machineCount))
    #expect(with.lines.filter { $0.event.kind != .snapshot } == without.lines)
    #expect(with.summary.digest == without.summary.digest)
  }

  @Test("A marker that waits for its tick takes as long as the messages in front of it")
  func markersWait() throws {
    var plan = try Plans.plan(
      rates: [1, 6], seconds: 300, delay: .constant(TimeSpan(nanoseconds: 250_000_000)))
    plan.markerHandling = .tick
    let run = Runs.run(plan, snapshots: SnapshotSchedule(interval: .seconds(40)))
    let complete = run.snapshots.filter { $0.status == .complete }
    #expect(complete.count >= 3)
    for cut in complete where cut.id.initiator == 0 {
      // Machine 1 answers within its period; what waits at machine 0 then is what it caught, and
      // what it received since.
      let latency = TimeSpan(nanoseconds: cut.completedTimeNs - cut.requestedTimeNs)
      let caught = cut.channels.filter { $0.target == 0 }.reduce(0) { $0 + $1.messages.count }
      #expect(abs(latency.seconds - Double(caught)) <= 2, "\(cut.id): \(latency), \(caught)")
    }
    #expect(complete.contains { $0.channelMessageCount > 10 })
  }

  @Test("Without any delay a snapshot takes no time, however many machines it reaches")
  func snapshotIsInstant() throws {
    let plan = try Plans.plan(
      rates: Array(repeating: 2, count: 3000), seconds: 2, topology: .ring)
    let run = Runs.run(
      plan,
      snapshots: SnapshotSchedule(entries: [
        .init(time: TimeSpan(nanoseconds: 700_000_000), initiator: 1500)
      ]))
    let snapshot = try #require(run.snapshots.first)
    #expect(snapshot.status == .complete)
    #expect(snapshot.requestedTimeNs == 700_000_000)
    #expect(snapshot.completedTimeNs == 700_000_000)
    #expect(snapshot.machines.count == 3000)
    #expect(snapshot.machines.allSatisfy { $0.tick == 1 })
  }

  @Test("A machine that dies makes snapshots partial, and they still end")
  func deathMakesPartial() throws {
    let plan = try Plans.plan(
      rates: [3, 3, 3, 3], seconds: 10, delay: .constant(.seconds(1)))
    let schedule = SnapshotSchedule(entries: [
      .init(time: .seconds(1), initiator: 0), .init(time: .seconds(4), initiator: 0),
      .init(time: .seconds(6), initiator: 0), .init(time: .seconds(7), initiator: 2),
    ])
    let run = Runs.run(
      plan, faults: [.kill(2, at: TimeSpan(nanoseconds: 4_500_000_000))], snapshots: schedule)
    #expect(run.snapshotIDs.map { "\($0)" } == ["0-1", "0-2", "0-3"])
    #expect(run.snapshots.map { "\($0.id)" } == ["0-1", "0-2", "0-3"])
    #expect(run.snapshots.map(\.status) == [.complete, .partial, .partial])
    for snapshot in run.snapshots.dropFirst() {
      #expect(snapshot.reason?.contains("machine 2: died before recording") == true)
      #expect(snapshot.machines.map(\.id) == [0, 1, 3])
    }
  }

  @Test("A snapshot under way at the run's end is partial for that reason")
  func endOfRunMakesPartial() throws {
    let plan = try Plans.plan(
      rates: [3, 3], seconds: 10, delay: .constant(.seconds(2)))
    let run = Runs.run(
      plan, snapshots: SnapshotSchedule(entries: [.init(time: .seconds(9), initiator: 1)]))
    #expect(run.snapshots.map(\.status) == [.partial])
    #expect(run.snapshots[0].reason?.contains("run ended") == true)
    #expect(run.snapshots[0].machines.map(\.id) == [1])
  }
}
