import LogicalTime
import RunRecord
import ScaleModel
import Snapshots
import TestSupport
import Testing

@testable import VirtualTime

/// The snapshot algorithms, with every assumption about channels, against the run's own events.
@Suite("Snapshot algorithms in virtual time")
struct SnapshotAlgorithmTests {
  private static func plan(
    _ algorithm: SnapshotAlgorithm, _ promises: ChannelPromises = ChannelPromises(),
    delay: Delay, seed: UInt64 = 1, topology: TopologyChoice = .complete, machineCount: Int = 4
  ) throws -> RunPlan {
    var plan = try Plans.plan(
      rates: (0..<machineCount).map { 6 + $0 }, seconds: 120, die: 20, seed: seed,
      topology: topology, delay: delay)
    plan.promises = promises
    plan.snapshotAlgorithm = algorithm
    return plan
  }

  private static let every3Seconds = SnapshotSchedule(interval: .seconds(3))
  private static let delays = [
    Delay.none, .constant(.seconds(1)), .exponential(mean: TimeSpan(nanoseconds: 900_000_000)),
  ]

  /// What a complete snapshot has wrong, counted from the events alone.
  private struct Wrong: Equatable {
    var (missed, doubled, orphans) = (0, 0, 0)
  }

  private struct Copy: Hashable {
    let (source, target): (MachineID, MachineID)
    let reading: UInt64
  }

  private static func wrong(
    _ file: SnapshotFile, in run: Runs.Result, _ topology: Topology
  ) -> Wrong {
    var (sent, received): (Set<Copy>, Set<Copy>) = ([], [])
    for state in file.machines {
      let own = run.lines.filter { $0.machine == state.id }.prefix(Int(state.events))
      for line in own {
        switch (line.event.kind, line.event.peer) {
        case (.send, .neighbour(let neighbour)):
          let target = topology.id(of: neighbour, from: state.id)
          sent.insert(Copy(source: state.id, target: target, reading: line.event.messageReading))
        case (.send, .all):
          for target in topology.neighbours(of: state.id) {
            sent.insert(
              Copy(source: state.id, target: target, reading: line.event.messageReading))
          }
        case (.receive, .machine(let source)):
          received.insert(
            Copy(source: source, target: state.id, reading: line.event.messageReading))
        default: break
        }
      }
    }
    var recorded: [Copy] = []
    for machine in file.machines {
      for message in machine.inbox {
        recorded.append(
          Copy(source: message.source ?? 0, target: machine.id, reading: message.message))
      }
    }
    for channel in file.channels {
      for message in channel.messages {
        recorded.append(
          Copy(source: channel.source, target: channel.target, reading: message.message))
      }
    }
    let inTransit = sent.subtracting(received)
    return Wrong(
      missed: inTransit.subtracting(recorded).count,
      doubled: recorded.count { !inTransit.contains($0) } + recorded.count - Set(recorded).count,
      orphans: received.subtracting(sent).count)
  }

  @Test(
    "Lai–Yang and Mattern are exact without order, with any delay, on any topology",
    arguments: [SnapshotAlgorithm.laiYang, .mattern],
    1...(LongTests.areOn ? 3 : 1) as ClosedRange<UInt64>)
  func exactWithoutOrder(algorithm: SnapshotAlgorithm, seed: UInt64) throws {
    var onChannels = 0
    for order in ChannelPromises.Order.allCases {
      for delay in Self.delays {
        let topology = [TopologyChoice.complete, .ring, .star][Int(seed % 3)]
        let plan = try Self.plan(
          algorithm, ChannelPromises(order: order), delay: delay, seed: seed, topology: topology)
        let run = Runs.run(plan, snapshots: Self.every3Seconds)
        let complete = run.snapshots.filter { $0.status == .complete }
        #expect(complete.count >= 5, "\(plan.delay), \(run.snapshots.count) snapshots")
        #expect(run.snapshots.count - complete.count <= 1)
        for file in complete {
          #expect(Self.wrong(file, in: run, plan.topology) == Wrong(), "\(file.id)")
          onChannels += file.channelMessageCount
        }
      }
    }
    #expect(onChannels > 30)
  }

  @Test(
    "Chandy–Lamport is exact in order, and wrong without it",
    arguments: 1...4 as ClosedRange<UInt64>)
  func chandyLamport(seed: UInt64) throws {
    var wrongCount = 0
    for order in ChannelPromises.Order.allCases {
      let plan = try Self.plan(
        .chandyLamport, ChannelPromises(order: order), delay: Self.delays[2], seed: seed)
      let run = Runs.run(plan, snapshots: Self.every3Seconds)
      for file in run.snapshots where file.status == .complete {
        let wrong = Self.wrong(file, in: run, plan.topology)
        if order == .fifo { #expect(wrong == Wrong()) }
        if wrong != Wrong() { wrongCount += 1 }
      }
    }
    #expect(wrongCount > 0)
  }

  @Test("Naive: nothing of channels is recorded; orphans only if moments spread beyond the delay")
  func naive() throws {
    var counts: [Wrong] = []
    for spread in [0, 1, 3] as [Int64] {
      var plan = try Self.plan(.naive, delay: Self.delays[1])
      plan.snapshotSpread = .seconds(spread)
      let run = Runs.run(plan, snapshots: Self.every3Seconds)
      var sum = Wrong()
      #expect(run.snapshots.count { $0.status == .complete } >= 35)
      for file in run.snapshots where file.status == .complete {
        #expect(file.channelMessageCount == 0)
        let wrong = Self.wrong(file, in: run, plan.topology)
        sum.missed += wrong.missed
        sum.doubled += wrong.doubled
        sum.orphans += wrong.orphans
      }
      counts.append(sum)
    }
    #expect(counts.allSatisfy { $0.missed > 0 })
    #expect(counts[0].orphans + counts[0].doubled == 0)
    #expect(counts[1].orphans + counts[1].doubled == 0)
    #expect(counts[2].orphans + counts[2].doubled > 0)
  }

  @Test("Synchronised: orphans only if clocks differ by more than the delay")
  func synchronised() throws {
    for (skew, delay) in [(0, 0), (0, 1), (1, 2), (6, 1)] as [(Int64, Int64)] {
      var plan = try Self.plan(
        .synchronised, delay: delay == 0 ? .none : .constant(.seconds(delay)))
      plan.physicalClocks.skew = .seconds(skew)
      let run = Runs.run(plan, snapshots: Self.every3Seconds)
      #expect(run.snapshots.count { $0.status == .complete } >= 35)
      var early = 0
      for file in run.snapshots where file.status == .complete {
        #expect(file.channelMessageCount == 0)
        let wrong = Self.wrong(file, in: run, plan.topology)
        early += wrong.orphans + wrong.doubled
      }
      #expect((early > 0) == (skew > delay), "\(skew) \(delay)")
      #expect(plan.snapshotClaims.consistentCuts == (skew < delay))
      #expect(!plan.snapshotClaims.exactChannels)
    }
  }

  @Test(
    "The machines' own events are the same with any algorithm, and with none",
    arguments: [Delay.none, .exponential(mean: .seconds(1))])
  func eventsAreTheSame(delay: Delay) throws {
    func events(_ algorithm: SnapshotAlgorithm?) throws -> [EventList.Line] {
      let plan = try Self.plan(
        algorithm ?? .chandyLamport, ChannelPromises(order: .none), delay: delay)
      let run = Runs.run(
        plan, snapshots: algorithm == nil ? SnapshotSchedule() : Self.every3Seconds)
      return run.lines.filter { $0.event.kind != .snapshot }.map { line in
        var event = line.event
        event.round = 0
        return EventList.Line(machine: line.machine, nanoseconds: line.nanoseconds, event: event)
      }
    }
    let without = try events(nil)
    for algorithm in SnapshotAlgorithm.allCases {
      #expect(try events(algorithm) == without, "\(algorithm)")
    }
  }

  @Test("With rounds one snapshot is under way at a time; another is refused by name")
  func oneAtATime() throws {
    let plan = try Self.plan(.mattern, delay: .constant(.seconds(5)))
    var simulation = Simulation(
      plan: plan, workload: Chatter(dieSides: plan.dieSides),
      snapshots: SnapshotSchedule(
        entries: [.init(time: .seconds(5), initiator: 0), .init(time: .seconds(6), initiator: 2)]),
      journal: EventList())
    simulation.advance(to: .never)
    #expect(simulation.snapshotIDs.map(\.description) == ["0-1"])
    #expect(simulation.refusedSnapshots.map(\.reason) == ["snapshot 0-1 is under way"])
  }

  @Test(
    "Mattern's count never ends when messages are lost, and the snapshot is partial",
    arguments: [SnapshotAlgorithm.mattern, .laiYang])
  func loss(algorithm: SnapshotAlgorithm) throws {
    let plan = try Self.plan(algorithm, ChannelPromises(loss: 0.2), delay: Self.delays[1])
    let run = Runs.run(plan, snapshots: Self.every3Seconds)
    let complete = run.snapshots.filter { $0.status == .complete }
    #expect(complete.isEmpty == (algorithm == .mattern))
    for file in complete {
      #expect(Self.wrong(file, in: run, plan.topology).orphans == 0)
    }
  }

  @Test(
    "A killed machine leaves snapshots partial, with the reason",
    arguments: SnapshotAlgorithm.allCases)
  func killed(algorithm: SnapshotAlgorithm) throws {
    let plan = try Self.plan(algorithm, delay: Self.delays[1])
    let run = Runs.run(plan, faults: [.kill(2, at: .seconds(50))], snapshots: Self.every3Seconds)
    #expect(run.snapshots.contains { $0.status == .complete })
    #expect(run.snapshots.contains { $0.reason?.contains("machine 2: died") == true })
    for file in run.snapshots where file.status == .complete {
      let wrong = Self.wrong(file, in: run, plan.topology)
      #expect(wrong == Wrong() || algorithm.asksForRecords)
    }
  }
}
